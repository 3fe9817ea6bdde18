"""Pictures of what a run, or several stages, came to: figures in, HTML with inline SVG out.

Each picture is one `<figure class="picture NAME">`: a caption, a key, and one or more `<svg role="img">`, each about
380 units wide, so that they stand side by side on a wide page and under each other on a narrow one, at the same text
size. An SVG has a `<title>`, and a `<desc>` that tells every figure in it. There are no style attributes, no scripts,
no fonts from elsewhere: colours come from `pictures.css`, which stands beside this folder and goes behind the page's
own style. Where there is nothing to draw a picture is "".

What is returned is a `Drawn`, a `str` with `__html__`: jinja2 takes it for markup without a filter. Names of models,
tags and changes are hostile input and escaped here. Words carry `data-word="picture_..."`; names and figures do not.

All of a page's pictures one behind the other, for a `<div class="pictures">` around them:

    pictures_of([("sft", results)])                            # one run
    pictures_of([("base", first), ("sft", second)], found)     # stages; `found` from `comparison.stages`
    pictures_of(named, gaps=[("sft", gap)])                    # where both histories were run
    pictures_of(named, rollouts=[("sft", rollout_metrics)])    # rollouts alone

No rate is computed here: the adapters (`curve_of`, `heat_of`, ...) take what `metrics` and `comparison` made.
"""

from harness.report.html.pictures.depth import depth
from harness.report.html.pictures.figures import (
    Cell,
    Curve,
    Heat,
    Mix,
    Point,
    Repeats,
    curve_of,
    curve_of_rollouts,
    curves_of_gap,
    heat_of,
    mix_of,
    repeats_of,
)
from harness.report.html.pictures.gallery import pictures_of
from harness.report.html.pictures.heat import heat
from harness.report.html.pictures.noise import noise
from harness.report.html.pictures.outcomes import outcomes
from harness.report.html.pictures.svg import Drawn
from harness.report.html.pictures.variants import variants

__all__ = [
    "Cell",
    "Curve",
    "Drawn",
    "Heat",
    "Mix",
    "Point",
    "Repeats",
    "curve_of",
    "curve_of_rollouts",
    "curves_of_gap",
    "depth",
    "heat",
    "heat_of",
    "mix_of",
    "noise",
    "outcomes",
    "pictures_of",
    "repeats_of",
    "variants",
]
