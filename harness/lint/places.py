"""The values inside a gold call, by place, and what the case declares lenient there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from harness import jsonvalue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.records import ExpectedCall
    from harness.toolschema import SchemaNode


class Place(NamedTuple):
    """A scalar, or the name of a member that no schema declares, with its JSON pointer into the arguments."""

    path: str
    value: Any
    node: SchemaNode

    @property
    def name(self) -> str:
        """The member's name, of an element its number."""
        return self.path.rpartition("/")[2]


def scalars(value: Any, node: SchemaNode, path: str = "") -> Iterator[Place]:
    """Every scalar of some arguments, with its schema."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from scalars(item, node.child(key), f"{path}{jsonvalue.pointer(key)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from scalars(item, node.item(index), f"{path}/{index}")
    else:
        yield Place(path, value, node)


def free_names(value: Any, node: SchemaNode, path: str = "") -> Iterator[Place]:
    """The names of members that a declared schema leaves to the caller: they are values like any other."""
    if isinstance(value, dict):
        for key, item in value.items():
            below = f"{path}{jsonvalue.pointer(key)}"
            if node.declared and not any(key in (schema.get("properties") or ()) for schema in node.schemas):
                yield Place(below, key, node)
            yield from free_names(item, node.child(key), below)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from free_names(item, node.item(index), f"{path}/{index}")


class Leniency(NamedTuple):
    """What a case allows at one place."""

    free: bool = False
    """Any value, one that fits a pattern, or what an alternative further up holds."""
    one_of: tuple[Any, ...] = ()
    casefold: bool = False
    atol: Any = None
    optional: bool = False


STRICT = Leniency()


def leniency(call: ExpectedCall, path: str) -> Leniency:
    """What the rules of a call come to at a place: its own, and those further up that cover it."""
    if not call.match:
        return STRICT
    found = STRICT
    tokens = path.split("/")
    for depth in range(1, len(tokens) + 1):
        above = "/".join(tokens[:depth])
        rule = call.match.get(above)
        if rule is None:
            continue
        own = above == path
        if rule.any or rule.regex is not None or (rule.one_of and not own):
            return Leniency(free=True, optional=own and rule.optional is True)
        if rule.casefold or rule.atol is not None:  # a nearer one takes the other's place
            found = Leniency(casefold=rule.casefold is True, atol=rule.atol)
        if own:
            found = found._replace(one_of=tuple(rule.one_of or ()), optional=rule.optional is True)
    return found
