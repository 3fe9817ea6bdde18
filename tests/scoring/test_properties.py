"""Comparing calls and counting verdicts: what must hold of all values, not of examples only."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import jsonvalue
from harness.metrics import wilson_interval
from harness.records import Expectation, ExpectedCall, MatchRule, Response, Score
from harness.scorers.assignment import assign
from harness.scorers.fabrication import Trajectory
from harness.scorers.verdict import score
from harness.toolschema import Toolset
from strategies import decimals, json_objects, small_values

if TYPE_CHECKING:
    from decimal import Decimal

small_objects = st.dictionaries(st.sampled_from("abc"), small_values, max_size=3)

_ANY_TOOLS = Toolset([("f", None), ("g", None)])
calls_strategy = st.lists(st.tuples(st.sampled_from("fg"), small_objects), min_size=1, max_size=4)


def _verdict(expected: list[ExpectedCall], actual: list[tuple[str, Any]], tools: Toolset = _ANY_TOOLS) -> Score:
    entries = [{"function": {"name": name, "arguments": jsonvalue.dumps(arguments)}} for name, arguments in actual]
    response = Response(message={"content": None, "tool_calls": entries})
    return score(Expectation(calls=expected), tools, response, quoted="", history=lambda: Trajectory([], []))


def _expected(calls: list[tuple[str, Any]]) -> list[ExpectedCall]:
    return [ExpectedCall(name=name, arguments=arguments) for name, arguments in calls]


def _reordered(value: Any) -> Any:
    """The same value, object keys in the opposite order at every depth."""
    if isinstance(value, dict):
        return {key: _reordered(item) for key, item in reversed(value.items())}
    return [_reordered(item) for item in value] if isinstance(value, list) else value


@given(json_objects)
def test_every_call_equals_itself(arguments: Any) -> None:
    verdict = _verdict(_expected([("f", arguments)]), [("f", arguments)])
    assert verdict.outcome == "correct_call"
    assert verdict.violations == []


@given(calls_strategy, calls_strategy)
def test_comparison_without_leniency_is_symmetric(left: Any, right: Any) -> None:
    assert _verdict(_expected(left), right).outcome == _verdict(_expected(right), left).outcome


@given(small_objects, small_objects)
def test_one_call_is_right_exactly_when_the_values_are_equal(left: Any, right: Any) -> None:
    verdict = _verdict(_expected([("f", left)]), [("f", right)])
    assert (verdict.outcome == "correct_call") == jsonvalue.equal(left, right)
    assert bool(verdict.violations) == (verdict.outcome != "correct_call")


@given(calls_strategy, calls_strategy)
def test_key_order_is_nothing(expected: Any, actual: Any) -> None:
    turned = [(name, _reordered(arguments)) for name, arguments in actual]
    first, second = _verdict(_expected(expected), actual), _verdict(_expected(expected), turned)
    assert first.outcome == second.outcome
    assert sorted(v.code for v in first.violations) == sorted(v.code for v in second.violations)


@given(calls_strategy, calls_strategy, st.randoms())
def test_call_order_is_nothing(expected: Any, actual: Any, randomness: Any) -> None:
    first = _verdict(_expected(expected), actual)
    randomness.shuffle(actual)
    randomness.shuffle(expected)
    second = _verdict(_expected(expected), actual)
    assert first.outcome == second.outcome
    assert len(first.violations) == len(second.violations)


_LENIENT = st.sampled_from([
    {},
    {"/x": MatchRule(any=True)},
    {"/x": MatchRule(one_of=["a", "b"])},
    {"/x": MatchRule(one_of=["b", "c"])},
    {"/x": MatchRule(casefold=True)},
    {"/x": MatchRule(regex="[ab]")},
    {"/x": MatchRule(optional=True)},
])  # fmt: skip
lenient_calls = st.lists(
    st.builds(
        lambda name, value, match: ExpectedCall(name=name, arguments={"x": value}, match=match),
        st.sampled_from("ffg"),
        st.sampled_from("abc"),
        _LENIENT,
    ),
    min_size=2,
    max_size=4,
)


@settings(max_examples=2 * settings.default.max_examples)
@given(lenient_calls, st.data())
def test_matching_is_maximum(expected: list[ExpectedCall], data: st.DataObject) -> None:
    """Neither greedy nor by place: right exactly when some one-to-one assignment makes every pair right."""
    arguments = st.sampled_from([{"x": "a"}, {"x": "b"}, {"x": "c"}, {"x": "A"}, {"x": "d"}, {}])
    actual = [(call.name, data.draw(arguments)) for call in expected]
    actual = data.draw(st.permutations(actual))

    def right(call: ExpectedCall, made: tuple[str, Any]) -> bool:
        return _verdict([call], [made]).outcome == "correct_call"

    possible = any(all(map(right, expected, order)) for order in itertools.permutations(actual))
    verdict = _verdict(expected, list(actual))
    assert verdict.outcome == ("correct_call" if possible else "wrong_arguments")
    fewest = min(
        sum(not right(call, made) for call, made in zip(expected, order, strict=True))
        for order in itertools.permutations(actual)
        if all(call.name == made[0] for call, made in zip(expected, order, strict=True))
    )
    assert len({violation.path.split("/")[1] for violation in verdict.violations}) == fewest


@given(st.lists(small_values, min_size=1, max_size=4), st.data())
def test_unordered_arrays_are_multisets(expected: list[Any], data: st.DataObject) -> None:
    actual = data.draw(st.permutations(expected) | st.lists(small_values, max_size=4))
    call = ExpectedCall(name="f", arguments={"x": expected}, match={"/x": MatchRule(unordered=True)})
    left = sorted(map(jsonvalue.canonical, expected))
    same = left == sorted(map(jsonvalue.canonical, actual))
    assert (_verdict([call], [("f", {"x": list(actual)})]).outcome == "correct_call") == same


@given(decimals, decimals)
def test_numbers_are_exact_decimals(left: Decimal, right: Decimal) -> None:
    tools = Toolset([("f", {"type": "object", "properties": {"x": {"type": "number"}}})])
    verdict = _verdict(_expected([("f", {"x": left})]), [("f", {"x": right})], tools)
    assert (verdict.outcome == "correct_call") == (left == right)


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=1, max_size=4)
    | st.lists(st.lists(st.integers(0, 10**18), min_size=5, max_size=5), min_size=1, max_size=4)
)
def test_assignment_costs_as_little_as_any(costs: list[list[int]]) -> None:
    columns = assign(costs)
    assert len(set(columns)) == len(costs)
    cost = sum(row[column] for row, column in zip(costs, columns, strict=True))
    assert cost == min(
        sum(row[column] for row, column in zip(costs, order, strict=True))
        for order in itertools.permutations(range(len(costs[0])), len(costs))
    )


def test_nothing_to_assign() -> None:
    assert assign([]) == []


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_as_published(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)
    mirrored = wilson_interval(trials - successes, trials)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=5e-5)


@given(st.integers(1, 10_000), st.data())
def test_wilson_interval_holds_the_share(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    z = 1.959963984540054
    for bound in (low, high):
        if 0 < bound < 1:  # the bounds solve |p - bound| = z * sqrt(bound (1 - bound) / n)
            distance = abs(successes / trials - bound)
            assert distance == pytest.approx(z * math.sqrt(bound * (1 - bound) / trials), rel=1e-6, abs=1e-12)
