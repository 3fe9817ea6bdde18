"""Our verdicts against BFCL's own checker, on its gold and on mutated gold: `python agreement.py FOLDER` prints it.

FOLDER holds the package `bfcl_eval` (the unpacked wheel). Every difference must fall under a named rule.
"""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tabulate import tabulate

from harness import jsonvalue
from harness.importers import bfcl_turns, importer
from harness.importers.checking import Inspector
from harness.importers.drafts import Draft, Request
from harness.importers.writing import Shelf
from harness.judging import Judge
from harness.records import STRICT_JSON, Expectation
from harness.replies import calling
from harness.suite import Case, Toolbox, decisions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.suite import Decision

CATEGORIES = (
    *("simple_python", "simple_java", "simple_javascript", "multiple", "parallel", "parallel_multiple"),
    *("live_simple", "live_multiple", "live_parallel", "live_parallel_multiple"),
)
RULES = {
    "text_as_written": "BFCL drops blanks, ,./-_*^ and the case of texts before it compares; here they stand as written",
    "schema_decides": "an acceptable value that breaks the tool's own schema was dropped at import",
    "one_number": "5 and 5.0 are one number here wherever the schema says number, in lists too",
    "best_matching": "parallel calls are matched as well as possible here; BFCL takes the first that fits",
    "any_is_any": "where the schema allows any value, every listed one counts here; BFCL takes `any` for text",
    "one_text": "a text that stands where the ground truth should hold a list is one value here; BFCL reads its letters",
}
Calls = list[tuple[str, dict[str, Any]]]


class Trial(NamedTuple):
    """One response to judge by both."""

    mutation: str
    category: str
    item: str
    calls: Calls
    ours: bool
    draft: Draft
    decision: Decision
    judge: Judge


def _as_it_is(calls: Calls) -> Iterator[Calls]:
    """As it is."""
    yield calls


def _each_value(calls: Calls, change: Callable[[Any], Any]) -> Iterator[Calls]:
    """The first argument that a change applies to, changed."""
    for index, (_, arguments) in enumerate(calls):
        for key, value in arguments.items():
            other = change(value)
            if other is not ...:
                made = copy.deepcopy(calls)
                made[index][1][key] = other
                yield made
                return


def _text(change: Callable[[str], str]) -> Callable[[Calls], Iterator[Calls]]:
    def changed(value: Any) -> Any:
        return change(value) if isinstance(value, str) and value and change(value) != value else ...

    return lambda calls: _each_value(calls, changed)


def _value(kinds: type | tuple[type, ...], change: Callable[[Any], Any]) -> Callable[[Calls], Iterator[Calls]]:
    def changed(value: Any) -> Any:
        fits = isinstance(value, kinds) and (kinds is bool or not isinstance(value, bool))
        return change(value) if fits else ...

    return lambda calls: _each_value(calls, changed)


def _inside(value: Any) -> Any:
    """A list with its first number written as another kind of number."""
    if value and isinstance(value[0], int) and not isinstance(value[0], bool):
        return [Decimal(f"{value[0]}.0"), *value[1:]]
    if value and isinstance(value[0], Decimal) and value[0] == int(value[0]):
        return [int(value[0]), *value[1:]]
    return ...


def _without(calls: Calls) -> Iterator[Calls]:
    for index, (_, arguments) in enumerate(calls):
        for key in arguments:
            made = copy.deepcopy(calls)
            del made[index][1][key]
            yield made


def _extra(calls: Calls) -> Iterator[Calls]:
    name, arguments = calls[0]
    yield [(name, {**arguments, "unheard_of": "x"}), *calls[1:]]


def _renamed(calls: Calls) -> Iterator[Calls]:
    yield [(calls[0][0] + "_2", calls[0][1]), *calls[1:]]


def _twice(calls: Calls) -> Iterator[Calls]:
    yield [*calls, calls[0]]


def _fewer(calls: Calls) -> Iterator[Calls]:
    if len(calls) > 1:
        yield calls[:-1]


def _backwards(calls: Calls) -> Iterator[Calls]:
    if len(calls) > 1:
        yield calls[::-1]


