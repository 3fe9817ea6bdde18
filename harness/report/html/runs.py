"""The transcripts of one finished run, decision by decision (of rollouts: turn by turn), read from its log as asked for."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.exporters.material import Material, Source, is_wrong, reference_answers
from harness.judging import Judge
from harness.report.html.source import source
from harness.report.html.told import Told, answer, chosen, expectation
from harness.runlog import DecisionRow, RolloutRow, RowReader, suite_of
from harness.runner import Replay
from harness.suite import ExpectTurn
from harness.wire import RequestWriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from harness.baseline import Entry
    from harness.records import Score, ToolSpec
    from harness.runlog import Identity, Key, PlayedCall, RunLog, Step
    from harness.runner import JudgedTurn
    from harness.suite import Case, Decision, Suite


class Asked(NamedTuple):
    """What was asked, the same for every stage that holds it."""

    case: Case
    depth: int
    messages: Sequence[dict[str, Any]]
    """The history; of a turn the system text and what its user says."""
    tools: Sequence[ToolSpec]
    value: dict[str, Any]
    """What a page tells of it, tools and history aside."""

    @property
    def snippet(self) -> str:
        """The last that the user said."""
        said = (message["content"] for message in reversed(self.messages) if message["role"] == "user")
        return str(next(said, ""))


class Done(NamedTuple):
    """What one stage did."""

    value: dict[str, Any]
    scores: Sequence[Score]
    """Of a turn one for each step."""


class Transcripts(AbstractContextManager["Transcripts"], ABC):
    """A run's log, open."""

    def __init__(self, log: RunLog, suite: Suite) -> None:
        """Rows are read when they are asked for; `suite` is the log's own."""
        self._urls = log.base_urls
        self._answers = reference_answers(suite)
        self._source = Source(str(log.path), suite, log.header.identity.model, log.header.identity.mode)
        self._cases = {case.id: case for case in suite.cases}
        self._judge = Judge()
        self._rows = RowReader(log)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.close()

    def request(self, identity: Identity) -> dict[str, Any]:
        """The body of each request, but for what it asks: messages and tools; the seed is that of the first trial.

        Which template arguments turned the model's thinking on or off, the log says by the requests' digest alone.
        """
        thinking, sampling = identity.thinking, identity.sampling.model_dump()
        fixed = {"model": identity.model, **sampling, "n": 1, "stream": False, "return_token_ids": True}
        first = next(iter(self._rows.keys), None) if thinking is not None else None
        if thinking is None or first is None:
            return fixed
        decision, asked = self._began(first)
        for name in _THINKING:
            writer = RequestWriter(identity.model, sampling, {name: thinking})
            body = writer.body(decision.messages, decision.tools, first[2])
            if hashlib.sha256(body).hexdigest() == asked.request_digest:
                return {**fixed, "chat_template_kwargs": {name: thinking}}
        return fixed

    @abstractmethod
    def _began(self, key: Key) -> tuple[Decision, DecisionRow | Step]:
        """What a row's first request was about, and what it came to."""

    @abstractmethod
    def asked(self, entry: Entry, *, wrong: bool) -> Asked:
        """What was asked at a decision (in a turn); where a stage did `wrong`, with what would have been right."""

    @abstractmethod
    def done(self, entry: Entry) -> Done:
        """What the model did there."""

    @abstractmethod
    def history(self, case: str) -> Sequence[dict[str, Any]]:
        """The longest scripted history of a case: that of each of its decisions begins it."""

    def _material(self, decision: Decision, trial: int, step: DecisionRow | Step) -> Material:
        answer_text = self._answers.get(decision.key)
        return Material(self._source, decision, answer_text, trial, step.response, step.score)

    def _answer(self, decision: Decision, trial: int, step: DecisionRow | Step) -> dict[str, Any]:
        told = Told(self._material(decision, trial, step), step.usage, step.timing, self._url(step.url))
        return answer(told, self._judge.toolset(decision.tools))

    def _url(self, index: int) -> str:
        return self._urls[index] if index < len(self._urls) else ""


_THINKING = ("enable_thinking", "thinking")
"""What chat templates call their switch."""


class ScriptedRun(Transcripts):
    """A run with the scripted history."""

    def __init__(self, log: RunLog, suite: Suite) -> None:
        super().__init__(log, suite)
        self._decisions = {decision.key: decision for decision in self._source.suite.decisions}
        self._last = {case: decision for (case, _), decision in self._decisions.items()}

    def _began(self, key: Key) -> tuple[Decision, DecisionRow | Step]:
        row = self._rows.row(key)
        assert isinstance(row, DecisionRow), "the log is of decisions"
        return self._decisions[row.case, row.index], row

    def asked(self, entry: Entry, *, wrong: bool) -> Asked:
        """What was asked at a decision."""
        decision = self._decisions[entry.case, entry.index]
        case = self._cases[entry.case]
        value = {"expect": expectation(decision.expect), "cut": _cut(case, entry.index)}
        if wrong:
            value |= chosen(Material(self._source, decision, self._answers.get(decision.key)))
        return Asked(case, decision.depth, decision.messages, decision.tools, value)

    def done(self, entry: Entry) -> Done:
        """What the model did there."""
        row = self._rows.row(entry.key)
        assert isinstance(row, DecisionRow), "the log is of decisions"
        decision = self._decisions[entry.case, entry.index]
        return Done(self._answer(decision, entry.trial, row), [row.score])

    def history(self, case: str) -> Sequence[dict[str, Any]]:
        """The history of the last decision of a case."""
        return self._last[case].messages


