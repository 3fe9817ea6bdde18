"""The handful of known conversations that a server is probed with, and one known call in every dialect.

Every text that is looked for in a rendered prompt occurs once in its conversation and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness import jsonvalue
from harness.dialects import Call
from harness.dialects.markup import THINK_CLOSE, THINK_OPEN

if TYPE_CHECKING:
    from harness.records import Dialect

DESCRIPTION = "Looks up one alert of the Kestrel desk."
PARAMETER = "Number of the alert, such as A-1000."
SYSTEM = "You are the night desk of team Kestrel. Use the tools that you are given."
TOOLS: list[dict[str, Any]] = [
    {
        "type": "function",
        "function": {
            "name": "get_alert",
            "description": DESCRIPTION,
            "parameters": {
                "type": "object",
                "properties": {"alert_id": {"type": "string", "description": PARAMETER}},
                "required": ["alert_id"],
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "query_logins",
            "description": "Lists the logins of one user.",
            "parameters": {
                "type": "object",
                "properties": {"user": {"type": "string"}, "hours": {"type": "integer"}},
                "required": ["user", "hours"],
            },
        },
    },
]
TOOL_NAMES = ("get_alert", "query_logins")

REQUEST = "Look up alert A-7319 with the tool get_alert, please."
GREETING = "Say hello in one short sentence."
FIRST, SECOND = "What came in this morning?", "And who logged in since?"
VALUE = "A-2846"
"""An argument of the earlier call."""
RESULT = "OBS-4417"
"""What the result of that call holds."""
OBSERVATION = f'{{"rule": "ssh brute force", "case": "{RESULT}"}}'
ANSWER = "An attack by brute force came in."
USERS = ("orla.finch", "bram.holt")
"""Arguments of two earlier calls in one message."""
LOGINS = ("two logins, note 5518", "no login, note 5519")


def _calls(*calls: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    listed = [
        {"id": key, "type": "function", "function": {"name": name, "arguments": jsonvalue.dumps(arguments)}}
        for key, name, arguments in calls
    ]
    return {"role": "assistant", "content": None, "tool_calls": listed}


_OPENING: list[dict[str, Any]] = [{"role": "system", "content": SYSTEM}]
GREETED = [*_OPENING, {"role": "user", "content": GREETING}]
ASKED = [*_OPENING, {"role": "user", "content": REQUEST}]
HISTORY: list[dict[str, Any]] = [
    *_OPENING,
    {"role": "user", "content": FIRST},
    _calls(("call00001", "get_alert", {"alert_id": VALUE})),
    {"role": "tool", "tool_call_id": "call00001", "content": OBSERVATION},
    {"role": "assistant", "content": ANSWER},
    {"role": "user", "content": SECOND},
]
PARALLEL = [
    *HISTORY,
    _calls(*((f"call0000{n}", "query_logins", {"user": user, "hours": 24}) for n, user in enumerate(USERS, start=2))),
    *({"role": "tool", "tool_call_id": f"call0000{n}", "content": text} for n, text in enumerate(LOGINS, start=2)),
]

KNOWN = Call("get_alert", {"alert_id": "Q-2205"})
"""The call that is put into the model's mouth."""
_JSON = '{"name": "get_alert", "arguments": {"alert_id": "Q-2205"}}'
WRITTEN: dict[Dialect, tuple[str, ...]] = {
    "hermes": (f"<tool_call>\n{_JSON}\n</tool_call>",),
    "qwen3_coder": (
        "<tool_call>\n<function=get_alert>\n<parameter=alert_id>\nQ-2205\n</parameter>\n</function>\n</tool_call>",
    ),
    "mistral": (f"[TOOL_CALLS] [{_JSON}]", '[TOOL_CALLS]get_alert{"alert_id": "Q-2205"}'),
    "llama3_json": (_JSON.replace("arguments", "parameters"),),
    "pythonic": ('[get_alert(alert_id="Q-2205")]',),
}
"""That call as each dialect writes it; mistral has two forms, by its tokenizer's version. Those with delimiters first."""

THOUGHT, CONCLUSION = "Four or five? Four.", "The desk has four chairs."
THOUGHTFUL = f"{THINK_OPEN}\n{THOUGHT}\n{THINK_CLOSE}\n\n{CONCLUSION}"
"""An answer with its reasoning."""

PARSERS: dict[Dialect, str] = {
    "hermes": "hermes",
    "qwen3_coder": "qwen3_coder (or qwen3_xml)",
    "llama3_json": "llama3_json (llama4_json)",
    "mistral": "mistral",
    "pythonic": "pythonic (llama4_pythonic)",
}
"""vLLM's tool-call parsers that read a dialect."""
