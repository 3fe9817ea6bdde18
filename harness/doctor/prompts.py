"""Checks of the server and of what its chat template makes of a conversation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.dialects.markup import SPECIAL
from harness.doctor import conversations as known
from harness.doctor.diagnosis import Check, fail, ok, unknown, warn
from harness.doctor.formats import between, dialect_in_prompt

if TYPE_CHECKING:
    from harness.doctor.evidence import Evidence
    from harness.doctor.probe import Exchange

_SHORT_CONTEXT = 4096
_BLIND = "the server returns no prompt token ids, or has no /detokenize"
_TEMPLATE = "serve the model with a chat template that fits it: --chat-template FILE"


def server(evidence: Evidence) -> Check:
    """What runs there, and whether its context is long enough for conversations with tools."""
    name, did = "server", "asked for /v1/models and /version"
    served = evidence.served
    length = served.max_model_len
    engine = f"vLLM {served.vllm_version}" if served.vllm_version else "a server that names no version"
    saw = f"{engine} serves {served.model}" + (f", context {length} tokens" if length else "")
    if length is not None and length < _SHORT_CONTEXT:
        return warn(name, did, saw, "conversations with tools run out of so short a context: raise --max-model-len")
    return ok(name, did, saw)


def raw_text(evidence: Evidence) -> Check:
    """Whether the model's own text can be had beside the server's message."""
    name, did = "raw text", "asked for token ids with an answer, and for their text"
    greeting = evidence.greeting
    if greeting.fault is not None:
        return fail(name, did, f"no answer to a greeting: {greeting.fault.message}", "see the server's log")
    if greeting.raw is not None and greeting.prompt is not None:
        return ok(name, did, "both come back: what the model wrote can be held against what the server returned")
    missing = "/detokenize" if greeting.token_ids else "token ids (return_token_ids)"
    advice = "ask vLLM itself (0.10 or later) rather than a proxy before it; runs are judged by the message alone here"
    return warn(name, did, f"the server gives no {missing}", advice)


def system_text(evidence: Evidence) -> Check:
    """Whether the system message reaches the model."""
    name, did = "system text", "had a conversation with a system message rendered"
    plain = evidence.rendered.plain
    if plain.prompt is None:
        return _unseen(name, did, plain)
    if known.SYSTEM in plain.prompt:
        return ok(name, did, "it stands in the prompt")
    return fail(name, did, "it is not in the prompt: the model never sees its instructions", _TEMPLATE)


def tools_in_prompt(evidence: Evidence) -> Check:
    """Whether the template shows the model its tools."""
    name, did = "tools in the prompt", "had the same conversation rendered with tools and without"
    plain, tools = evidence.rendered.plain, evidence.rendered.tools
    advice = f"no model can call what it is not shown: {_TEMPLATE}"
    if tools.prompt is None:
        if tools.fault is not None or tools.prompt_tokens is None or plain.prompt_tokens is None:
            return _unseen(name, did, tools)
        more = tools.prompt_tokens - plain.prompt_tokens
        saw = f"with tools the prompt is {more} tokens longer"
        return ok(name, did, saw) if more > 0 else fail(name, did, "tools do not change the prompt's length", advice)
    if tools.prompt == plain.prompt:
        return fail(name, did, "the prompts are equal: the template leaves the tools out", advice)
    added = tools.prompt.replace(known.REQUEST, "")
    missing = [f"the name {word}" for word in (*known.TOOL_NAMES, "alert_id") if word not in added]
    if missing:
        return fail(name, did, f"the prompt lacks {', '.join(missing)}", _TEMPLATE)
    told = {"a tool's description": known.DESCRIPTION, "a parameter's description": known.PARAMETER}
    missing = [what for what, text in told.items() if text not in added]
    if missing:
        return warn(name, did, f"the prompt has the names, but lacks {', '.join(missing)}", _TEMPLATE)
    return ok(name, did, "names, descriptions and parameters of all tools stand in the prompt")


def earlier_calls(evidence: Evidence) -> Check:
    """Whether the model sees its earlier calls, their results, and its earlier answers."""
    name, did = "earlier calls", "had a conversation rendered in which a call, its result and an answer went before"
    prompt = evidence.rendered.history.prompt
    if prompt is None:
        return _unseen(name, did, evidence.rendered.history)
    part = between(prompt, known.FIRST, known.RESULT) or between(prompt, known.FIRST, known.SECOND)
    missing = [] if known.RESULT in prompt else ["the tool's result"]
    if "get_alert" not in part:
        missing.append("the call")
    elif known.VALUE not in part:
        missing.append("the call's arguments")
    missing += [] if known.ANSWER in prompt else ["the answer"]
    if missing:
        saw = f"the prompt lacks {', '.join(missing)}: over several turns the model cannot see what it did"
        return fail(name, did, saw, f"such a history teaches a model to skip calls: {_TEMPLATE}")
    dialect = dialect_in_prompt(prompt)
    return ok(name, did, "call, result and answer stand in the prompt" + (f"; calls in {dialect}" if dialect else ""))


def parallel_calls(evidence: Evidence) -> Check:
    """Whether two calls in one message survive the template."""
    name, did = "parallel calls", "had a conversation rendered that ends in two calls of one message and their results"
    asked = evidence.rendered.parallel
    advice = "leave cases with parallel calls out for this model, or " + _TEMPLATE
    if asked.prompt is None:
        if asked.refused and not evidence.rendered.history.refused and asked.fault is not None:
            return warn(name, did, f"the server refuses it: {asked.fault.message}", advice)
        return _unseen(name, did, asked)
    missing = [text for text in known.USERS if text not in asked.prompt]
    missing += [text for text in known.LOGINS if text not in asked.prompt]
    if missing:
        return fail(name, did, f"the prompt lacks {', '.join(map(repr, missing))}", advice)
    return ok(name, did, "both calls and both results stand in the prompt")


def generation_prompt(evidence: Evidence) -> Check:
    """Whether the prompt asks the assistant to speak, and how it begins."""
    name, did = "generation prompt", "looked at the beginning and the end of a rendered prompt"
    prompt = evidence.rendered.tools.prompt or evidence.rendered.plain.prompt
    if prompt is None:
        return _unseen(name, did, evidence.rendered.tools)
    first = re.match(rf"(?P<token>{SPECIAL.pattern})(?P=token)", prompt)
    if first is not None:
        saw = f"it begins with {first['token']} twice"
        return fail(name, did, saw, "the tokenizer adds a token that the template writes as well: mend one of them")
    tail = prompt.rpartition(known.REQUEST)[2]
    if tail.strip() in ("", end_token(evidence)):
        saw = f"after the user's words comes {tail!r}: nobody is asked to answer"
        return fail(name, did, saw, f"the template ignores add_generation_prompt: {_TEMPLATE}")
    think = {"open": ", with a think block open", "closed": ", with a closed think block", "none": ""}
    return ok(name, did, f"it ends in {tail[-60:]!r}{think[evidence.rendered.plain.prompt_think]}")


def thinking_switch(evidence: Evidence) -> Check:
    """Whether thinking can be turned on and off, where the model can do both."""
    name, did = "thinking switch", "had a conversation rendered with thinking on and off"
    on, off = evidence.rendered.thinking, evidence.rendered.quiet
    refused = (on.refused or off.refused) and not evidence.rendered.plain.refused
    if (on.prompt is None or off.prompt is None) and not refused:
        return _unseen(name, did, off if off.prompt is None else on)
    family = evidence.served.family
    if refused or on.prompt == off.prompt:
        saw = "the server refuses to be told" if refused else "the prompts are equal: this template has no switch"
        if family is not None and family.thinking == "switch":
            return warn(name, did, saw, f"models of the family {family.name} have one: {_TEMPLATE}")
        return ok(name, did, saw)
    quiet = evidence.quiet
    raw = quiet.raw if quiet is not None else None
    if raw is None:
        return unknown(name, did, "the prompts differ; what the model then writes is not to be seen")
    thought = between(raw, "<think>", "</think>") or (raw.partition("</think>")[0] if "</think>" in raw else "")
    if thought.strip() or ("<think>" in raw and "</think>" not in raw):
        advice = "the model thinks although it was told not to: read results of --thinking off with care"
        return warn(name, did, f"the prompts differ, but with thinking off it wrote {raw[:60]!r}", advice)
    return ok(name, did, "the prompts differ, and with thinking off the model does not think")


def end_token(evidence: Evidence) -> str | None:
    """The special token with which the template ends an assistant's turn."""
    prompt = evidence.rendered.history.prompt or ""
    match = SPECIAL.match(prompt.partition(known.ANSWER)[2].lstrip())
    return match[0] if match else None


def _unseen(name: str, did: str, asked: Exchange) -> Check:
    """A prompt that cannot be looked at: refused by the template, or not shown."""
    if asked.fault is None:
        return unknown(name, did, _BLIND)
    if asked.refused:
        return fail(name, did, f"the server refuses it: {asked.fault.message}", _TEMPLATE)
    return unknown(name, did, asked.fault.message)
