"""A model that is a function, in place of a server: asked decision by decision, or with cases played through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from harness.metrics import Metrics, Tally
from harness.runner.conversation import Conversation, JudgedTurn, judged_turns
from harness.runner.judging import judged
from harness.runner.player import errors_in_json
from harness.runner.rollout import MAX_STEPS
from harness.suite import scripts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.judging import Judge
    from harness.records import Response, Score
    from harness.replies import Replier
    from harness.suite import Decision, Script, Suite


class _Said(NamedTuple):
    turn: int
    response: Response
    messages: list[dict[str, Any]]


def decided(suite: Suite, model: Replier, judge: Judge) -> Iterator[tuple[Decision, Score]]:
    """Every decision with the scripted history, and the verdict on what the model does there."""
    for decision in suite.decisions:
        yield decision, judge.verdict(decision, model(decision).response)


def played(suite: Suite, model: Replier, judge: Judge) -> Iterator[tuple[Script, list[JudgedTurn]]]:
    """Every case played through with the model's own history, and the verdicts on its turns."""
    scripts = scripts_of(suite)
    in_json = errors_in_json(text for script in scripts.values() for text in script.observations)
    for script in scripts.values():
        said = list(_said(script, model, judge, in_json=in_json))
        yield script, judged_turns(script, said, judge, in_json=in_json)


def metrics_offline(suite: Suite, model: Replier, judge: Judge, *, rollout: bool) -> Metrics:
    """The metrics of a model that is a function; of rollouts they count turns."""
    tally = Tally()
    if rollout:
        for _, turns in played(suite, model, judge):
            for turn in turns:
                tally.add(turn.counted(0))
        return tally.metrics()
    for decision in suite.decisions:
        response = model(decision).response
        tally.add(judged(decision, 0, response, judge.verdict(decision, response)))
    return tally.metrics()


def _said(script: Script, model: Replier, judge: Judge, *, in_json: bool) -> Iterator[_Said]:
    """What the model says in the course of a case."""
    conversation = Conversation(script, judge, in_json=in_json)
    for turn in script.turns:
        conversation.begin(turn)
        for _ in range(max(MAX_STEPS, len(turn.decisions))):
            reply = model(conversation.decision)
            messages, calls = conversation.take(reply.message)
            yield _Said(turn.depth, reply.response, messages)
            if conversation.ended or not calls:
                break
