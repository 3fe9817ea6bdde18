"""The calls of one message against the expected ones: matched one-to-one, and what is wrong with each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from harness.leniency import rule_tree
from harness.records import Violation
from harness.scorers.arguments import RIGHT, Comparison, compare_arguments
from harness.scorers.assignment import assign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.dialects import Call
    from harness.records import Expectation, ExpectedCall, ViolationCode
    from harness.toolschema import Toolset

_WRONG_NAME = 10**15


class Pair(NamedTuple):
    """An actual call and the expected call that it was matched with, by their indices."""

    actual: int
    expected: int
    comparison: Comparison


def against_expected(
    expected: Sequence[ExpectedCall], actual: Sequence[Call], expect: Expectation, tools: Toolset
) -> tuple[bool, bool, list[Violation]]:
    """Whether names and arguments are right, and every violation of the best matching."""
    if len(expected) == len(actual) == 1 and expected[0].name == actual[0].name:
        comparison = compare(expected[0], actual[0], expect, tools)
        return True, not comparison.mismatches, [] if comparison is RIGHT else _mismatches(0, comparison)
    wanted = Counter(call.name for call in expected)
    made = Counter(call.name for call in actual)
    violations = []
    for name, count in (wanted - made).items():
        violations += [violation("missing_call", "", f"the call of {name!r} is missing")] * count
    pairs = best_pairs(expected, actual, expect, tools)
    paired = {pair.actual for pair in pairs}
    violations += [extra_call(index, call) for index, call in enumerate(actual) if index not in paired]
    right = True
    for index, _, comparison in pairs:
        right = right and not comparison.mismatches
        violations += _mismatches(index, comparison)
    names_right = wanted == made
    return names_right, names_right and right, violations


def best_pairs(
    expected: Sequence[ExpectedCall], actual: Sequence[Call], expect: Expectation, tools: Toolset
) -> list[Pair]:
    """The best one-to-one matching: its pairs of equal names, by the actual call."""
    if not expected or not actual:
        return []
    table = {
        (row, column): compare(left, right, expect, tools)
        for row, left in enumerate(expected)
        for column, right in enumerate(actual)
        if left.name == right.name
    }
    costs = [
        [table[row, column].cost if (row, column) in table else _WRONG_NAME for column in range(len(actual))]
        for row in range(len(expected))
    ]
    if len(expected) > len(actual):
        columns = assign([list(column) for column in zip(*costs, strict=True)])
        pairs = [(row, column) for column, row in enumerate(columns)]
    else:
        pairs = list(enumerate(assign(costs)))
    return sorted(Pair(column, row, table[row, column]) for row, column in pairs if (row, column) in table)


def compare(expected: ExpectedCall, actual: Call, expect: Expectation, tools: Toolset) -> Comparison:
    """How an actual call of the same name differs from an expected one, leniency allowed for."""
    rules = rule_tree(expected) if expected.match else None
    if rules is None and expected.arguments == actual.arguments == {}:
        return RIGHT
    tool = tools.get(expected.name)
    return compare_arguments(expected, rules, actual.arguments, tool, defaults_equal=expect.defaults_equal)


def _mismatches(index: int, comparison: Comparison) -> list[Violation]:
    found = [violation(m.code, f"/{index}/arguments{m.path}", m.message) for m in comparison.mismatches]
    for path in comparison.defaults:
        message = "right only because an argument left out stands for its default"
        found.append(violation("default_only", f"/{index}/arguments{path}", message))
    return found


def extra_call(index: int, call: Call) -> Violation:
    """The violation of a call too many."""
    return violation("extra_call", f"/{index}", f"the call of {call.name!r} was not expected")


def violation(code: ViolationCode, path: str, message: str) -> Violation:
    """A violation; `path` is a JSON pointer into the actual calls, or empty."""
    return Violation.trusted(code=code, path=path, message=message)
