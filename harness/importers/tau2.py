"""tau2's airline and retail tasks, from the `inspect-evals` wheel: the calls that change something, teacher-forced.

A task there is a scenario for a simulated customer, judged by the state of a database at the end. Here it is one
case: the policy and the customer's records (with all that the gold calls read) stand in the system text, the scenario
is the customer's message, and each gold call that writes is a decision, with what tau2's own tool returns.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

from harness import jsonvalue
from harness.errors import InputError
from harness.importers.drafts import Draft, Header, Importer, LeftOut, Note
from harness.importers.lines import document
from harness.importers.replaying import replayed
from harness.importers.schemas import SchemaError, tools
from harness.importers.wheels import Wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.importers.drafts import Imported, Request
    from harness.jsonvalue import JsonValue

_DOMAINS = ("airline", "retail")
_NOT_IMPORTED = {
    "telecom": ("user_acts", "tasks_small.json"),
    "banking_knowledge": ("tools_in_documents", "tasks.json"),
}
_READING = ("get_", "find_", "search_", "list_")
_NO_RECORD = ("calculate",)
_PAIRED = ("item_ids", "new_item_ids")
_ANY_ORDER = {
    "return_delivered_order_items": ("item_ids",),
    "book_reservation": ("passengers", "payment_methods"),
    "update_reservation_passengers": ("passengers",),
}
_MOST_PAIRS = 5
_RECORDS = "# Records already looked up in this conversation (the customer is identified)"
_REQUEST = """\
This is all there is to my request, as notes to myself ("you" is me):
{notes}
I have seen the details and say yes to every change that follows from this and that the policy allows. Please make \
the changes now, one call at a time, without asking me again."""


def _read(request: Request) -> Iterator[Imported]:
    content, domains = _domains_folder(request.source)
    for domain in _DOMAINS:
        if request.wants(domain):
            yield from _domain(content, domains / domain, domain)
    for domain, (rule, file) in _NOT_IMPORTED.items():
        path = domains / domain / file
        if request.wants(domain) and path.is_file():
            for task in document(path):
                yield LeftOut(f"tau2_{domain}", domain, str(task["id"]), Note(rule))


def _domains_folder(source: Path) -> tuple[Path, Path]:
    """The folder that holds the package, and the one of its data."""
    domains = source / "inspect_evals" / "tau2" / "data" / "domains"
    if not domains.is_dir():
        raise InputError.single(source, "holds no inspect_evals/tau2; name the unpacked wheel, or use --fetch")
    return source, domains


def _domain(content: Path, folder: Path, domain: str) -> Iterator[Imported]:
    suite = f"tau2_{domain}"
    policy = (folder / "policy.txt").read_text(encoding="utf-8").strip()
    base = set(document(folder / "split_tasks.json").get("base", ()))
    tasks = {str(task["id"]): task for task in document(folder / "tasks.json")}
    plans = {name: _plan(task) for name, task in tasks.items()}
    work: list[dict[str, JsonValue]] = [{"id": domain, "domain": domain}]
    work += [{"id": name, "domain": domain, **plan} for name, plan in plans.items() if plan["writes"]]
    results = replayed("tau2_tools.py", content, work)
    notes: list[Note] = []
    offered = tools(jsonvalue.checked(results[domain]), notes)
    for name, task in tasks.items():
        result = results.get(name)
        if base and name not in base:
            yield LeftOut(suite, domain, name, Note("not_in_base"))
        elif not plans[name]["writes"]:
            yield LeftOut(suite, domain, name, Note("nothing_written"))
        elif not isinstance(result, dict):
            yield LeftOut(suite, domain, name, Note("no_simulator", str(result)))
        else:
            try:
                yield _draft(suite, domain, task, plans[name], result, policy, offered)
            except SchemaError as error:
                yield LeftOut(suite, domain, name, Note("tool_unusable", str(error)))


def _plan(task: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The gold calls of a task: those that read, each once, and those that write."""
    criteria = task.get("evaluation_criteria") or {}
    calls = [[action["name"], action["arguments"]] for action in criteria.get("actions") or ()]
    reads = [call for call in calls if call[0].startswith(_READING)]
    distinct = [call for index, call in enumerate(reads) if call not in reads[:index]]
    writes = [call for call in calls if not call[0].startswith((*_READING, *_NO_RECORD))]
    return {"reads": distinct, "writes": writes}


