"""BFCL's multi-turn categories: the gold calls one after another, with what the source's own simulators return.

A turn is the user's message and its gold calls, each a decision of its own; the source judges only the state that
they lead to, so this is one path of many. Where it expects nothing to be done (a tool is withheld, a value is
missing) the decision is `no_call`, and a sentence that says no more than that stands in for the answer. The ends of
other turns, where the source has no text, are no decisions, and no answer stands there.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.errors import InputError
from harness.importers.drafts import Draft, LeftOut, Note
from harness.importers.lines import objects
from harness.importers.replaying import replayed
from harness.importers.schemas import SchemaError, tools

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.importers.drafts import Imported
    from harness.jsonvalue import JsonValue

_VARIANTS = ("base", "miss_func", "miss_param", "long_context")
CATEGORIES = tuple(f"multi_turn_{name}" for name in _VARIANTS)
_MODULES = {
    "GorillaFileSystem": "gorilla_file_system",
    "MathAPI": "math_api",
    "MessageAPI": "message_api",
    "TwitterAPI": "posting_api",
    "TicketAPI": "ticket_api",
    "TradingBot": "trading_bot",
    "TravelAPI": "travel_booking",
    "VehicleControlAPI": "vehicle_control",
}
"""Of every class the file of its tools and the module that simulates it."""
_MORE_TOOLS = "I have updated some more functions you can choose from. What about now?"
"""What the source's own runner says where a withheld tool becomes available."""
_NO_TOOL = "I have no tool for that at the moment, so I cannot do it yet."
_NO_VALUE = "I need one more detail from you before I can do that. Which one do you mean exactly?"
RULES = {
    "positional_arguments": "arguments without names got theirs from the tool's declaration",
    "turns_without_gold": "from a turn on whose outcome the source does not judge, the case ends",
    "placeholder_answer": "an answer in text stands in, since the source has none",
    "no_declaration": "a class of tools has no declarations",
    "not_a_call": "a gold call is not a plain call with literal arguments",
    "no_simulator": "the source's simulators could not run it",
    "error_observed": "a gold call returns an error from the simulator",
    "nothing_to_do": "no turn has anything that is judged",
}


class _GoldError(ValueError):
    pass


def ground_truth(data: Path, category: str) -> dict[str, JsonValue]:
    """The ground truth of a category by item.

    Raises:
        InputError: its file is missing or broken.
    """
    path = data / "possible_answer" / f"BFCL_v4_{category}.json"
    found: dict[str, JsonValue] = {}
    for number, item in objects(path):
        if isinstance(item, Note):
            raise InputError.single(path, str(item), line=number)
        found[str(item["id"])] = item["ground_truth"]
    return found


def read(data: Path, category: str) -> Iterator[Imported]:
    """Every item of a multi-turn category."""
    suite = f"bfcl_{category}"
    truths = ground_truth(data, category)
    declarations = _declarations(data)
    ready: list[tuple[dict[str, JsonValue], list[list[tuple[str, dict[str, JsonValue]]]], list[Note]]] = []
    for number, item in objects(data / f"BFCL_v4_{category}.json"):
        if isinstance(item, Note):
            yield LeftOut(suite, category, f"line {number}", item)
            continue
        notes: list[Note] = []
        try:
            ready.append((item, _gold(item, truths, declarations, notes), notes))
        except _GoldError as error:
            yield LeftOut(suite, category, item["id"], Note(*error.args))
    work = [
        {
            "id": item["id"],
            "classes": {name: _MODULES[name] for name in item["involved_classes"]},
            "config": item["initial_config"],
            "long_context": category.endswith("long_context"),
            "turns": gold,
        }
        for item, gold, _ in ready
    ]
    results = replayed("bfcl_simulators.py", data.parents[1], work)
    for item, gold, notes in ready:
        result = results[item["id"]]
        if isinstance(result, str):
            yield LeftOut(suite, category, item["id"], Note("no_simulator", result))
            continue
        try:
            yield _draft(suite, category, item, gold, result, declarations, notes)
        except SchemaError as error:
            yield LeftOut(suite, category, item["id"], Note("tool_unusable", str(error)))


