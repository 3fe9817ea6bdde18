"""A shipped suite with one gold value spoilt at a time: the linter tells nearly all of them from what was told."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

from harness.lint.places import leniency, scalars
from harness.lint.told import implied
from harness.lint.views import views
from harness.suite import load_suite

TRIAGE = Path(__file__).parents[2] / "suites" / "soc_triage"


def spoilt(text):
    noise = 1 + zlib.crc32(text.encode()) % 8
    other = re.sub(r"\d", lambda digit: str((int(digit[0]) + noise) % 10), text)
    return other if other != text else f"{text[:-1]}{'y' if text[-1] == 'x' else 'x'}"


def test_spoilt_texts_stand_nowhere():
    right, caught, made = 0, 0, 0
    for view in views(load_suite(TRIAGE)):
        for point in view.points:
            for call in point.calls:
                for place in scalars(call.arguments, point.toolset.node(call.name)):
                    strict = not leniency(call, place.path).free and not implied(place.value, place.node)
                    if strict and isinstance(place.value, str):
                        made += 1
                        right += point.told.standing(place.value, place.name) == "told"
                        caught += point.told.standing(spoilt(place.value), place.name) == "nowhere"
    assert made > 200
    assert right == made
    assert caught >= 0.95 * made