def acceptable(calls: Calls, truth: list[dict[str, dict[str, list[Any]]]]) -> Iterator[Calls]:
    """Each value that the ground truth lists, in the place of the gold one."""
    for index, (entry, (_, arguments)) in enumerate(zip(truth, calls, strict=True)):
        for key, values in next(iter(entry.values())).items():
            for value in values:
                if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(x, dict) for x in value)):
                    continue  # with alternatives inside
                if key in arguments and not jsonvalue.equal(arguments[key], value) and value != "":
                    made = copy.deepcopy(calls)
                    made[index][1][key] = value
                    yield made


MUTATIONS: dict[str, Callable[[Calls], Iterator[Calls]]] = {
    "gold": _as_it_is,
    "text in capitals": _text(str.upper),
    "text with a comma": _text(lambda text: text + ","),
    "another text": _text(lambda text: text + " x9"),
    "number plus one": _value((int, Decimal), lambda value: value + 1),
    "integer as 5.0": _value(int, lambda value: Decimal(f"{value}.0")),
    "5.0 as integer": _value(Decimal, lambda value: int(value) if value == int(value) else ...),
    "number as text": _value((int, Decimal), str),
    "boolean turned": _value(bool, lambda value: not value),
    "boolean as text": _value(bool, lambda value: str(value).lower()),
    "list backwards": _value(list, lambda value: value[::-1] if value != value[::-1] else ...),
    "number in a list retyped": _value(list, _inside),
    "null for a value": lambda calls: _each_value(calls, lambda value: None if value is not None else ...),
    "argument left out": _without,
    "argument added": _extra,
    "another tool": _renamed,
    "call twice": _twice,
    "call left out": _fewer,
    "calls backwards": _backwards,
}


def trials(content: Path) -> Iterator[Trial]:
    """Every imported single-turn case, as the gold has it and mutated in every way that applies."""
    chosen = importer("bfcl")
    for category in CATEGORIES:
        drafts = [item for item in chosen.read(Request(content, frozenset([category]))) if isinstance(item, Draft)]
        truths = bfcl_turns.ground_truth(content / "bfcl_eval" / "data", category)
        shelf = Shelf()
        cases = [(draft, shelf.shelved(draft)[0]) for draft in drafts if not draft.defects]
        tools = shelf.tools()
        toolbox = Toolbox(tools)
        inspector, judge = Inspector(tools, toolbox), Judge()
        for draft, value in cases:
            if inspector.problems(value):
                continue
            (decision,) = decisions_of(Case.model_validate(value, context=STRICT_JSON), toolbox)
            calls = [(call.name, call.arguments) for call in decision.expect.calls or ()]
            made = [(name, changed) for name, mutate in MUTATIONS.items() for changed in mutate(calls)]
            made += [("another acceptable value", changed) for changed in acceptable(calls, truths[draft.item])]
            for name, changed in made:
                ours = judge.verdict(decision, calling(changed).response).call_correct is True
                yield Trial(name, category, draft.item, changed, ours, draft, decision, judge)


def theirs(content: Path, found: list[Trial]) -> list[bool | str]:
    """BFCL's verdicts on the same calls, under its own names."""
    lines = []
    for trial in found:
        names = {
            note.detail.split(" is ")[1]: note.detail.split(" is ")[0]
            for note in trial.draft.notes
            if note.rule == "tool_renamed"
        }
        calls = [[names.get(name, name), arguments] for name, arguments in trial.calls]
        lines.append(jsonvalue.dump_line({"category": trial.category, "id": trial.item, "calls": calls}))
    script = Path(__file__).with_name("bfcl_checker.py")
    done = subprocess.run(
        [sys.executable, "-s", str(script), str(content)], input=b"".join(lines), capture_output=True, check=True
    )
    return json.loads(done.stdout)


