"""Comparing the arguments of one actual call with those of one expected call (strict; leniency by declaration)."""

from __future__ import annotations

import re
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from harness import jsonvalue
from harness.scorers.assignment import assign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.leniency import RuleTree
    from harness.records import ExpectedCall, ViolationCode
    from harness.toolschema import SchemaNode, Tool

# Differences are exact unless the operands lie 10,000 digits apart, where no tolerance could bridge them.
_EXACT = Context(prec=10_000, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])
_WORST = 10**6


class Mismatch(NamedTuple):
    """One difference; `path` is a JSON pointer into the actual arguments."""

    code: ViolationCode
    path: str
    message: str


class Comparison(NamedTuple):
    """How one actual call differs from one expected call."""

    mismatches: tuple[Mismatch, ...]
    defaults: tuple[str, ...] = ()
    """Pointers of the arguments that were right only through their schema's default."""

    @property
    def cost(self) -> int:
        """Orders pairs: right before wrong, then fewer defaults used, then fewer violations."""
        mismatches = min(len(self.mismatches), _WORST - 1)
        return (int(bool(self.mismatches)) * _WORST + min(len(self.defaults), _WORST - 1)) * _WORST + mismatches


RIGHT = Comparison(())


class _Inherited(NamedTuple):
    """Leniency that covers everything below the place where it is declared."""

    casefold: bool = False
    atol: Any = None


_NO_LENIENCY = _Inherited()


def compare_arguments(
    expected: ExpectedCall, rules: RuleTree | None, actual: dict[str, Any], tool: Tool | None, *, defaults_equal: bool
) -> Comparison:
    """Compares the arguments of a call with the expected ones.

    Args:
        expected: the expected call; its `match` is given laid out as `rules`.
        rules: from `leniency.rule_tree`.
        actual: the actual arguments.
        tool: the expected call's tool, for number rules, `any` and defaults; None where it is not offered.
        defaults_equal: whether an argument left out may stand for its declared default.
    """
    if rules is None and jsonvalue.equal(expected.arguments, actual):
        return RIGHT
    comparer = _Comparer(tool, actual)
    mismatches = tuple(comparer.compare(expected.arguments, actual, comparer.root, rules, _NO_LENIENCY, ()))
    if not mismatches or not defaults_equal:
        return Comparison(mismatches)
    left, right, filled = _with_defaults(expected.arguments, actual, comparer.root, rules)
    if filled and not any(_Comparer(tool, right).compare(left, right, comparer.root, rules, _NO_LENIENCY, ())):
        return Comparison((), tuple(filled))
    return Comparison(mismatches)


