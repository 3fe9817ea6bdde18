"""Checks of plain answers: reasoning, special tokens, the end of a turn, and a second opinion on all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.dialects.markup import LEAKED, SPECIAL, THINK_CLOSE, THINK_OPEN, without_final_tokens
from harness.doctor.diagnosis import Check, fail, ok, unknown, warn
from harness.doctor.formats import is_swallowed, read, reasoning_of
from harness.doctor.prompts import end_token
from harness.runlog import Fault
from harness.scorers.channels import content_text, message_calls

if TYPE_CHECKING:
    from harness.doctor.evidence import Evidence
    from harness.doctor.probe import Exchange

_REFUSED = (403, 404, 405, 501)


def reasoning_parser(evidence: Evidence) -> Check:
    """Whether reasoning ends up under `reasoning` and the answer under `content`."""
    name, did = "reasoning parser", "looked in plain answers for think tags, and for answers taken for reasoning"
    plain = [answer for answer in (evidence.greeting, evidence.free, evidence.thought) if answer.message is not None]
    if not plain:
        return unknown(name, did, "there was no answer to look at")
    leaking = [answer for answer in plain if _has_tags(content_text(answer.message or {}))]
    by_itself = [answer for answer in leaking if answer is not evidence.thought]
    if by_itself or (leaking and _may_think(evidence) and not any(map(_has_reasoning, plain))):
        if not by_itself:
            did += "; put an answer with reasoning into the model's mouth"
        saw = "think tags stand in the content: no reasoning parser takes them out"
        return fail(name, did, saw, _right_parser(evidence))
    swallowed = [answer for answer in plain if is_swallowed(answer)]
    if swallowed:
        saw = (
            f"the whole answer {reasoning_of(swallowed[0].message or {})[:60]!r} came back as reasoning, content empty"
        )
        advice = (
            "the model wrote no </think>, as tuned models that answer directly do: serve it without reasoning parser"
        )
        return fail(name, did, saw, advice)
    if any(map(_has_reasoning, plain)):
        return ok(name, did, "reasoning came back as reasoning, and no think tag in the content")
    if any(answer.prompt_think == "open" and answer.finish_reason == "length" for answer in plain):
        return unknown(name, did, "the model was still thinking when its answer was cut", "raise --max-tokens")
    return ok(name, did, "the model wrote no reasoning, and nothing of its answers was lost")


def _has_reasoning(answer: Exchange) -> bool:
    return bool(reasoning_of(answer.message or {}).strip())


def _right_parser(evidence: Evidence) -> str:
    family = evidence.served.family
    parser = family.reasoning_parser if family is not None and family.reasoning_parser else "NAME (qwen3 for Qwen3)"
    return f"start vLLM with --reasoning-parser {parser}"


def _may_think(evidence: Evidence) -> bool:
    """Whether the model's template or its family knows thinking."""
    rendered, family = evidence.rendered, evidence.served.family
    return (
        rendered.has_switch
        or rendered.plain.prompt_think != "none"
        or (family is not None and family.thinking != "none")
    )


def _has_tags(content: str) -> bool:
    return THINK_OPEN in content or THINK_CLOSE in content


def special_tokens(evidence: Evidence) -> Check:
    """Whether tokens of the template reach the user."""
    name, did = "special tokens", "looked in plain answers for tokens of the chat template"
    answers = [answer for answer in (evidence.greeting, evidence.free) if answer.message is not None]
    if not answers:
        return unknown(name, did, "there was no answer to look at")
    found = {match[0] for answer in answers if not _attempts(answer) for match in LEAKED.finditer(_content(answer))}
    if found:
        advice = "mark them as special in the tokenizer, and let generation end at them (eos_token_id)"
        return fail(name, did, f"{', '.join(sorted(found))} in the content", advice)
    return ok(name, did, "the content holds none")


def _content(answer: Exchange) -> str:
    return content_text(answer.message or {})


def _attempts(answer: Exchange) -> bool:
    """Whether an answer holds call markup: that is the tool parser's business."""
    return bool(read(answer.raw if answer.raw is not None else _content(answer), None).attempts)


def end_of_turn(evidence: Evidence) -> Check:
    """Whether generation ends where the template ends a turn."""
    name, did = "end of turn", "looked where the answer to a greeting ends"
    greeting = evidence.greeting
    token, raw = end_token(evidence), greeting.raw
    if raw is None:
        return unknown(name, did, "what the model wrote is not to be seen")
    stop = without_final_tokens(raw)
    body, final = raw[:stop], SPECIAL.findall(raw[stop:])
    shown = f"the template ends turns with {token}" if token else "how the template ends turns could not be told"
    if token and token in body and "<|channel|>" not in body:
        advice = "add its id to eos_token_id in generation_config.json, or serve with the model's own tokenizer"
        return fail(name, did, f"{shown}, but the model writes on after it", advice)
    if greeting.finish_reason == "length":
        return unknown(name, did, f"the answer did not end within the limit of tokens; {shown}", "raise --max-tokens")
    if token and final and token not in final:
        advice = "the model was tuned on another template than it is served with, or not yet on any"
        return warn(name, did, f"{shown}, the model ends with {final[0]}", advice)
    return ok(name, did, f"{shown}, and the answer ends there" if token in final else "the model ended by itself")


def second_opinion(evidence: Evidence) -> Check:
    """Whether vLLM's parsers, given the recorded tokens again, make the same message of them."""
    name, did = "second opinion", "had the tokens of the answers parsed again by /v1/chat/completions/derender"
    if not evidence.second:
        return unknown(name, did, "there are no token ids to parse")
    faults = [opinion.message for opinion in evidence.second if isinstance(opinion.message, Fault)]
    if len(faults) == len(evidence.second):
        if faults[0].status in _REFUSED:
            return unknown(name, did, "not offered by this server", "start vLLM with --enable-scale-out to have it")
        return unknown(name, did, f"it failed: {faults[0].message}")
    for opinion in evidence.second:
        if isinstance(opinion.message, dict) and _read(opinion.message) != _read(opinion.asked.message or {}):
            saw = f"of the same tokens derender makes {_told(opinion.message)}, the server made "
            saw += _told(opinion.asked.message or {})
            advice = "something between model and client changes answers: a proxy, or parsers that differ by endpoint"
            return fail(name, did, saw, advice)
    return ok(name, did, "it agrees: messages hold what vLLM's parsers make of the model's tokens")


def _read(message: dict[str, Any]) -> tuple[list[Any], str, str]:
    """Calls, content and reasoning; without special tokens, which derender keeps even at the end of a turn."""
    calls = [(entry.name, entry.call.arguments if entry.call else None) for entry in message_calls(message)]
    texts = (SPECIAL.sub("", text).strip() for text in (content_text(message), reasoning_of(message)))
    return calls, *texts  # type: ignore[return-value] # two texts


def _told(message: dict[str, Any]) -> str:
    calls, content, reasoning = _read(message)
    parts = [f"a call of {name}" for name, _ in calls]
    parts += [f"the content {content[:60]!r}"] if content else []
    parts += ["reasoning"] if reasoning else []
    return " and ".join(parts) or "nothing"
