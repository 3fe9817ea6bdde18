"""Cases of a parametrised test that the quick gate leaves to `make test`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _pytest.mark import ParameterSet


def slow(cases: Iterable[Any]) -> list[ParameterSet]:
    """The cases, marked `slow`; one of several arguments is a tuple."""
    return [pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow) for case in cases]
