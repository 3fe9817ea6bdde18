"""What the linter finds, and what a rule is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.lint.views import CaseView
    from harness.suite import Suite

Severity: TypeAlias = Literal["error", "warning", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")
"""The gravest first; only errors fail a suite."""


class Remark(NamedTuple):
    """What a rule says of a place in a case; `path` is a JSON pointer into the case."""

    case: str
    path: str
    message: str
    decision: int | None = None
    """Index of the decision that it is about; None: the case as a whole."""
    severity: Severity | None = None
    """Where it is less grave here than the rule's own."""


class Finding(NamedTuple):
    """A remark with the rule that makes it, and where the case stands."""

    rule: str
    severity: Severity
    case: str
    decision: int | None
    path: str
    message: str
    file: str = ""
    """Empty where the suite comes from no file."""
    line: int = 0
    """Where the case begins, from 1."""
    reason: str | None = None
    """Why the case silences it; None: it does not."""


class Check(Protocol):
    """A rule at work on one suite: it is shown every case once, then the suite is over."""

    def case(self, view: CaseView) -> Iterable[Remark]:
        """What it finds in one case."""

    def end(self) -> Iterable[Remark]:
        """What it finds when it has seen all cases."""


class EachCase:
    """A check that looks at every case by itself."""

    def __init__(self, find: Callable[[CaseView], Iterable[Remark]]) -> None:
        self._find = find

    def case(self, view: CaseView) -> Iterable[Remark]:
        """What it finds in one case."""
        return self._find(view)

    def end(self) -> Iterable[Remark]:
        """Nothing more."""
        return ()


class Rule(NamedTuple):
    """One rule of the linter."""

    name: str
    severity: Severity
    what: str
    """What must hold, in a few words."""
    start: Callable[[Suite], Check]
    """Begins with a suite."""


def each_case(find: Callable[[CaseView], Iterable[Remark]]) -> Callable[[Suite], Check]:
    """A rule's beginning, where it looks at every case by itself."""
    return lambda _: EachCase(find)
