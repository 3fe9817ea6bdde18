"""What a case declares about its expected values, checked once: an expectation that makes no sense is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from harness import jsonvalue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.records import Expectation, ExpectedCall, MatchRule
    from harness.toolschema import SchemaNode, Toolset

_DECIMAL_OR_CONTAINER = frozenset({Decimal, dict, list})
_KINDS = ("one_of", "casefold", "regex", "atol", "unordered", "any")
_REPLACING = frozenset({"one_of", "regex", "any"})
"""Kinds that say what a value must be without an expected one."""
_ABSENT = object()


class ExpectationError(ValueError):
    """An expectation that cannot be judged; `path` is a JSON pointer into the expectation."""

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        super().__init__(message)


@dataclass(slots=True)
class RuleTree:
    """The match rules of one expected call, laid out along its arguments."""

    rule: MatchRule | None = None
    children: dict[str | int, RuleTree] = field(default_factory=dict)

    @property
    def optional(self) -> bool:
        """Whether the value may be left out."""
        return self.rule is not None and self.rule.optional is True


def rule_tree(call: ExpectedCall) -> RuleTree | None:
    """The rules of a call by place; None where it declares none. Pointers are taken as checked."""
    if not call.match:
        return None
    root = RuleTree()
    for pointer, rule in call.match.items():
        tree = root
        value: Any = call.arguments
        for token in _tokens(pointer):
            step: str | int = int(token) if isinstance(value, list) else token
            tree = tree.children.setdefault(step, RuleTree())
            value = value.get(step) if isinstance(value, dict) else value[step]
        tree.rule = rule
    return root


def check_expectation(expect: Expectation, tools: Toolset) -> None:
    """Refuses an expectation that no response could be judged by.

    Raises:
        ExpectationError: a rule that is empty, of the wrong kind or points nowhere; an expected literal
            with fraction or exponent where the schema says `integer`.
    """
    for index, call in enumerate(expect.calls or ()):
        for pointer, rule in call.match.items():
            place = f"/calls/{index}/match{jsonvalue.pointer(pointer)}"
            _check_rule(rule, _target(call.arguments, pointer, rule, place), pointer, place)
        if _has_decimal(call.arguments) or (call.match and any(rule.one_of for rule in call.match.values())):
            _check_literals(call, tools.node(call.name), f"/calls/{index}")


def _tokens(pointer: str) -> list[str]:
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _target(arguments: dict[str, Any], pointer: str, rule: MatchRule, place: str) -> tuple[Any, bool]:
    """The value a pointer leads to, and whether it is an array's element.

    `_ABSENT` stands for a member that the expected object lacks, where the rule allows one that need not be there.
    """
    if pointer and not pointer.startswith("/"):
        raise ExpectationError(place, f"{pointer!r} is no JSON pointer (it must be empty or begin with '/')")
    value: Any = arguments
    in_array = False
    tokens = _tokens(pointer)
    for index, token in enumerate(tokens):
        if isinstance(value, dict) and token in value:
            value, in_array = value[token], False
        elif isinstance(value, list) and re.fullmatch("0|[1-9][0-9]*", token) and int(token) < len(value):
            value, in_array = value[int(token)], True
        elif isinstance(value, dict) and index == len(tokens) - 1 and _allows_absence(rule):
            return _ABSENT, False
        else:
            raise ExpectationError(place, f"{pointer!r} points at nothing in the expected arguments")
    return value, in_array


def _allows_absence(rule: MatchRule) -> bool:
    """Whether a rule can stand for a member that is not expected: it may be left out, and is bound if it is given."""
    return rule.optional is True and any(getattr(rule, kind) is not None for kind in _REPLACING)


def _check_rule(rule: MatchRule, target: tuple[Any, bool], pointer: str, place: str) -> None:
    value, in_array = target
    given = [kind for kind in _KINDS if getattr(rule, kind) is not None]
    if len(given) > 1:
        raise ExpectationError(place, f"{' and '.join(given)} do not combine (only optional combines with another)")
    if not given and not rule.optional:
        raise ExpectationError(place, "the rule is empty")
    if rule.optional and (in_array or not pointer):
        raise ExpectationError(place, "only a member of an object can be optional")
    if not given:
        return
    kind, container = given[0], isinstance(value, dict | list)
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    fits = {
        "casefold": container or isinstance(value, str),
        "regex": isinstance(value, str) or value is _ABSENT,
        "atol": container or number,
        "unordered": isinstance(value, list),
    }
    if not fits.get(kind, True):
        raise ExpectationError(place, f"{kind} does not apply to {jsonvalue.kind(value)}")
    if rule.regex is not None:
        try:
            re.compile(rule.regex)
        except (re.error, OverflowError) as error:
            raise ExpectationError(place, f"{rule.regex!r} is no regular expression: {error}") from None
    if kind == "atol" and (isinstance(rule.atol, bool) or not isinstance(rule.atol, int | Decimal) or rule.atol < 0):
        raise ExpectationError(place, "atol must be a number, zero or more")


def _has_decimal(value: Any) -> bool:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return isinstance(value, Decimal)
    for item in value:  # noqa: SIM110 - a loop takes half the time of a generator, and every record comes by
        if item.__class__ in _DECIMAL_OR_CONTAINER and _has_decimal(item):
            return True
    return False


def _check_literals(call: ExpectedCall, node: SchemaNode, place: str) -> None:
    for path, value, member in _places(call.arguments, node, ()):
        alternatives = call.match[pointer].one_of if (pointer := jsonvalue.pointer(*path)) in call.match else None
        _check_literal(value, member, f"{place}/arguments{pointer}")
        for index, alternative in enumerate(alternatives or ()):
            for inner, item, inner_node in _places(alternative, member, ()):
                where = f"{place}/match{jsonvalue.pointer(pointer)}/one_of/{index}{jsonvalue.pointer(*inner)}"
                _check_literal(item, inner_node, where)


def _check_literal(value: Any, node: SchemaNode, place: str) -> None:
    if isinstance(value, Decimal) and node.number_rule == "integer":
        raise ExpectationError(place, f"{jsonvalue.dumps(value)} has a fraction or exponent; the schema says integer")


def _places(
    value: Any, node: SchemaNode, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Any, SchemaNode]]:
    yield path, value, node
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, node.child(key), (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, node.item(index), (*path, index))