def _with_defaults(
    expected: dict[str, Any], actual: dict[str, Any], node: SchemaNode | None, rules: RuleTree | None
) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Both sides with the top-level arguments that only one of them gives filled in; and which those are.

    An argument that may be left out is right without its default.
    """
    left, right, filled = dict(expected), dict(actual), []
    for key, default in node.defaults() if node else ():
        rule = rules.children.get(key) if rules else None
        if (key in left) != (key in right) and (key in right or rule is None or not rule.optional):
            (right if key in left else left)[key] = default
            filled.append(jsonvalue.pointer(key))
    return left, right, filled


class _Comparer:
    """Compares values of one actual call."""

    def __init__(self, tool: Tool | None, actual: dict[str, Any]) -> None:
        self.tool = tool
        self.actual = actual
        self.root = tool.node if tool else None

    def compare(
        self,
        expected: Any,
        actual: Any,
        node: SchemaNode | None,
        rules: RuleTree | None,
        lenient: _Inherited,
        path: tuple[str | int, ...],
    ) -> Iterator[Mismatch]:
        """Every difference of one value, declared leniency allowed for."""
        rule = rules.rule if rules else None
        if rule is not None:
            if rule.any:
                yield from self.any_valid(path)
                return
            if rule.one_of is not None:
                yield from self.one_of(rule.one_of, actual, node, path)
                return
            if rule.regex is not None:
                yield from _regex(rule.regex, actual, path)
                return
            if rule.casefold:
                lenient = _Inherited(casefold=True)
            elif rule.atol is not None:
                lenient = _Inherited(atol=rule.atol)
        if isinstance(expected, dict) and isinstance(actual, dict):
            yield from self.objects(expected, actual, node, rules, lenient, path)
        elif isinstance(expected, list) and isinstance(actual, list):
            yield from self.arrays(expected, actual, node, rules, lenient, path)
        else:
            yield from _scalars(expected, actual, node, lenient, path)

    def objects(
        self,
        expected: dict[str, Any],
        actual: dict[str, Any],
        node: SchemaNode | None,
        rules: RuleTree | None,
        lenient: _Inherited,
        path: tuple[str | int, ...],
    ) -> Iterator[Mismatch]:
        for key, value in expected.items():
            below = rules.children.get(key) if rules else None
            if key in actual:
                child = node.child(key) if node else None
                yield from self.compare(value, actual[key], child, below, lenient, (*path, key))
            elif below is None or not below.optional:
                message = f"{key!r} is missing; expected {_shown(value)}"
                yield Mismatch("missing_argument", jsonvalue.pointer(*path, key), message)
        for key, value in actual.items():
            if key in expected:
                continue
            below = rules.children.get(key) if rules else None
            if below is not None and below.rule is not None:  # one that may be given: its rule says as what
                yield from self.compare(None, value, node.child(key) if node else None, below, lenient, (*path, key))
            else:
                message = f"{key!r} is not expected; got {_shown(value)}"
                yield Mismatch("unexpected_argument", jsonvalue.pointer(*path, key), message)

    def arrays(
        self,
        expected: list[Any],
        actual: list[Any],
        node: SchemaNode | None,
        rules: RuleTree | None,
        lenient: _Inherited,
        path: tuple[str | int, ...],
    ) -> Iterator[Mismatch]:
        if len(expected) != len(actual):
            yield _different("value_mismatch", expected, actual, path)
            return
        if rules is not None and rules.rule is not None and rules.rule.unordered:
            yield from self.unordered(expected, actual, node, rules, lenient, path)
            return
        for index, (left, right) in enumerate(zip(expected, actual, strict=True)):
            below = rules.children.get(index) if rules else None
            child = node.item(index) if node else None
            yield from self.compare(left, right, child, below, lenient, (*path, index))

    def unordered(
        self,
        expected: list[Any],
        actual: list[Any],
        node: SchemaNode | None,
        rules: RuleTree,
        lenient: _Inherited,
        path: tuple[str | int, ...],
    ) -> Iterator[Mismatch]:
        """Lists of one length, as multisets: the rules below belong to the expected elements."""
        pairs = [
            [
                Comparison(
                    tuple(
                        self.compare(
                            left,
                            right,
                            node.item(column) if node else None,
                            rules.children.get(row),
                            lenient,
                            (*path, column),
                        )
                    )
                )
                for column, right in enumerate(actual)
            ]
            for row, left in enumerate(expected)
        ]
        for row, column in enumerate(assign([[pair.cost for pair in line] for line in pairs])):
            yield from pairs[row][column].mismatches

    def any_valid(self, path: tuple[str | int, ...]) -> Iterator[Mismatch]:
        """`any`: the value must be valid under its schema, whatever it is."""
        place = jsonvalue.pointer(*path)
        for error in self.tool.errors(self.actual) if self.tool else ():
            if error.path == place or error.path.startswith(place + "/"):
                yield Mismatch("value_mismatch", error.path, f"not valid under its schema: {error.message}")

    def one_of(
        self, alternatives: list[Any], actual: Any, node: SchemaNode | None, path: tuple[str | int, ...]
    ) -> Iterator[Mismatch]:
        kinds = []
        for alternative in alternatives:
            found = list(self.compare(alternative, actual, node, None, _NO_LENIENCY, path))
            if not found:
                return
            kinds.append(found[0].code)
        code: ViolationCode = "type_mismatch" if all(kind == "type_mismatch" for kind in kinds) else "value_mismatch"
        shown = ", ".join(_shown(alternative) for alternative in alternatives)
        yield Mismatch(code, jsonvalue.pointer(*path), f"expected one of {shown}; got {_shown(actual)}")


def _regex(pattern: str, actual: Any, path: tuple[str | int, ...]) -> Iterator[Mismatch]:
    if not isinstance(actual, str):
        message = f"expected a string matching {pattern!r}; got {_shown(actual)}"
        yield Mismatch("type_mismatch", jsonvalue.pointer(*path), message)
    elif not re.fullmatch(pattern, actual):
        message = f"expected to match {pattern!r}; got {_shown(actual)}"
        yield Mismatch("value_mismatch", jsonvalue.pointer(*path), message)


def _scalars(
    expected: Any, actual: Any, node: SchemaNode | None, lenient: _Inherited, path: tuple[str | int, ...]
) -> Iterator[Mismatch]:
    """Two values that are not both objects or both arrays."""
    if _is_number(expected) and _is_number(actual):
        code = _numbers(expected, actual, node, lenient.atol)
    elif type(expected) is not type(actual):
        code = "type_mismatch"
    elif expected == actual or (lenient.casefold and isinstance(actual, str) and _folds(expected, actual)):
        code = None
    else:
        code = "value_mismatch"
    if code is not None:
        yield _different(code, expected, actual, path)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _folds(expected: str, actual: str) -> bool:
    return expected.casefold() == actual.casefold()


def _numbers(expected: Any, actual: Any, node: SchemaNode | None, atol: Any) -> ViolationCode | None:
    """What is wrong with a number: exact decimals, the number rule of its schema, an absolute tolerance."""
    rule = node.number_rule if node else None
    if rule == "integer" and isinstance(actual, Decimal):
        return "type_mismatch"
    if rule is None and atol is None and type(expected) is not type(actual):
        return "type_mismatch"
    if expected == actual:
        return None
    if atol is not None:
        difference = _EXACT.subtract(Decimal(expected), Decimal(actual))
        if _EXACT.abs(difference) <= atol:
            return None
    return "value_mismatch"


def _different(code: ViolationCode, expected: Any, actual: Any, path: tuple[str | int, ...]) -> Mismatch:
    return Mismatch(code, jsonvalue.pointer(*path), f"expected {_shown(expected)}; got {_shown(actual)}")


def _shown(value: Any) -> str:
    text = jsonvalue.dumps(value)
    return text if len(text) <= 200 else text[:197] + "..."
