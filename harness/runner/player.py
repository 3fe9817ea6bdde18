"""The tools of a rollout: calls that the model makes are answered from the case's script."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harness import jsonvalue
from harness.runlog import PlayedCall
from harness.scorers.calls import best_pairs, compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from harness.dialects import Call
    from harness.records import Expectation, ExpectedCall, ToolSpec
    from harness.runlog import CallSource
    from harness.scorers.channels import MessageCall
    from harness.suite import Decision, ScriptTurn
    from harness.toolschema import Toolset


class Answered(NamedTuple):
    """What a call was taken for, and what its tool returns; nothing where the script ends with it."""

    played: PlayedCall
    observation: str | None


class _Scripted(NamedTuple):
    """A call of the script that has been made or passed by, and what it returned."""

    decision: Decision
    call: ExpectedCall
    observation: str


class _Slots:
    """The calls that a decision expects and that are still to be made, by their number."""

    def __init__(self, decision: Decision, observations: Sequence[str]) -> None:
        self.decision = decision
        self.observations = observations
        self.open = list(range(len(decision.expect.calls or ()) or int(decision.expect.any_call is True)))


class Player:
    """Plays the tools of one case.

    A call is matched by name and arguments, under the leniency that the case declares. It is taken for one
    of the turn's expected calls not made yet, of the earliest step that has one like it; else for a repeat of
    a call of the case so far, the latest like it, and returns the same again. Any other is an error.
    """

    def __init__(self, toolset: Callable[[Sequence[ToolSpec]], Toolset], *, errors_in_json: bool) -> None:
        """`toolset` gives a decision's tools, compiled."""
        self._toolset = toolset
        self._errors_in_json = errors_in_json
        self._steps: list[_Slots] = []
        self._seen: list[_Scripted] = []
        self._in_order = True
        self._latest = 0

    def begin(self, turn: ScriptTurn) -> None:
        """The user speaks; what the turn before still expected counts as done, for that is how the script goes on."""
        for step in self._steps:
            self._remember(step, step.open)
        self._steps = [_Slots(*pair) for pair in zip(turn.decisions, turn.observations, strict=True)]
        self._in_order, self._latest = True, 0

    @property
    def _place(self) -> _Slots:
        return next((step for step in self._steps if step.open), self._steps[-1])

    @property
    def decision(self) -> Decision:
        """The decision that the script waits for: the first with calls still to be made, or the turn's last."""
        return self._place.decision

    @property
    def expect(self) -> Expectation:
        """What is expected there, less the calls that were made already."""
        expect, left = self.decision.expect, self._place.open
        if expect.calls is None or not 0 < len(left) < len(expect.calls):
            return expect
        return expect.model_copy(update={"calls": [expect.calls[slot] for slot in left]})

    @property
    def over(self) -> bool:
        """Whether the script's turn ends here: all its calls were made, and no answer is expected."""
        return not self._place.open and not self.decision.expect.no_call

    @property
    def as_expected(self) -> bool:
        """Whether the turn's calls so far are exactly those expected, in the order of the script's steps."""
        return self._in_order and not self._place.open

    def play(self, calls: Sequence[MessageCall]) -> list[Answered]:
        """Answers the calls of one message in their order, malformed ones too."""
        found: dict[int, Answered] = {}
        for step in self._steps:
            free = [(index, item.call) for index, item in enumerate(calls) if item.call and index not in found]
            found.update(self._take(step, free))
        for index in range(len(calls)):
            place = found[index].played.decision if index in found else None
            self._in_order &= place is not None and place >= self._latest
            self._latest = self._latest if place is None else place
        return [found.get(index) or self._other(item) for index, item in enumerate(calls)]

    def _take(self, step: _Slots, free: Sequence[tuple[int, Call]]) -> dict[int, Answered]:
        """The calls, by their index, that one decision's expected calls are matched with."""
        expect, tools = step.decision.expect, self._toolset(step.decision.tools)
        if not free or not step.open:
            return {}
        if expect.calls is None:
            ends = Answered(PlayedCall(source="end", decision=step.decision.index), None)
            found = {index: ends for index, call in free if call.name in tools}
            step.open = [] if found else step.open
            return found
        wanted = [expect.calls[slot] for slot in step.open]
        pairs = best_pairs(wanted, [call for _, call in free], expect, tools)
        matched = {free[pair.actual][0]: step.open[pair.expected] for pair in pairs if not pair.comparison.mismatches}
        step.open = [slot for slot in step.open if slot not in matched.values()]
        self._remember(step, matched.values())
        return {index: _answer(step, slot) for index, slot in matched.items()}

    def _remember(self, step: _Slots, slots: Iterable[int]) -> None:
        for slot in slots:
            if step.decision.expect.calls is not None and step.observations:
                call, observation = step.decision.expect.calls[slot], step.observations[slot]
                self._seen.append(_Scripted(step.decision, call, observation))

    def _other(self, item: MessageCall) -> Answered:
        """A repeat of an earlier call, or an error."""
        if item.call is not None:
            for decision, call, observation in reversed(self._seen):
                tools = self._toolset(decision.tools)
                alike = call.name == item.call.name
                if alike and not compare(call, item.call, decision.expect, tools).mismatches:
                    return Answered(PlayedCall(source="earlier", decision=decision.index), observation)
        reason = self._reason(item)
        text = jsonvalue.dumps({"error": reason}) if self._errors_in_json else f"error: {reason}"
        return Answered(PlayedCall(source="error", error=reason), text)

    def _reason(self, item: MessageCall) -> str:
        """What is wrong with a call that the script does not know."""
        if item.call is None:
            return "; ".join(defect.message for defect in item.defects)
        tool = self._toolset(self.decision.tools).get(item.call.name)
        if tool is None:
            return f"there is no tool named {item.call.name}"
        broken = tool.errors(item.call.arguments)
        if broken:
            return f"invalid arguments: {'; '.join(error.message for error in broken[:3])}"
        return f"{tool.name} failed: nothing can be returned for these arguments"


def _answer(step: _Slots, slot: int) -> Answered:
    observation = step.observations[slot] if step.observations else None
    source: CallSource = "end" if observation is None else "script"
    return Answered(PlayedCall(source=source, decision=step.decision.index), observation)


def errors_in_json(observations: Iterable[str]) -> bool:
    """Whether tools that return these speak JSON: more than half of them are JSON objects or arrays, or there is none."""
    kinds = [jsonvalue.is_container(text) for text in observations]
    return not kinds or 2 * sum(kinds) > len(kinds)
