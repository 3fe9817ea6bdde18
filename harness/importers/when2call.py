"""When2Call: when to call, when to ask for what is missing, when to say that no tool serves.

Its test files are JSON Lines with `question`, `tools`, `correct_answer` and `answers`; no package carries them, so
they must be named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.errors import InputError
from harness.importers.drafts import Draft, Header, Importer, LeftOut, Note, put_language
from harness.importers.lines import LINE_RULES, objects
from harness.importers.schemas import SchemaError, function_name, tools
from harness.jsonvalue import JsonError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.importers.drafts import Imported, Request
    from harness.jsonvalue import JsonValue

SUITE = "when2call"
_KINDS = {
    "tool_call": "single_call",
    "request_for_info": "missing_parameter",
    "cannot_answer": "tool_not_offered",
    "direct": "no_call",
}


class _NotImportedError(Exception):
    def __init__(self, rule: str, detail: str = "") -> None:
        self.note = Note(rule, detail)
        super().__init__(rule)


def _read(request: Request) -> Iterator[Imported]:
    for path in _files(request.source):
        for number, item in objects(path):
            place = f"{path.name}:{number}"
            if isinstance(item, Note):
                yield LeftOut(SUITE, "unknown", place, item)
                continue
            category = str(item.get("correct_answer", "unknown"))
            if not request.wants(category):
                continue
            try:
                yield _draft(item, category, place)
            except _NotImportedError as error:
                yield LeftOut(SUITE, category, place, error.note)
            except SchemaError as error:
                yield LeftOut(SUITE, category, place, Note("tool_unusable", str(error)))


def _files(source: Path) -> list[Path]:
    """The file that was named, or the judge's set of a folder, else its multiple-choice set."""
    if source.is_file():
        return [source]
    for pattern in ("*test_llm_judge.jsonl", "*test_mcq.jsonl"):
        found = sorted(source.rglob(pattern))
        if found:
            return found
    raise InputError.single(source, "holds no When2Call test file (*test_llm_judge.jsonl or *test_mcq.jsonl)")


def _draft(item: dict[str, JsonValue], category: str, place: str) -> Draft:
    question, answers = item.get("question"), item.get("answers")
    if not isinstance(question, str) or not question.strip() or not isinstance(answers, dict):
        raise _NotImportedError("not_a_row", "question or answers are missing")
    if category not in _KINDS:
        raise _NotImportedError("unknown_kind", category)
    notes: list[Note] = []
    stated = item.get("tools")
    offered = tools([*map(_declaration, stated)] if isinstance(stated, list) else stated or [], notes)
    name = str(item.get("uuid") or place)
    turn: dict[str, JsonValue]
    if category == "tool_call":
        turn = {"expect": {"calls": [_call(answers.get("tool_call"))]}}
    else:
        turn = {"expect": {"no_call": True}}
        if isinstance(answers.get(category), str) and answers[category].strip():
            turn["answer"] = answers[category]
    case: dict[str, JsonValue] = {
        "id": f"when2call-{name}",
        "tags": {"category": category, "kind": _KINDS[category]},
        "turns": [{"user": question}, turn],
    }
    put_language(case)
    return Draft(SUITE, category, place, case, offered, notes)


def _declaration(value: JsonValue) -> JsonValue:
    """A tool, which stands there as JSON text or as it is."""
    try:
        return jsonvalue.loads(value) if isinstance(value, str) else value
    except JsonError as error:
        raise SchemaError(f"a tool is no JSON: {error}") from error


def _call(text: JsonValue) -> dict[str, JsonValue]:
    """The gold call: JSON text, bare or in the tags of the training files."""
    stated = text
    if isinstance(text, str):
        bare = text.strip().removeprefix("<TOOLCALL>").removesuffix("</TOOLCALL>")
        try:
            stated = jsonvalue.loads(bare)
        except JsonError as error:
            raise _NotImportedError("gold_unusable", str(error)) from error
    if isinstance(stated, list) and len(stated) == 1:
        stated = stated[0]
    if not isinstance(stated, dict) or not isinstance(stated.get("arguments"), dict) or "name" not in stated:
        raise _NotImportedError("gold_unusable", "the answer is no call with name and arguments")
    return {"name": function_name(str(stated["name"])), "arguments": stated["arguments"]}


def _header(_: str) -> Header:
    return Header(
        "When2Call: to call, to ask for what is missing, or to say that no tool serves. Its gold calls are one "
        "reading of the question; arguments are compared as they stand.",
        "CC-BY-4.0",
        {"source": "when2call"},
    )


IMPORTER = Importer(
    name="when2call",
    summary="When2Call: call, ask back, or say that no tool serves",
    source="a test file of When2Call, or the folder that holds it",
    read=_read,
    header=_header,
    categories=tuple(_KINDS),
    not_fetched="no package on the registry carries When2Call's data; get its repository or data set and name the file",
    rules={
        "not_a_row": "what a test row needs is missing",
        "unknown_kind": "the right kind of answer is none that is known",
        "gold_unusable": "the gold call is not one call with a name and an object of arguments",
        **LINE_RULES,
        "tool_renamed": "a character that function names may not have became `_`, in the tool and in the gold",
        "schema_repaired": "what no JSON Schema says was dropped from a tool's declaration",
    },
    foreign=frozenset({*LINE_RULES, "not_a_row"}),
)
