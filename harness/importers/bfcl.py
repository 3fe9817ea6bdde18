"""BFCL, the Berkeley Function Calling Leaderboard, version 4: from the `bfcl-eval` wheel or its data folder.

Each category becomes a suite `bfcl_<category>`. Single-turn: one decision a case. Multi-turn: see `bfcl_turns`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.importers import bfcl_turns
from harness.importers.answers import AnswerError, answer_of
from harness.importers.drafts import Draft, Header, Importer, LeftOut, Note, put_language
from harness.importers.lines import LINE_RULES, objects
from harness.importers.schemas import SchemaError, function_name, tools
from harness.importers.wheels import Wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.importers.drafts import Imported, Request
    from harness.jsonvalue import JsonValue

_PREFIX = "BFCL_v4_"
_NO_CALL = ("irrelevance", "live_irrelevance")
_ANY_CALL = ("live_relevance",)
_GOLD = (
    *("simple_python", "simple_java", "simple_javascript", "multiple", "parallel", "parallel_multiple"),
    *("live_simple", "live_multiple", "live_parallel", "live_parallel_multiple"),
)
SINGLE_TURN = (*_GOLD, *_NO_CALL, *_ANY_CALL)
CATEGORIES = (*SINGLE_TURN, *bfcl_turns.CATEGORIES)
_KINDS = {"multiple": "single_call", "parallel": "parallel", "irrelevance": "no_call", "relevance": "any_call"}


def _read(request: Request) -> Iterator[Imported]:
    data = _data_folder(request.source)
    for category in CATEGORIES:
        if not request.wants(category):
            continue
        if not (data / f"{_PREFIX}{category}.json").is_file():
            if request.categories:
                raise InputError.single(data, f"holds no {_PREFIX}{category}.json")
            continue
        yield from bfcl_turns.read(data, category) if category in bfcl_turns.CATEGORIES else _category(data, category)


def _data_folder(source: Path) -> Path:
    """The folder of the data: of a wheel's content, or the one that was named."""
    for folder in (source / "bfcl_eval" / "data", source / "data", source):
        if any(folder.glob(f"{_PREFIX}*.json")):
            return folder
    raise InputError.single(source, f"holds no {_PREFIX}*.json; name the folder of bfcl-eval's data, or use --fetch")


def _category(data: Path, category: str) -> Iterator[Imported]:
    truths = bfcl_turns.ground_truth(data, category) if category in _GOLD else {}
    suite = f"bfcl_{category}"
    for number, item in objects(data / f"{_PREFIX}{category}.json"):
        if isinstance(item, Note):
            yield LeftOut(suite, category, f"line {number}", item)
            continue
        name = str(item.get("id", f"line {number}"))
        try:
            yield _draft(suite, category, name, item, truths)
        except _NotImportedError as error:
            yield LeftOut(suite, category, name, error.note)
        except SchemaError as error:
            yield LeftOut(suite, category, name, Note("tool_unusable", str(error)))
        except AnswerError as error:
            yield LeftOut(suite, category, name, Note("gold_unusable", str(error)))


class _NotImportedError(Exception):
    def __init__(self, rule: str, detail: str) -> None:
        self.note = Note(rule, detail)
        super().__init__(rule)


def _draft(suite: str, category: str, name: str, item: dict[str, JsonValue], truths: dict[str, JsonValue]) -> Draft:
    notes: list[Note] = []
    defects: list[Note] = []
    system, users = _question(item["question"])
    offered = tools(item["function"], notes)
    if category in _GOLD:
        if name not in truths:
            raise _NotImportedError("no_gold", "the source has no ground truth for it")
        expect: JsonValue = {"calls": _calls(truths[name], offered, notes, defects)}
    elif category in _ANY_CALL:
        expect = {"any_call": True}
    else:
        expect = {"no_call": True}
    case: dict[str, JsonValue] = {"id": f"bfcl-{name}", "tags": {"category": category, "kind": _kind(category)}}
    if system is not None:
        case["system"] = system
    case["turns"] = [*({"user": text} for text in users), {"expect": expect}]
    put_language(case)
    return Draft(suite, category, name, case, offered, notes, defects)


def _kind(category: str) -> str:
    return next((kind for part, kind in reversed(_KINDS.items()) if part in category), "single_call")


def _question(question: JsonValue) -> tuple[str | None, list[str]]:
    """The system text and the user messages of a question of one turn."""
    if len(question) != 1:
        raise _NotImportedError("several_turns", f"{len(question)} turns where one is judged")
    messages = question[0]
    system = None
    if messages and messages[0]["role"] == "system":
        system, messages = messages[0]["content"], messages[1:]
    roles = {message["role"] for message in messages}
    if roles - {"user"}:
        raise _NotImportedError(
            "scripted_answers", "the question holds earlier answers of an assistant, which the source does not judge"
        )
    if not messages:
        raise _NotImportedError("no_user", "nobody asks anything")
    return system, [message["content"] for message in messages]


def _calls(
    truth: JsonValue, offered: list[dict[str, JsonValue]], notes: list[Note], defects: list[Note]
) -> list[JsonValue]:
    schemas = {tool["function"]["name"]: tool["function"].get("parameters", {}) for tool in offered}
    calls: list[JsonValue] = []
    for entry in truth:
        for source_name, arguments in entry.items():
            name = function_name(source_name)
            if name not in schemas:
                raise _NotImportedError("gold_not_offered", f"the ground truth calls {source_name}")
            answer = answer_of(arguments, schemas[name])
            notes += answer.notes
            defects += answer.defects
            call: dict[str, JsonValue] = {"name": name, "arguments": answer.arguments}
            if answer.match:
                call["match"] = answer.match
            calls.append(call)
    return calls


def _header(suite: str) -> Header:
    category = suite.removeprefix("bfcl_")
    multi = category in bfcl_turns.CATEGORIES
    path = " One reference path of many: other calls may serve the user as well." if multi else ""
    return Header(
        f"BFCL v4, category {category}, imported from bfcl-eval.{path}",
        "Apache-2.0",
        {"source": "bfcl", **({"gold": "reference_path"} if multi else {})},
    )


IMPORTER = Importer(
    name="bfcl",
    summary="BFCL v4: single-turn, irrelevance, live and multi-turn categories",
    source="the bfcl-eval wheel, unpacked or not, or the folder of its data",
    read=_read,
    header=_header,
    categories=CATEGORIES,
    wheel=Wheel(
        "bfcl-eval",
        "2026.3.23",
        "3bb6dfa5f0c68ad403c9ec50b00db2bb3b4cc9b38ab1ff33f48fe30d853d3a0a",
        ("bfcl_eval/",),
    ),
    rules={
        "tool_renamed": "a character that function names may not have became `_`, in the tool and in the gold",
        "schema_repaired": "what no JSON Schema says was dropped from a tool's declaration",
        "alternative_breaks_schema": "an acceptable value that the tool's schema refuses was dropped",
        "undeclared_argument": "the ground truth has an argument that the tool lacks: dropped if it may be left out",
        "gold_breaks_schema": "no acceptable value is valid under the tool's own schema",
        "gold_unusable": "the ground truth is not of the form of its category",
        "gold_not_offered": "the ground truth calls a tool that is not offered",
        "no_gold": "there is no ground truth",
        **LINE_RULES,
        "several_turns": "more than one turn in a single-turn category",
        "scripted_answers": "earlier answers of the assistant are in the question; nobody says whether they are right",
        "no_user": "there is no user message",
        **bfcl_turns.RULES,
    },
    foreign=frozenset(LINE_RULES),
)