def _draft(
    suite: str,
    domain: str,
    task: dict[str, JsonValue],
    plan: dict[str, JsonValue],
    result: dict[str, list[Any]],
    policy: str,
    offered: list[dict[str, JsonValue]],
) -> Draft:
    name = str(task["id"])
    notes: list[Note] = []
    refused: list[Note] = []
    records = [f"{tool}({jsonvalue.dumps(arguments)}) returned: {text}" for tool, arguments, text in result["reads"]]
    turns: list[JsonValue] = [{"user": _REQUEST.format(notes=_scenario(task))}]
    for (tool, arguments), text in zip(plan["writes"], result["writes"], strict=True):
        turns.append({"expect": {"calls": [_call(tool, arguments)]}, "observations": [text]})
        if text.startswith("Error: "):
            refused.append(Note("gold_refused", f"{tool}: {text[:120]}"))
    if len(plan["writes"]) > 1:
        notes.append(Note("order_of_writes", f"{len(plan['writes'])} calls"))
    writes = "several" if len(plan["writes"]) > 1 else "one"
    case: dict[str, JsonValue] = {
        "id": f"tau2-{domain}-{name}",
        "tags": {"category": domain, "kind": "multi_step", "writes": writes},
        "system": "\n\n".join([policy, _RECORDS, *records]),
        "turns": turns,
    }
    return Draft(suite, domain, name, case, offered, notes, refused)


def _scenario(task: dict[str, JsonValue]) -> str:
    told = task["user_scenario"]["instructions"]
    if isinstance(told, str):
        return told
    parts = (told.get(key) for key in ("known_info", "reason_for_call", "task_instructions", "unknown_info"))
    return "\n".join(part.strip() for part in parts if part and part.strip(" ."))


def _call(tool: str, arguments: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """A gold call; what has no order there has none here."""
    match: dict[str, JsonValue] = {}
    if tool == "transfer_to_human_agents":
        match["/summary"] = {"any": True}
    for key in _ANY_ORDER.get(tool, ()):
        if isinstance(arguments.get(key), list):
            match[f"/{key}"] = {"unordered": True}
    if all(isinstance(arguments.get(key), list) for key in _PAIRED) and 1 < len(arguments["item_ids"]) <= _MOST_PAIRS:
        match[""] = {"one_of": list(_paired(arguments))}
    return {"name": tool, "arguments": arguments, **({"match": match} if match else {})}


def _paired(arguments: dict[str, JsonValue]) -> Iterator[JsonValue]:
    """Items and what they are exchanged for, in every order of the pairs."""
    for pairs in permutations(zip(*(arguments[key] for key in _PAIRED), strict=True)):
        yield {
            **arguments,
            **{key: list(column) for key, column in zip(_PAIRED, zip(*pairs, strict=True), strict=True)},
        }


def _header(suite: str) -> Header:
    return Header(
        f"tau2 {suite.removeprefix('tau2_')}: the calls that change something, teacher-forced, imported from "
        "inspect-evals. One reference path of many.",
        "MIT",
        {"source": "tau2", "language": "en", "gold": "reference_path"},
    )


IMPORTER = Importer(
    name="tau2",
    summary="tau2 airline and retail: the calls that change something",
    source="the inspect-evals wheel, unpacked or not",
    read=_read,
    header=_header,
    categories=(*_DOMAINS, *_NOT_IMPORTED),
    wheel=Wheel(
        "inspect-evals",
        "0.26.0",
        "b76d15813182807da141a0f06bb6f18a5f82d1f06291ec2633bb84cdf661f8d0",
        ("inspect_evals/tau2/",),
    ),
    rules={
        "user_acts": "the customer's own calls change the world there; the agent's alone do not tell what is right",
        "tools_in_documents": "tools are found by reading documents there, which teacher-forcing would give away",
        "nothing_written": "no gold call changes anything",
        "not_in_base": "the task is not in the benchmark's base split",
        "no_simulator": "tau2's own tools could not run it",
        "gold_refused": "tau2's own tool refuses a gold call, so that it changes nothing",
        "order_of_writes": "several calls in the source's order, though another may be as good (tag `writes`: several)",
        "tool_renamed": "a character that function names may not have became `_`",
        "schema_repaired": "what no JSON Schema says was dropped from a tool's declaration",
    },
)