def _declarations(data: Path) -> dict[str, list[dict[str, JsonValue]]]:
    """The tools of each class, as the source declares them; what they respond is left out, as no model is told it."""
    found: dict[str, list[dict[str, JsonValue]]] = {}
    for name, file in _MODULES.items():
        path = data / "multi_turn_func_doc" / f"{file}.json"
        found[name] = [item for _, item in objects(path) if not isinstance(item, Note)] if path.is_file() else []
    return found


def _gold(
    item: dict[str, JsonValue],
    truths: dict[str, JsonValue],
    declarations: dict[str, list[dict[str, JsonValue]]],
    notes: list[Note],
) -> list[list[tuple[str, dict[str, JsonValue]]]]:
    """The gold calls of each turn, arguments by name."""
    if item["id"] not in truths:
        raise _GoldError("no_gold", "the source has no ground truth for it")
    parameters: dict[str, list[str]] = {}
    for name in item["involved_classes"]:
        if not declarations.get(name):
            raise _GoldError("no_declaration", name)
        for tool in declarations[name]:
            parameters[tool["name"]] = list(tool["parameters"].get("properties", {}))
    return [[_parsed(text, parameters, notes) for text in turn] for turn in truths[item["id"]]]


def _parsed(text: str, parameters: dict[str, list[str]], notes: list[Note]) -> tuple[str, dict[str, JsonValue]]:
    """A call that is written as Python."""
    try:
        call = ast.parse(text.strip(), mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise _GoldError("not_a_call", text)
        given = [ast.literal_eval(argument) for argument in call.args]
        named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    except (SyntaxError, ValueError) as error:
        raise _GoldError("not_a_call", text) from error
    name = call.func.id
    if name not in parameters:
        raise _GoldError("gold_not_offered", f"the ground truth calls {name}")
    if given:
        notes.append(Note("positional_arguments", text))
    if len(given) > len(parameters[name]) or None in named:
        raise _GoldError("not_a_call", text)
    return name, jsonvalue.checked(dict(zip(parameters[name], given, strict=False)) | named)


def _draft(
    suite: str,
    category: str,
    item: dict[str, JsonValue],
    gold: list[list[tuple[str, dict[str, JsonValue]]]],
    observed: list[list[str]],
    declarations: dict[str, list[dict[str, JsonValue]]],
    notes: list[Note],
) -> Draft:
    bare = [tool for name in item["involved_classes"] for tool in declarations[name]]
    held = {int(turn): names for turn, names in item.get("missed_function", {}).items()}
    offered = tools([{key: tool[key] for key in ("name", "description", "parameters")} for tool in bare], notes)
    names = [tool["function"]["name"] for tool in offered]
    open_now = [name for name in names if not any(name in later for later in held.values())]
    case: dict[str, JsonValue] = {"id": f"bfcl-{item['id']}", "tags": _tags(category), "tools": open_now, "turns": []}
    withheld = (category.endswith("miss_func"), category.endswith("miss_param"))
    used_up = False
    for index, (messages, calls, results) in enumerate(zip(item["question"], gold, observed, strict=True)):
        said: list[JsonValue] = [{"user": message["content"]} for message in messages]
        if index in held:
            open_now = [name for name in names if name in open_now or name in held[index]]
            said = said or [{"user": _MORE_TOOLS}]
            said[0]["tools"] = open_now
        silent = (withheld[0] and index + 1 in held) or (withheld[1] and not used_up)
        if not calls and not silent:
            notes.append(Note("turns_without_gold", f"turn {index + 1} of {len(gold)}"))
            break
        case["turns"] += said
        if not calls:
            used_up = True
            notes.append(Note("placeholder_answer", f"turn {index + 1}"))
            case["turns"].append({"expect": {"no_call": True}, "answer": _NO_TOOL if withheld[0] else _NO_VALUE})
        for (name, arguments), result in zip(calls, results, strict=True):
            expect = {"calls": [{"name": name, "arguments": arguments}]}
            case["turns"].append({"expect": expect, "observations": [result]})
            if result.startswith(('{"error"', "Error during execution")):
                notes.append(Note("error_observed", f"turn {index + 1}: {name}: {result[:120]}"))
    return Draft(suite, category, item["id"], case, offered, notes)


def _tags(category: str) -> dict[str, JsonValue]:
    kind = (
        "tool_not_offered" if "miss_func" in category else "missing_parameter" if "miss_param" in category else "chain"
    )
    return {"category": category, "kind": kind, "language": "en"}
