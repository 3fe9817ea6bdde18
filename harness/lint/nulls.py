"""What null models score is stored beside the suite, and scored on it as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.lint.findings import Remark
from harness.scorers.verdict import SCORER_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.lint.views import CaseView
    from harness.suite import Suite


class StoredNulls:
    """The suite's `nulls.json` is there and of this version of the suite."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite

    def case(self, _: CaseView) -> Iterable[Remark]:
        """Nothing: it is about the suite."""
        return ()

    def end(self) -> Iterator[Remark]:
        """Whether the file is there, and whether it fits."""
        nulls = self._suite.nulls
        if nulls is None:
            message = "what null models score is not known, and no run's summary can tell it; run: harness nulls SUITE"
            yield Remark("", "", message, severity="warning")
        elif not nulls.fits(self._suite.digest, SCORER_VERSION):
            yield Remark("", "", "nulls.json is of another version of the suite; run: harness nulls SUITE")