class PlayedRun(Transcripts):
    """A run of rollouts: an entry is a user turn, its index the turn's depth."""

    def __init__(self, log: RunLog, suite: Suite) -> None:
        super().__init__(log, suite)
        self._replay = Replay(self._source.suite)
        self._latest: tuple[tuple[str, int], RolloutRow, dict[int, JudgedTurn]] | None = None

    def _began(self, key: Key) -> tuple[Decision, DecisionRow | Step]:
        row = self._rows.row(key)
        assert isinstance(row, RolloutRow), "the log is of rollouts"
        return self._replay.script(row.case).turns[0].decisions[0], row.steps[0]

    def asked(self, entry: Entry, *, wrong: bool) -> Asked:  # noqa: ARG002 - each step of a turn says what was right
        """What the script says in a turn, and expects."""
        script = self._replay.script(entry.case)
        turn = next(turn for turn in script.turns if turn.depth == entry.index)
        messages = [] if script.system is None else [{"role": "system", "content": script.system}]
        messages += [{"role": "user", "content": text} for text in turn.users]
        case = self._cases[entry.case]
        value = {
            "expect": [expectation(decision.expect) for decision in turn.decisions],
            "cut": _cut(case, turn.decisions[-1].index),
        }
        return Asked(case, turn.depth, messages, turn.decisions[0].tools, value)

    def done(self, entry: Entry) -> Done:
        """How the turn was played; of a case that an error ended, the error."""
        row, turns = self._played(entry)
        steps = [step for step in row.steps if step.turn == entry.index]
        if entry.index not in turns:
            error = row.fault.message if row.fault is not None else ""
            return Done({"error": error, "state": "errored", "messages": [], "steps": []}, [])
        turn = turns[entry.index]
        told = []
        for judged, step in zip(turn.steps, steps, strict=True):
            one = self._answer(judged.decision, entry.trial, step)
            if is_wrong(step.score):
                one |= chosen(self._material(judged.decision, entry.trial, step))
            expected = expectation(judged.decision.expect)
            told.append({**one, "index": step.index, "expect": expected, **_played(step.messages, step.played)})
        first = list(turn.steps[0].decision.messages)
        users = len(turn.script.users)
        value = {"ended": turn.row.ended, "messages": first[: len(first) - users], "steps": told}
        return Done(value, [step.score for step in steps])

    def history(self, case: str) -> Sequence[dict[str, Any]]:
        """None of it is scripted but what the users say."""
        script = self._replay.script(case)
        return [] if script.system is None else [{"role": "system", "content": script.system}]

    def _played(self, entry: Entry) -> tuple[RolloutRow, dict[int, JudgedTurn]]:
        """A case as it was played; the turns of one are asked for one after another."""
        key = entry.case, entry.trial
        if self._latest is None or self._latest[0] != key:
            row = self._rows.row((entry.case, 0, entry.trial))
            assert isinstance(row, RolloutRow), "the log is of rollouts"
            turns = {} if row.fault is not None else {turn.row.turn: turn for turn in self._replay.turns(row)}
            self._latest = key, row, turns
        return self._latest[1:]


def _played(messages: Sequence[dict[str, Any]], played: Sequence[PlayedCall]) -> dict[str, Any]:
    """What a step added to the history, and how its calls were answered."""
    return {
        "carried": messages[0] if messages else None,
        "results": list(messages[1:]),
        "played": [{"source": call.source, "decision": call.decision, "error": call.error} for call in played],
    }


def _cut(case: Case, index: int) -> int:
    """How many turns of a case there are up to a decision, its own included."""
    places = [place for place, turn in enumerate(case.turns, start=1) if isinstance(turn, ExpectTurn)]
    return places[index]


def transcripts_of(log: RunLog, suite: Suite | None = None) -> Transcripts:
    """The transcripts of a finished run; its suite is rebuilt from the log where it is not at hand."""
    kind = PlayedRun if log.header.identity.mode == "rollout" else ScriptedRun
    return kind(log, suite or suite_of(log))


def case_value(case: Case, history: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A case as a page holds it, once for all of its decisions."""
    return {"system": case.system, "messages": list(history), "tags": dict(case.tags), "source": source(case)}
