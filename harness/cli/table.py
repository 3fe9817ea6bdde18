"""`harness table`: several stages of one model side by side."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.cli.pages import put, write
from harness.comparison import has_variants, stages, variants
from harness.errors import UsageError
from harness.report.stages import stages_view
from harness.report.variants import variant_notes, variant_tables, variants_view
from harness.runner import load_results

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from harness.baseline import Results
    from harness.comparison import Stages, Variants


def execute(arguments: argparse.Namespace) -> int:
    """Prints the tables, or writes them."""
    named = stages_named(arguments.stages, arguments.folder)
    varied = [(name, variants(results)) for name, results in named if has_variants(results)]
    if len(named) == 1:
        if not varied:
            raise UsageError(
                "a stage table needs two stages or more: harness table base=RUN sft=RUN; "
                "one run alone has a table where it is of a suite that `harness stress` made"
            )
        view, plain = variants_view(named[0][1], varied[0][1]), {}
    else:
        found = stages(named)
        view, plain = stages_view(found, only=arguments.only, full=arguments.full), _plain(found)
        if varied and (not arguments.only or "variants" in arguments.only):
            tables, notes = (*view.tables, *variant_tables(varied)), (*view.notes, *variant_notes(varied))
            view = view._replace(tables=tables, notes=notes)
    put(view, arguments.format, arguments.out)
    if arguments.json:
        plain["variants"] = {name: _plain_variants(one) for name, one in varied}
        write(arguments.json, jsonvalue.dump_line(plain).decode())
    return 0


def stages_named(words: Sequence[str], folder: Path) -> list[tuple[str, Results]]:
    """The stages as they are asked for: NAME=RUN, or a run alone, whose model then names it.

    Raises:
        UsageError: a word is no stage, or two have one name.
        NotComparableError, InputError: as of `load_results`.
    """
    found = []
    for word in words:
        name, equals, run = word.partition("=")
        if not equals or Path(word).exists():
            results = load_results(word, folder)
            found.append((results.identity.model, results))
        elif name and run:
            found.append((name, load_results(run, folder)))
        else:
            raise UsageError(f"{word!r} is no stage: NAME=RUN, or a run or baseline alone")
    twice = [name for name, count in Counter(name for name, _ in found).items() if count > 1]
    if twice:
        raise UsageError(f"several stages are called {', '.join(twice)}: give each a name of its own, as NAME=RUN")
    return found


def _plain_variants(found: Variants) -> dict[str, object]:
    rates = ("unchanged", "worst", "unchanged_cases", "worst_cases")
    return {
        "changes": [{**one._asdict(), "accuracy": one.accuracy.model_dump()} for one in found.changes],
        **{name: getattr(found, name).model_dump() for name in rates},
        "added": found.added,
    }


def _plain(found: Stages) -> dict[str, object]:
    return {
        "mode": found.mode,
        "shared": found.shared,
        "stages": [
            {
                "name": stage.name,
                "run": stage.results.name,
                "model": stage.results.identity.model,
                "scored": stage.metrics.scored,
                "errored": stage.metrics.errored,
                "unshared": stage.unshared,
                "repeated": stage.repeated,
                "metrics": {name: rate.model_dump() for name, rate in stage.metrics.metrics.items()},
                "trials": stage.trials and stage.trials._asdict(),
            }
            for stage in found.stages
        ],
        "against_first": [
            {
                "name": other.name,
                "differing": [one._asdict() for one in other.differing],
                "metrics": [one.model_dump() for one in other.changes],
            }
            for other in found.against
        ],
        "steps": [{**step._asdict(), "flows": [flow._asdict() for flow in step.flows]} for step in found.steps],
    }
