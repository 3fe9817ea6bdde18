"""Expected calls against actual ones, argument by argument: laid out by the pairs and the differences that judging finds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from harness import jsonvalue
from harness.leniency import rule_tree
from harness.scorers.calls import best_pairs, compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.dialects import Call
    from harness.leniency import RuleTree
    from harness.records import Expectation, ExpectedCall, MatchRule
    from harness.scorers.arguments import Comparison
    from harness.toolschema import Toolset

Verdict: TypeAlias = Literal["same", "different", "missing", "extra", "allowed"]

ALL = "(all)"
"""The arguments as a whole, which no argument can be called."""
_ABSENT = object()
_PLAIN_KEY = re.compile(r"[^\W\d][\w-]*")
_DEFAULT = "stands for its default"
_OPTIONAL = "may be left out"
_Path: TypeAlias = tuple[str | int, ...]


class Line(NamedTuple):
    """One line of the comparison: a tool's name, or an argument or a part of it."""

    call: int
    """Number of the pair that it belongs to."""
    path: str
    """Empty for the tool's name, else below the arguments."""
    expected: str | None
    """As JSON; None where there is none."""
    actual: str | None
    verdict: Verdict
    why: str = ""

    def plain(self) -> dict[str, Any]:
        """The line as a page's data holds it: what there is none of is left out."""
        value: dict[str, Any] = {"call": self.call, "path": self.path, "verdict": self.verdict}
        if self.expected is not None:
            value["expected"] = self.expected
        if self.actual is not None:
            value["actual"] = self.actual
        if self.why:
            value["why"] = self.why
        return value


def lines(expect: Expectation, actual: Sequence[Call], tools: Toolset) -> list[Line]:
    """The calls that were made beside those expected; nothing where neither is any."""
    if expect.calls is None:
        verdict: Verdict = "allowed" if expect.any_call else "extra"
        why = "any call is right" if expect.any_call else "no call was expected"
        return [line for group, call in enumerate(actual) for line in _alone(group, None, call, verdict, why)]
    if len(expect.calls) == len(actual) == 1 and expect.calls[0].name == actual[0].name:
        return list(_paired(0, expect.calls[0], actual[0], compare(expect.calls[0], actual[0], expect, tools)))
    pairs = {pair.expected: pair for pair in best_pairs(expect.calls, actual, expect, tools)}
    paired = {pair.actual for pair in pairs.values()}
    others = iter([call for index, call in enumerate(actual) if index not in paired])
    found: list[Line] = []
    for group, wanted in enumerate(expect.calls):
        if group in pairs:
            found += _paired(group, wanted, actual[pairs[group].actual], pairs[group].comparison)
        elif (other := next(others, None)) is not None:
            found += _another(group, wanted, other)
        else:
            found += _alone(group, wanted, None, "missing", "the call is missing")
    for group, call in enumerate(others, start=len(expect.calls)):
        found += _alone(group, None, call, "extra", "the call was not expected")
    return found


def _alone(
    group: int, expected: ExpectedCall | None, actual: Call | None, verdict: Verdict, why: str
) -> Iterator[Line]:
    """A call without a counterpart."""
    name, arguments = (_text(expected.name), expected.arguments) if expected else (None, {})
    made, given = (_text(actual.name), actual.arguments) if actual else (None, {})
    yield Line(group, "", name, made, verdict, why)
    for key, value in (arguments or given).items():
        text = _text(value)
        yield Line(group, readable((key,)), text if expected else None, text if actual else None, verdict)


def _another(group: int, expected: ExpectedCall, actual: Call) -> Iterator[Line]:
    """A call of another tool in the place of one that was expected."""
    yield Line(group, "", _text(expected.name), _text(actual.name), "different", "another tool was expected")
    why = "of another tool, not compared"
    yield Line(group, ALL, _text(expected.arguments), _text(actual.arguments), "different", why)


