"""Runs calls on tau2's own tools: a program of its own, started by the importer, never imported.

Argument: the folder that holds the package `inspect_evals`. Input: JSON Lines with `id`, `domain`, `reads` and
`writes`, each a list of [name, arguments]; an `id` that is a domain's name asks for its tools. Output: one JSON object
{id: {"reads": [name, arguments, text] of all that is read, "writes": texts}, or a text that says why not, or tools}.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import pickle
import re
import sys
import types
from typing import TYPE_CHECKING, Any, get_type_hints

import pydantic

if TYPE_CHECKING:
    from collections.abc import Callable

_STORE: dict[str, object] = {}
_PRISTINE: dict[str, bytes] = {}
_MAKERS: dict[str, Callable[..., Any]] = {}


class _ToolError(Exception):
    """What a tool says where it refuses."""


def _tool(maker: Callable[..., Any]) -> Callable[..., Any]:
    _MAKERS[maker.__name__] = maker
    return maker


def _store_as(model: type, name: str) -> object:
    """The state of a domain; a copy of the pristine one for each task (unpickled: a third of deepcopy's time)."""
    if name not in _PRISTINE:
        first = model()
        first.initialize()
        _PRISTINE[name] = pickle.dumps(first, protocol=pickle.HIGHEST_PROTOCOL)
    if name not in _STORE:
        _STORE[name] = pickle.loads(_PRISTINE[name])  # noqa: S301 - made by this process, a moment ago
    return _STORE[name]


def _module(name: str, **content: object) -> None:
    module = types.ModuleType(name)
    module.__dict__.update(content)
    sys.modules[name] = module


def _stand_in(root: str) -> None:
    """For inspect_ai and toml as far as the tools use them, and for packages whose __init__ would import the rest."""
    _module("inspect_ai", __path__=[])
    _module("inspect_ai.tool", ToolError=_ToolError, tool=_tool, Tool=object)
    _module("inspect_ai.util", StoreModel=pydantic.BaseModel, store_as=_store_as)
    _module("inspect_ai.model", Content=object, ContentText=object)
    _module("toml")
    _module("inspect_evals", __path__=[f"{root}/inspect_evals"])
    _module("inspect_evals.tau2", __path__=[f"{root}/inspect_evals/tau2"])


def _described(text: str) -> tuple[str, dict[str, str]]:
    """A docstring's description, and what it says of each argument."""
    text = inspect.cleandoc(text)
    head, _, rest = text.partition("\nArgs:\n")
    block = re.split(r"\n(?:Returns|Raises):", rest)[0]
    arguments: dict[str, str] = {}
    name = ""
    for line in block.split("\n"):
        found = re.match(r" {4}(\w+)(?: \([^)]*\))?: (.*)", line)
        if found:
            name = found[1]
            arguments[name] = found[2].strip()
        elif name and line.strip():
            arguments[name] += " " + line.strip()
    return re.split(r"\n(?:Returns|Raises):", head)[0].strip(), arguments


def _fields(execute: Callable[..., Any]) -> dict[str, Any]:
    hints = get_type_hints(execute, include_extras=True)
    found = {}
    for name, parameter in inspect.signature(execute).parameters.items():
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        found[name] = (hints.get(name, Any), default)
    return found


def _untitled(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_untitled(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for key, value in schema.items():
        if key in ("properties", "$defs") and isinstance(value, dict):
            kept[key] = {name: _untitled(member) for name, member in value.items()}
        elif not (key == "title" and isinstance(value, str)):
            kept[key] = _untitled(value)
    return kept


def _declared(name: str) -> dict[str, Any]:
    execute = _MAKERS[name]()
    description, arguments = _described(execute.__doc__ or "")
    schema = _untitled(pydantic.create_model(name, **_fields(execute)).model_json_schema())
    schema.pop("description", None)
    for argument, text in arguments.items():
        if argument in schema.get("properties", {}):
            schema["properties"][argument].setdefault("description", text)
    schema["additionalProperties"] = False
    return {"name": name, "description": description, "parameters": schema}


def _called(name: str, arguments: dict[str, Any]) -> str:
    """What a tool returns, or the error that a model would be shown."""
    execute = _MAKERS[name]()
    model = pydantic.create_model(name, **_fields(execute))
    try:
        checked = model.model_validate(arguments)
        values = {key: getattr(checked, key) for key in arguments}
        result = asyncio.run(execute(**values))
    except (_ToolError, pydantic.ValidationError) as error:
        return f"Error: {error}"
    return result if isinstance(result, str) else json.dumps(result)


def _run(work: dict[str, Any]) -> dict[str, list[Any]]:
    _STORE.clear()
    reads = _with_records(work)
    texts = [_called(name, arguments) for name, arguments in reads]
    writes = [_called(name, arguments) for name, arguments in work["writes"]]
    return {"reads": [[*call, text] for call, text in zip(reads, texts, strict=True)], "writes": writes}


def _with_records(work: dict[str, Any]) -> list[Any]:
    """The gold calls that read, and those of the customer's own records: the gold skips what it need not look up."""
    listed, reader, key = _RECORDS[work["domain"]]
    reads = list(work["reads"])
    told = [*work["reads"], *work["writes"]]
    found = [_parsed(_called(name, arguments)) for name, arguments in told if name.startswith(("get_", "find_user"))]
    records = [_parsed(_called(reader, {key: arguments[key]})) for _, arguments in told if key in arguments]
    users = [arguments.get("user_id") for _, arguments in told]
    users += [item.get("user_id") if isinstance(item, dict) else item for item in (*found, *records)]
    user = next((name for name in users if isinstance(name, str) and _known(name)), None)
    if user is not None:
        own = _parsed(_called("get_user_details", {"user_id": user}))
        reads += [["get_user_details", {"user_id": user}], *([reader, {key: name}] for name in own[listed])]
    for record in records:
        items = record.get("items", ()) if isinstance(record, dict) and work["domain"] == "retail" else ()
        reads += [["get_product_details", {"product_id": item["product_id"]}] for item in items]
    return [call for index, call in enumerate(reads) if call not in reads[:index]]


_RECORDS = {
    "airline": ("reservations", "get_reservation_details", "reservation_id"),
    "retail": ("orders", "get_order_details", "order_id"),
}
"""By domain: what a customer's details list, what reads one of it, by which argument."""


def _known(user: str) -> bool:
    return not _called("get_user_details", {"user_id": user}).startswith("Error: ")


def _parsed(text: str) -> Any:
    """What a tool returned, as JSON where it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def main() -> None:
    """Reads the work, prints the results."""
    _stand_in(sys.argv[1])
    results: dict[str, object] = {}
    for line in sys.stdin:
        work = json.loads(line)
        importlib.import_module("inspect_evals.tau2.common.tools")
        module = importlib.import_module(f"inspect_evals.tau2.{work['domain']}.tools")
        if work["id"] == work["domain"]:
            results[work["id"]] = [_declared(name) for name in _MAKERS if hasattr(module, name)]
            continue
        try:
            results[work["id"]] = _run(work)
        except Exception as error:  # noqa: BLE001 - reported for this one item; the others go on
            results[work["id"]] = f"{type(error).__name__}: {error}"
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