def rule(trial: Trial, verdict: bool | str, gold_is: dict[str, bool]) -> str | None:  # noqa: FBT001 - BFCL's word
    """The named rule that a difference falls under; None if there is none."""
    if verdict is True:
        dropped = any(note.rule == "alternative_breaks_schema" for note in trial.draft.notes)
        found = {"text_as_written": _right_when_standardised(trial), "schema_decides": dropped}
    else:
        found = {
            "any_is_any": _lists_anything(trial),
            "one_text": _has_loose_text(trial),
            "one_number": trial.mutation == "number in a list retyped",
            "best_matching": trial.mutation == "calls backwards" and gold_is[trial.item],
        }
    return next((name for name, holds in found.items() if holds), None)


def _standard(value: Any) -> Any:
    if isinstance(value, str):
        return re.sub(r"[ \,\.\/\-\_\*\^]", "", value).lower().replace("'", '"')
    if isinstance(value, list):
        return [_standard(item) for item in value]
    return {key: _standard(item) for key, item in value.items()} if isinstance(value, dict) else value


def _right_when_standardised(trial: Trial) -> bool:
    """Whether ours would be right if it compared texts as BFCL does."""
    calls = []
    for call in trial.decision.expect.calls or ():
        match = {
            place: {"one_of": _standard(rule.one_of), "optional": rule.optional}
            if rule.one_of
            else {"optional": rule.optional}
            for place, rule in call.match.items()
        }
        kept = {
            place: {key: value for key, value in rule.items() if value is not None} for place, rule in match.items()
        }
        calls.append({"name": call.name, "arguments": _standard(call.arguments), "match": kept})
    decision = replace(trial.decision, expect=Expectation.model_validate({"calls": calls}))
    made = [(name, _standard(arguments)) for name, arguments in trial.calls]
    return trial.judge.verdict(decision, calling(made).response).call_correct is True


def _lists_anything(trial: Trial) -> bool:
    """Whether the items of some list may be anything."""
    members = [
        member for tool in trial.draft.tools for member in tool["function"]["parameters"].get("properties", {}).values()
    ]
    return any(item.get("type") == "array" and not item.get("items", {"type": ""}).get("type") for item in members)


def _has_loose_text(trial: Trial) -> bool:
    """Whether an object of the gold has a text where alternatives should be listed."""
    return any(
        isinstance(value, dict) and any(isinstance(item, str) for item in value.values())
        for _, arguments in trial.calls
        for value in arguments.values()
    )


def table(content: Path) -> tuple[list[list[Any]], Counter[str], list[Trial]]:
    """Rows by mutation, how often each rule explains a difference, and what none explains."""
    found = list(trials(content))
    verdicts = theirs(content, found)
    gold_is = {
        trial.item: verdict is True for trial, verdict in zip(found, verdicts, strict=True) if trial.mutation == "gold"
    }
    counts: dict[str, Counter[tuple[bool, bool]]] = {}
    rules: Counter[str] = Counter()
    unexplained = []
    for trial, verdict in zip(found, verdicts, strict=True):
        counts.setdefault(trial.mutation, Counter())[trial.ours, verdict is True] += 1
        if trial.ours == verdict:
            continue
        name = rule(trial, verdict, gold_is)
        if name is None:
            unexplained.append(trial)
        else:
            rules[name] += 1
    rows = [
        [name, sum(c.values()), c[True, True], c[False, False], c[False, True], c[True, False]]
        for name, c in counts.items()
    ]
    return rows, rules, unexplained


def show(rows: list[list[Any]], rules: Counter[str]) -> None:
    """The table as Markdown."""
    head = ["gold, mutated by", "responses", "both right", "both wrong", "only BFCL: right", "only ours: right"]
    total = ["all", *(sum(row[place] for row in rows) for place in range(1, 6))]
    print(tabulate([*rows, total], headers=head, tablefmt="github"))
    print()
    found = [[f"`{name}`", rules[name], text] for name, text in RULES.items()]
    print(tabulate(found, headers=["rule", "responses", "what differs"], tablefmt="github"))


def main() -> None:
    rows, rules, unexplained = table(Path(sys.argv[1]))
    show(rows, rules)
    for trial in unexplained:
        print("unexplained:", trial.mutation, trial.item, trial.calls)


if __name__ == "__main__":
    main()
