"""What a server finds wrong with a chat completion request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from harness import jsonvalue
from harness.records import Message, ToolSpec
from harness.testing.faults import bad_request, wrong_model

if TYPE_CHECKING:
    from harness.testing.faults import Trouble

EXPLICIT = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "repetition_penalty",
    "presence_penalty",
    "frequency_penalty",
    "max_tokens",
    "seed",
)
"""What each request must say, for a server's own defaults are anybody's guess."""
_KNOWN = {*EXPLICIT, "model", "n", "stream", "return_token_ids", "messages", "tools", "tool_choice"}
_OPTIONAL = {"parallel_tool_calls", "chat_template_kwargs"}


def refusal(request: Any, model: str) -> Trouble | None:
    """The answer to a request that vLLM would refuse; None where it would not."""
    if not isinstance(request, dict):
        return bad_request("the body is no JSON object")
    if request.get("model") != model:
        return wrong_model(str(request.get("model")), model)
    if request.get("tools") == []:
        message = "`tools` must not be an empty array. Either provide at least one tool or omit the field entirely."
        return bad_request(f"{message} (parameter=tools)", "tools")
    if not request.get("messages"):
        return bad_request("Cannot apply chat template to an empty conversation. Provide at least one message.")
    return None


def complaints(request: dict[str, Any]) -> list[str]:
    """What vLLM would let pass and a careful client still must not send."""
    found = [f"{name} is not given" for name in EXPLICIT if name not in request]
    found += [f"unknown key {name}" for name in sorted(request.keys() - _KNOWN - _OPTIONAL)]
    if request.get("n") != 1 or request.get("stream") is not False or request.get("return_token_ids") is not True:
        found.append("n, stream and return_token_ids must be 1, false and true")
    if ("tools" in request) != (request.get("tool_choice") == "auto"):
        found.append("tool_choice must be auto where tools are offered, and absent elsewhere")
    if request.get("parallel_tool_calls") is False:
        found.append("parallel_tool_calls: false would cut the calls")
    for name, record in (("messages", Message), ("tools", ToolSpec)):
        for index, value in enumerate(request.get(name, ())):
            try:
                record.model_validate(value)
            except ValidationError as error:
                found.append(f"{name}/{index}: {error}")
    return found + _history_complaints(request["messages"])


def _history_complaints(messages: list[dict[str, Any]]) -> list[str]:
    """Every tool call answered, in order, before anything else is said."""
    found, open_calls = [], list[str]()
    for index, message in enumerate(messages):
        if message["role"] == "tool":
            if not open_calls or message.get("tool_call_id") != open_calls.pop(0):
                found.append(f"messages/{index} answers no call, or out of order")
        elif open_calls:
            found.append(f"messages/{index} stands before the answers to the calls {open_calls}")
        for call in message.get("tool_calls") or ():
            open_calls.append(call["id"])
            jsonvalue.loads(call["function"]["arguments"])
    if messages[-1]["role"] not in ("user", "tool") or open_calls:
        found.append("the last message is neither a user's nor the last observation")
    return found
