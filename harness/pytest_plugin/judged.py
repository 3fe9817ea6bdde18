"""A suite judged by a run, for its items: the verdicts of each case, what to say of them, and the thresholds."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from functools import cached_property
from io import StringIO
from typing import TYPE_CHECKING

from harness.baseline import FOLDER
from harness.comparison import alone, diff, gate, refused, verdicts
from harness.errors import NotComparableError
from harness.report.gates import check_words, gate_view, look_commands
from harness.report.terminal import console, print_view
from harness.report.transcripts import case_texts
from harness.runner import digests_of
from harness.visible import unbroken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from harness.baseline import Entry, Results
    from harness.comparison import GateResult, State, Verdict
    from harness.suite import Policy, Suite

_WORDS: dict[State, str] = {
    "right": "right",
    "fixed": "fixed",
    "known": "wrong as before",
    "broken": "BROKEN",
    "wrong": "WRONG",
    "errored": "no verdict",
}
_NAMED = 3


class JudgedSuite:
    """What a run says of a suite as it stands on disk."""

    def __init__(
        self, suite: Suite, run: Results, baseline: Results | None, policy: Policy | None, folder: Path
    ) -> None:
        """`folder` is where baselines are."""
        self.suite = suite
        self.run = run
        self.baseline = baseline
        self.partial = ""
        """Why the run is not of the whole suite, where that is meant to be."""
        self._policy = policy
        self._folder = folder
        self._digests = digests_of(suite, run.identity.mode)

    @cached_property
    def _verdicts(self) -> dict[str, list[Verdict]]:
        return verdicts(self.run, self.baseline)

    @cached_property
    def _indices(self) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for case, index in self._digests:
            found[case].append(index)
        return found

    def verdicts(self, case: str) -> list[Verdict]:
        """Those of one case.

        Raises:
            NotComparableError: the run does not hold the case as it stands in the suite.
        """
        found = self._verdicts.get(case, [])
        if not found:
            raise NotComparableError(f"{self.run.name} does not hold this case: run the suite again")
        held = {one.entries[0].index: one.entries[0].digest for one in found}
        if held != {index: self._digests[case, index] for index in self._indices[case]}:
            raise NotComparableError(f"the case was changed after {self.run.name} was made: run the suite again")
        return found

    def lines(self, found: Sequence[Verdict]) -> str:
        """A line for each decision: its outcome, before and now."""
        unit = self.run.unit.removesuffix("s")
        return "\n".join(
            f"{unit} {one.entries[0].index}: {_WORDS[one.state]:<15} {_change(one)}{_spoken(one)}" for one in found
        )

    def reason(self, found: Sequence[Verdict]) -> str:
        """What the baseline failed, in one line."""
        assert self.baseline is not None
        failed = [one for one in found if one.state in ("known", "fixed")]
        counts = Counter(_outcomes(one.before) for one in failed)
        told = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
        return f"{self.baseline.name} fails {len(failed)} of {len(found)} {self.run.unit}: {told}"

    def errors_of(self, found: Sequence[Verdict]) -> str:
        """What to say of decisions that met an error."""
        errored = [one.entries[0].index for one in found if one.state == "errored"]
        told = f"{len(errored)} of {len(found)} {self.run.unit} met an error ({', '.join(map(str, errored))})"
        return f"{told}\n{self._texts_of(found[0].entries[0].case)}"

    def report(self, case: str, found: Sequence[Verdict]) -> str:
        """Everything about a case that failed: its decisions, the transcript of those that are wrong, what to do."""
        worst = _worst(found)
        states = " or ".join(dict.fromkeys(_WORDS[one.state].lower() for one in worst))
        parts = [f"{len(worst)} of {len(found)} {self.run.unit} {states}: {_places(worst)}", self.lines(found)]
        parts += [self._texts_of(case).rstrip()]
        commands = [f"  {what:<12} {unbroken(command)}" for what, command in self._commands(case, found)]
        return "\n\n".join([*parts, *(["\n".join(commands)] if commands else [])])

    def thresholds(self) -> tuple[bool, str]:
        """Whether a bound is missed, and everything about it."""
        result = self._gate()
        if result.found is None:
            lines = [f"{check.state:<7} {check_words(check, result)}" for check in result.checks]
            return result.exit_code != 0, "\n".join(lines) or "no threshold is set"
        commands = list(look_commands(result, self.run.name, result.baseline, self._elsewhere))
        with StringIO() as text:
            print_view(
                gate_view(result, "the policy given" if self._policy else "the suite's own", commands), console(text)
            )
            return result.exit_code != 0, text.getvalue().rstrip()

    def accept(self) -> str | None:
        """The command that makes this run the baseline; None where it cannot become one, or comes to the same."""
        if self.run.log is None or self.partial or self.baseline is None or self.baseline.log is not None:
            return None
        if all(one.state in ("right", "known") for found in self._verdicts.values() for one in found):
            return None  # it says nothing new
        where = ["--folder", str(self._folder)] if self._elsewhere else []
        words = ["harness", "baseline", "save", self.run.name, "--name", self.baseline.name, "--replace", *where]
        return shlex.join(words)

    @property
    def _elsewhere(self) -> Path | None:
        return self._folder if self._folder != FOLDER else None

    def _gate(self) -> GateResult:
        if self.run.identity.suite_digest != self.suite.digest:
            told = "the suite was changed after this run was made: run it again"
            return refused(self.run.name, self.baseline.name if self.baseline else "", told, self._policy)
        if self.baseline is None:
            return alone(self.run, self._policy or self.suite.gate)
        try:
            return gate(diff(self.baseline, self.run), self._policy or self.suite.gate)
        except NotComparableError as error:
            return refused(self.run.name, self.baseline.name, str(error), self._policy)

    @cached_property
    def _texts(self) -> dict[str, str]:
        """Of every case that is not right, the transcript of what is wrong: read once for all items."""
        if self.run.log is None:
            return {}
        worst = [one for found in self._verdicts.values() for one in _worst(found)]
        return case_texts(self.run.log, [entry for one in worst for entry in one.entries if not entry.right])

    def _texts_of(self, case: str) -> str:
        return self._texts.get(case, "") or "(a baseline holds no transcripts)"

    def _commands(self, case: str, found: Sequence[Verdict]) -> Iterator[tuple[str, str]]:
        if self.run.log is not None:
            yield "transcript", shlex.join(["harness", "show", self.run.name, case])
        if (accept := self.accept()) and any(one.state in ("broken", "wrong") for one in found):
            yield "if intended", accept


def _places(found: Sequence[Verdict]) -> str:
    """Where decisions are and what happened to them; of many the first."""
    told = [f"{one.entries[0].index} {_change(one)}" for one in found[:_NAMED]]
    return ", ".join([*told, *(["…"] if len(found) > _NAMED else [])])


def _worst(found: Sequence[Verdict]) -> list[Verdict]:
    """What makes a case fail: decisions that are worse than before, else those that are wrong as before."""
    worse = [one for one in found if one.state in ("broken", "wrong", "errored")]
    return worse or [one for one in found if one.state == "known"]


def _outcomes(entries: Sequence[Entry]) -> str:
    return "/".join(dict.fromkeys(entry.outcome for entry in entries))


def _change(one: Verdict) -> str:
    now, before = _outcomes(one.entries), _outcomes(one.before)
    return now if before in ("", now) else f"{before} → {now}"


def _spoken(one: Verdict) -> str:
    """How many of several trials are right; what was violated or invented."""
    parts = []
    if len(one.entries) > 1:
        parts.append(f"right in {sum(entry.right for entry in one.entries)} of {len(one.entries)} trials")
    parts += sorted({code for entry in one.entries for code in entry.codes})
    parts += ["invented a result"] if any(entry.fabricated for entry in one.entries) else []
    return f" ({', '.join(parts)})" if parts else ""
