"""Whole suites for property tests: tools with nested schemas, cases whose arguments stand in what is said before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from harness import jsonvalue
from harness.suite import Case, Defaults, Suite, SuiteTool
from harness.suite.load import _with_defaults

TOOL_NAMES = ("get_alert", "search", "lookup_ip", "createTicket", "block.ip", "list-hosts", "get_alert_history")
MEMBERS = ("alert_id", "host", "hours", "tags", "owner", "note", "limit")
WORDS = (
    "A-1043",
    "A-1044",
    "INC-20871",
    "web-edge-02",
    "b.tanaka",
    "203.0.113.8",
    "SHA-256",
    "a note. And more",
    "北京",
)
USERS = (
    "Look at {}, please. Then tell me.",
    "查一下 {}。然后告诉我结果。",
    "What about “{}”?\nSecond line.",
    "{}",
    "Use get_alert for {} and set host.",
)
texts = st.sampled_from(WORDS)
numbers = st.integers(1, 720) | st.sampled_from([Decimal("5.0"), Decimal("0.5")])


@st.composite
def members(draw: st.DrawFn, depth: int = 0) -> tuple[dict[str, Any], Any]:
    """A schema and a value that is valid under it."""
    kinds = ["string", "integer", "number", "enum", "boolean", *(["array", "object"] if depth < 2 else [])]
    kind = draw(st.sampled_from(kinds))
    plain = {
        "string": ({"type": "string", "description": "Such as A-0412; see get_alert."}, texts),
        "integer": ({"type": "integer"}, st.integers(1, 720)),
        "number": ({"type": "number"}, numbers),
        "boolean": ({"type": "boolean"}, st.booleans()),
        "enum": ({"type": "string", "enum": ["low", "high", "critical"]}, st.sampled_from(["low", "high"])),
    }
    if kind in plain:
        schema, values = plain[kind]
        return schema, draw(values)
    if kind == "array":
        schema, value = draw(members(depth + 1))
        return {"type": "array", "items": schema}, [value]
    return draw(objects(depth + 1))


@st.composite
def objects(draw: st.DrawFn, depth: int = 0) -> tuple[dict[str, Any], Any]:
    """A schema of an object and a value of it, not all of its members given."""
    found = {name: draw(members(depth)) for name in draw(st.lists(st.sampled_from(MEMBERS), max_size=3, unique=True))}
    given = {name for name in found if draw(st.booleans())}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: schema for name, (schema, _) in found.items()},
        "required": sorted(given),
    }
    if draw(st.booleans()):
        schema["additionalProperties"] = False
    if depth and draw(st.integers(0, 9)) == 0:
        schema["dependentRequired"] = {}
    return schema, {name: value for name, (_, value) in found.items() if name in given}


def rules(draw: st.DrawFn, arguments: dict[str, Any]) -> dict[str, Any]:
    """Leniency for some of the arguments."""
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        kind = draw(st.sampled_from(["none", "none", "one_of", "optional", "any", "casefold"]))
        place = jsonvalue.pointer(name)
        if kind == "one_of":
            found[place] = {"one_of": [value, "else"]}
        elif kind == "optional":
            found[place] = {"optional": True}
        elif kind == "any":
            found[place] = {"any": True, "optional": True}
        elif kind == "casefold" and isinstance(value, str | list | dict):
            found[place] = {"casefold": True}
        if isinstance(value, dict) and value and kind == "none":
            inner = next(iter(value))
            found[jsonvalue.pointer(name, inner)] = {"optional": True}
    return found


@st.composite
def turns(draw: st.DrawFn, tools: dict[str, Any]) -> list[dict[str, Any]]:
    """A script; every value of an argument is told before it is wanted."""
    script: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 3))):
        calls = []
        for name in draw(st.lists(st.sampled_from(sorted(tools)), max_size=2)) if tools else ():
            arguments = tools[name]
            calls.append({"name": name, "arguments": arguments, "match": rules(draw, arguments)})
        told = ", ".join(jsonvalue.dumps(call["arguments"]).replace('"', "") for call in calls) or draw(texts)
        script.append({"user": draw(st.sampled_from(USERS)).replace("{}", told)})
        if calls:
            observation = draw(st.sampled_from(["json", "text", "empty"]))
            value = {"id": draw(texts), "rows": [{"n": draw(numbers), "none": None}], "Ü b": "x: 'y'\n<z>", "ok": True}
            plain = {"json": jsonvalue.dumps(value), "text": f"row,{draw(texts)}", "empty": ""}[observation]
            script.append({"expect": {"calls": calls}, "observations": [plain] * len(calls)})
        script.append({"expect": {"no_call": True}, "answer": f"That was {draw(texts)}, as asked."})
    return script


@st.composite
def suites(draw: st.DrawFn) -> Suite:
    """A suite of one to three cases."""
    names = draw(st.lists(st.sampled_from(TOOL_NAMES), max_size=4, unique=True))
    made = {name: draw(objects()) for name in names}
    tools = [
        SuiteTool.model_validate(
            {
                "type": "function",
                "function": {"name": name, "description": f"Not search, but {name}. Set host.", "parameters": schema},
            }
        )
        for name, (schema, _) in made.items()
    ]
    cases = []
    for number in range(draw(st.integers(1, 3))):
        value: dict[str, Any] = {
            "id": f"case {number}",
            "turns": draw(turns({name: v for name, (_, v) in made.items()})),
        }
        if draw(st.booleans()):
            value["system"] = draw(st.sampled_from(["Never guess.", "Call get_alert first; mind the alert_id."]))
        if draw(st.booleans()):
            value["tags"] = {"language": "en", "observation_format": "json"}
        if draw(st.booleans()):
            value["tools"] = draw(st.permutations(names))
        cases.append(Case.from_json(_with_defaults(value, Defaults())))
    return Suite("drawn", "Drawn.", "Apache-2.0", Defaults(), {}, tuple(tools), tuple(cases))