def _paired(group: int, expected: ExpectedCall, actual: Call, found: Comparison) -> Iterator[Line]:
    yield Line(group, "", _text(expected.name), _text(actual.name), "same")
    rules = rule_tree(expected) if expected.match else None
    layout = _Layout(group, {mismatch.path: mismatch.message for mismatch in found.mismatches}, set(found.defaults))
    yield from layout.value(expected.arguments, actual.arguments, rules, None, ())


class _Layout:
    """One pair of calls: which lines there are; what is wrong with each is known."""

    def __init__(self, group: int, wrong: dict[str, str], defaults: set[str]) -> None:
        self._group = group
        self._wrong = wrong
        self._defaults = defaults

    def value(
        self, expected: Any, actual: Any, rules: RuleTree | None, inherited: MatchRule | None, path: _Path
    ) -> Iterator[Line]:
        """The lines of one value: itself, or (always of the arguments as a whole) what it is made of.

        `inherited` is the leniency declared above that covers everything below.
        """
        rule = rules.rule if rules else None
        if rule is not None and (rule.casefold or rule.atol is not None):
            inherited = rule
        split = not path or not (_ABSENT in (expected, actual) or jsonvalue.equal(expected, actual))
        if split and not _as_one(rule):
            if isinstance(expected, dict) and isinstance(actual, dict):
                for key in (*expected, *(key for key in actual if key not in expected)):
                    left, right = expected.get(key, _ABSENT), actual.get(key, _ABSENT)
                    yield from self.value(left, right, _below(rules, key), inherited, (*path, key))
                return
            if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
                for index, (left, right) in enumerate(zip(expected, actual, strict=True)):
                    yield from self.value(left, right, _below(rules, index), inherited, (*path, index))
                return
        yield self._line(expected, actual, rule if _as_one(rule) else inherited, path)

    def _line(self, expected: Any, actual: Any, rule: MatchRule | None, path: _Path) -> Line:
        left, right = (None if value is _ABSENT else _text(value) for value in (expected, actual))
        if wrong := self._wrong_at(path):
            verdict: Verdict = "missing" if right is None else "extra" if left is None else "different"
            return Line(self._group, readable(path), left, right, verdict, wrong)
        if left is not None and right is not None and jsonvalue.equal(expected, actual):
            return Line(self._group, readable(path), left, right, "same")
        default = jsonvalue.pointer(*path) in self._defaults
        why = _DEFAULT if default else _OPTIONAL if right is None else _allowance(rule)
        return Line(self._group, readable(path), left, right, "allowed", why)

    def _wrong_at(self, path: _Path) -> str:
        """What is wrong with a value or a part of it."""
        if not self._wrong:
            return ""
        place = jsonvalue.pointer(*path)
        return "; ".join(text for at, text in self._wrong.items() if at == place or at.startswith(place + "/"))


def _below(rules: RuleTree | None, step: str | int) -> RuleTree | None:
    return rules.children.get(step) if rules else None


def _as_one(rule: MatchRule | None) -> bool:
    """Whether a rule is about a value as a whole, so that its parts have no counterparts."""
    if rule is None:
        return False
    return bool(rule.any or rule.unordered) or rule.one_of is not None or rule.regex is not None


def _allowance(rule: MatchRule | None) -> str:
    """In words, which declared leniency lets a value pass that is not the one expected."""
    if rule is None:
        return "counts as equal"  # numbers: the schema says whether their literals matter
    words = {
        "any": "any value its schema allows",
        "one_of": "one of " + ", ".join(map(_text, rule.one_of or ())),
        "regex": f"matches {rule.regex}",
        "casefold": "case does not matter",
        "atol": f"within {_text(rule.atol)}",
        "unordered": "order does not matter",
    }
    return next(text for kind, text in words.items() if getattr(rule, kind) is not None)


def readable(path: _Path) -> str:
    """A place below the arguments as people write it: `filter.user`, `items[2].id`."""
    if not path:
        return ALL
    parts = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_KEY.fullmatch(step):
            parts.append(f".{step}" if parts else step)
        else:
            parts.append(f"[{_text(step)}]")
    return "".join(parts)


def _text(value: Any) -> str:
    return jsonvalue.dumps(value)
