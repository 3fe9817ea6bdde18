"""What rows are made of: decisions, what was right there, what a model did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from harness import jsonvalue
from harness.dialects import scan
from harness.judging import user_text
from harness.replies import gold_calls
from harness.scorers.attribution import attribute
from harness.scorers.channels import content_text, message_calls
from harness.suite import ExpectTurn
from harness.toolschema import Toolset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.records import Response, Score
    from harness.suite import Decision, Suite

Message = dict[str, Any]
"""A message as TRL takes it: like OpenAI's, but that the arguments of a call are an object."""

_NO_TOOLS = Toolset([])
_BESIDE = ("before_call", "after_call")


class Source(NamedTuple):
    """Where decisions come from: a suite, or a run of one."""

    name: str
    """As the user named it."""
    suite: Suite
    model: str | None = None
    mode: str | None = None
    digest: str | None = None
    """Of a run: SHA-256 of its log."""


class Material(NamedTuple):
    """A decision to learn from: in the scripted history, or in the model's own as long as that was right."""

    source: Source
    decision: Decision
    answer: str | None
    """The reference answer, where no call is expected."""
    trial: int = 0
    response: Response | None = None
    """What a model did there; None where none was asked."""
    score: Score | None = None


def of_suite(source: Source) -> Iterator[Material]:
    """The decisions of a suite with what is right there."""
    answers = reference_answers(source.suite)
    for decision in source.suite.decisions:
        yield Material(source, decision, answers.get(decision.key))


def of_run(source: Source, judged: Iterable[tuple[Decision, int, Response, Score]]) -> Iterator[Material]:
    """Judged decisions, each with its trial; of rollouts those of a case up to the first that is wrong."""
    answers = reference_answers(source.suite)
    for decision, trial, response, score in judged:
        yield Material(source, decision, answers.get(decision.key), trial, response, score)


def reference_answers(suite: Suite) -> dict[tuple[str, int], str]:
    """The answers in text that cases hold, by decision."""
    found: dict[tuple[str, int], str] = {}
    for case in suite.cases:
        expecting = (turn for turn in case.turns if isinstance(turn, ExpectTurn))
        found |= {(case.id, index): turn.answer for index, turn in enumerate(expecting) if turn.answer is not None}
    return found


def gold_message(material: Material) -> Message | str:
    """The message that is right at a decision; or, as a text, why there is none."""
    decision = material.decision
    if decision.expect.any_call:
        return "any call is right"
    if decision.expect.calls is None:
        if material.answer is None:
            return "no reference answer"
        return {"role": "assistant", "content": material.answer}
    made = sum(len(message.get("tool_calls") or ()) for message in decision.messages)
    return _calling(gold_calls(decision), made)


def _calling(calls: Sequence[tuple[str, dict[str, Any]]], made: int, content: str | None = None) -> Message:
    entries = [
        # Nine letters and digits: Mistral's template refuses any other id.
        {"id": f"c{made + place:08d}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for place, (name, arguments) in enumerate(calls, 1)
    ]
    return {"role": "assistant", "content": content, "tool_calls": entries}


def is_wrong(score: Score) -> bool:
    """Whether there is something to learn from: a wrong action, an invented result, a format defect."""
    return score.call_correct is False or score.fabricated or bool(score.quality_defects)


def wrong_message(material: Material) -> Message | str:
    """What the model did, as it wrote it; or, as a text, why that cannot be shown.

    Calls that are well-formed stand as calls. Broken ones, and text that stood beside calls, stand as text of the
    message, markup included: a chat template renders that as the model wrote it.
    """
    response, score, decision = material.response, material.score, material.decision
    assert response is not None
    assert score is not None
    message = response.message or {}
    quoted = user_text(decision)
    if score.call_correct is False and attribute(response, score, quoted=quoted) in ("lost", "changed"):
        return "the server's parser returned other calls than the model wrote"
    entries = message_calls(message)
    calls = [(entry.call.name, entry.call.arguments) for entry in entries if entry.call is not None]
    told = any(finding.where in _BESIDE for finding in score.fabrication)
    plain = len(calls) == len(entries) and not told and score.state != "malformed"
    if plain and (calls or response.raw is None):
        made = sum(len(said.get("tool_calls") or ()) for said in decision.messages)
        text = content_text(message)
        return _calling(calls, made, text or None) if calls else {"role": "assistant", "content": text}
    if response.raw is None:
        return "the broken call was not recorded as raw text"
    seen = scan(response.raw, response.dialect, _NO_TOOLS, prompt_think=response.prompt_think, quoted=quoted)
    return {"role": "assistant", "content": seen.without(calls=False, final_tokens=True).strip()}


def history(decision: Decision) -> list[Message]:
    """The history of a decision as TRL takes it."""
    return [_with_objects(message) for message in decision.messages]


def _with_objects(message: dict[str, Any]) -> Message:
    if not message.get("tool_calls"):
        return message
    calls = [
        {**call, "function": {**call["function"], "arguments": _object(call["function"]["arguments"])}}
        for call in message["tool_calls"]
    ]
    return {**message, "tool_calls": calls}


def _object(arguments: Any) -> Any:
    """Arguments as an object; in a model's own history they may be any JSON text, with a key that stands twice."""
    return jsonvalue.read(arguments).value if isinstance(arguments, str) else arguments
