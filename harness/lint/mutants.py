"""Mutated gold: what is expected, spoilt in one small way. A scorer that lets one pass would let a wrong model pass.

A place that the case declares lenient is not spoilt in a way that its rule allows: what passes there was meant to.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from harness import jsonvalue
from harness.lint.places import leniency, scalars
from harness.replies import Reply, answering, calling, gold_calls, plain_answer, plain_call, plain_value

if TYPE_CHECKING:
    from harness.lint.places import Leniency, Place
    from harness.lint.views import Point
    from harness.records import ExpectedCall
    from harness.replies import MadeCall
    from harness.toolschema import SchemaNode


class Mutant(NamedTuple):
    """A reply that is gold but for one thing; `path` is a JSON pointer into the expectation."""

    path: str
    reply: Reply


Mutator: TypeAlias = Callable[["Point"], Iterator[Mutant]]


def argument_changed(point: Point) -> Iterator[Mutant]:
    """Each scalar has another value of its type."""
    for gold, place in _places(point):
        allowed = leniency(gold.call, place.path)
        if not allowed.free and not _every_boolean(place.value, allowed):
            yield gold.put(place.path, _other(place.value, place.node, allowed))


def argument_retyped(point: Point) -> Iterator[Mutant]:
    """Each scalar has a value of another type that reads alike: 5 as "5", a text as a list of it."""
    for gold, place in _places(point):
        allowed = leniency(gold.call, place.path)
        value = [place.value] if isinstance(place.value, str) else jsonvalue.dumps(place.value)
        if not allowed.free and value not in allowed.one_of:
            yield gold.put(place.path, value)


def argument_dropped(point: Point) -> Iterator[Mutant]:
    """Each member of an object is left out."""
    for gold in _gold(point):
        for holder, path in _objects(gold.arguments, ""):
            for key in holder:
                place = f"{path}{jsonvalue.pointer(key)}"
                allowed, above = leniency(gold.call, place), leniency(gold.call, path)
                if not (allowed.optional or above.free or above.one_of or _is_default(gold, place, holder[key])):
                    without = {name: value for name, value in holder.items() if name != key}
                    yield gold.put(path, without, place)


def argument_added(point: Point) -> Iterator[Mutant]:
    """Each call has an argument more: one that its schema declares and nobody expects, else one of no schema."""
    for gold in _gold(point):
        if leniency(gold.call, "").free or leniency(gold.call, "").one_of:
            continue
        members = (point.toolset.tools[gold.name].parameters or {}).get("properties", {}) if gold.known else {}
        new = [key for key in members if key not in gold.arguments and jsonvalue.pointer(key) not in gold.call.match]
        key = new[0] if new else "unasked"
        value = plain_value(members.get(key))
        if isinstance(members.get(key), dict) and jsonvalue.equal(value, members[key].get("default", ...)):
            value = _other(value, gold.node.child(key), leniency(gold.call, ""))
        yield gold.put("", {**gold.arguments, key: value}, jsonvalue.pointer(key))


def tool_swapped(point: Point) -> Iterator[Mutant]:
    """Each call goes to another tool, with the same arguments."""
    calls = gold_calls(point.decision)
    expected = {name for name, _ in calls}
    others = [tool.function.name for tool in point.decision.tools if tool.function.name not in expected]
    for index, (_, arguments) in enumerate(calls):
        name = "no_such_tool" if point.turn.expect.any_call or not others else others[index % len(others)]
        yield Mutant(f"/calls/{index}/name", calling([*calls[:index], (name, arguments), *calls[index + 1 :]]))


def call_added(point: Point) -> Iterator[Mutant]:
    """The first call is made twice; where none is expected, the first tool is called."""
    calls = gold_calls(point.decision)
    if point.turn.expect.no_call and point.decision.tools:
        yield Mutant("", calling([plain_call(point.decision.tools[0])]))
    elif calls and not point.turn.expect.any_call:
        yield Mutant("/calls", calling([*calls, calls[0]]))


def call_dropped(point: Point) -> Iterator[Mutant]:
    """Each call is left out; where it is the only one, there is an answer instead."""
    calls = gold_calls(point.decision)
    for index in range(len(calls)):
        left = [*calls[:index], *calls[index + 1 :]]
        yield Mutant(f"/calls/{index}", calling(left) if left else answering(plain_answer(8)))


def result_invented(point: Point) -> Iterator[Mutant]:
    """The call is skipped and its result written instead: an earlier observation with other values."""
    calls = gold_calls(point.decision)
    seen = [one for one in point.trajectory.observations if not one.body.failed and one.body.raw.strip()]
    if not calls or not seen:
        return
    name, arguments = calls[0]
    like = next((one for one in reversed(seen) if one.tool == name), seen[-1])
    asked = jsonvalue.loads(like.arguments)
    renamed = {
        old: new
        for key, new in arguments.items()
        if isinstance(asked, dict) and isinstance(old := asked.get(key), str) and old and isinstance(new, str)
    }
    entity = re.compile("|".join(sorted(map(re.escape, renamed), key=len, reverse=True)) or r"(?!)")
    seed, told, end = jsonvalue.dumps(arguments), "", 0
    for match in entity.finditer(like.body.raw):
        told += _noisy(like.body.raw[end : match.start()], seed) + renamed[match[0]]
        end = match.end()
    told += _noisy(like.body.raw[end:], seed)
    if all(told.strip() != one.body.raw.strip() for one in seen):  # an empty list of one is that of another
        yield Mutant("/calls", answering(told))


class Kind(NamedTuple):
    """A kind of mutant; `outcomes` are those that call it by its name."""

    name: str
    mutate: Mutator
    outcomes: tuple[str, ...]


KINDS = (
    Kind("argument changed", argument_changed, ("wrong_arguments",)),
    Kind("argument dropped", argument_dropped, ("wrong_arguments",)),
    Kind("argument added", argument_added, ("wrong_arguments",)),
    Kind("argument retyped", argument_retyped, ("wrong_arguments",)),
    Kind("tool swapped", tool_swapped, ("wrong_tool",)),
    Kind("call added", call_added, ("wrong_tool", "spurious_call")),
    Kind("call dropped", call_dropped, ("missed_call", "wrong_tool")),
    Kind("result invented", result_invented, ("fabricated_observation",)),
)


class _Gold(NamedTuple):
    """One of the calls that are right at a decision."""

    point: Point
    calls: list[MadeCall]
    number: int

    @property
    def call(self) -> ExpectedCall:
        return self.point.calls[self.number]

    @property
    def name(self) -> str:
        return self.calls[self.number][0]

    @property
    def arguments(self) -> dict[str, Any]:
        return self.calls[self.number][1]

    @property
    def known(self) -> bool:
        return isinstance(self.point.toolset.tools[self.name].parameters, dict)

    @property
    def node(self) -> SchemaNode:
        return self.point.toolset.node(self.name)

    def put(self, path: str, value: Any, named: str | None = None) -> Mutant:
        """Gold with another value at a place of this call; `named` is the place that is told."""
        spoilt = (self.name, _with(self.arguments, path.split("/")[1:], value))
        calls = [*self.calls[: self.number], spoilt, *self.calls[self.number + 1 :]]
        return Mutant(f"/calls/{self.number}/arguments{path if named is None else named}", calling(calls))


def _gold(point: Point) -> Iterator[_Gold]:
    calls = gold_calls(point.decision) if point.calls else []
    return (_Gold(point, calls, index) for index in range(len(calls)))


def _places(point: Point) -> Iterator[tuple[_Gold, Place]]:
    return ((gold, place) for gold in _gold(point) for place in scalars(gold.arguments, gold.node))


def _objects(value: Any, path: str) -> Iterator[tuple[dict[str, Any], str]]:
    if isinstance(value, dict):
        yield value, path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in parts:
        yield from _objects(part, f"{path}{jsonvalue.pointer(step)}")


def _with(value: Any, tokens: list[str], new: Any) -> Any:
    """A value with another one at a place inside it."""
    if not tokens:
        return new
    step = tokens[0].replace("~1", "/").replace("~0", "~")
    if isinstance(value, list):
        place = int(step)
        return [*value[:place], _with(value[place], tokens[1:], new), *value[place + 1 :]]
    return {**value, step: _with(value[step], tokens[1:], new)}


def _is_default(gold: _Gold, place: str, value: Any) -> bool:
    """Whether leaving a value out says the same, since the case takes defaults for given."""
    if not gold.point.turn.expect.defaults_equal or place.count("/") > 1:
        return False
    return any(
        jsonvalue.pointer(key) == place and jsonvalue.equal(value, default) for key, default in gold.node.defaults()
    )


def _every_boolean(value: Any, allowed: Leniency) -> bool:
    """Whether there is no other value of its type: both of the two are allowed."""
    return isinstance(value, bool) and any(one is (not value) for one in allowed.one_of)


def _other(value: Any, node: SchemaNode, allowed: Leniency) -> Any:
    """Another value of the same type, of an enum another member; none that is allowed as well."""
    if isinstance(value, bool):
        return not value
    if value is None or isinstance(value, list | dict):
        return "null" if value is None else [*value, "x"] if isinstance(value, list) else {**value, "x": "x"}
    if isinstance(value, int | Decimal):
        step = 1 if allowed.atol is None else 2 * allowed.atol + 1
        return next(one for one in (value + step * times for times in count(1)) if one not in allowed.one_of)
    barred = {one.casefold() for one in (value, *allowed.one_of) if isinstance(one, str)}
    members = [one for schema in node.schemas for one in schema.get("enum") or () if isinstance(one, str)]
    changed = _noisy(value, value)
    return next(one for one in (*members, changed, f"{value} x", f"{value} or so") if one.casefold() not in barred)


_NUMBERED = re.compile(
    r"(?P<month>\b\d{4}-\d\d-)(?P<day>\d\d)|(?P<hour>\b\d\d?:)(?P<minute>\d\d)|(?P<head>\d*)(?P<last>\d)", re.ASCII
)


def _noisy(text: str, seed: str) -> str:
    """The text with other numbers, always the same for the same seed: dates and times stay such, words stay as they are."""
    noise = zlib.crc32(seed.encode())

    def other(match: re.Match[str]) -> str:
        if match["day"]:
            return f"{match['month']}{1 + (int(match['day']) + noise % 20) % 28:02d}"
        if match["minute"]:
            return f"{match['hour']}{(int(match['minute']) + 1 + noise % 50) % 60:02d}"
        return f"{match['head']}{(int(match['last']) + 1 + noise % 8) % 10}"

    return _NUMBERED.sub(other, text)
