"""A schema seen from one value: everything in it that speaks about that value, and the number rule that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.jsonvalue import JsonValue

NumberRule: TypeAlias = Literal["number", "integer"]

_UNIONS = ("anyOf", "oneOf", "allOf")
_ANCHORS = ("$anchor", "$dynamicAnchor")
_DATA_KEYWORDS = frozenset({"enum", "const", "default", "examples"})
_NAMED_SCHEMAS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})


class SchemaNode:
    """The schemas that speak about one value: a schema with its references and unions laid open."""

    __slots__ = ("_children", "_items", "_prefix", "_root", "schemas")

    def __init__(self, root: JsonValue, schemas: Iterable[JsonValue]) -> None:
        self._root = root
        self.schemas: tuple[dict[str, Any], ...] = tuple(_laid_open(root, schemas))
        self._children: dict[str, SchemaNode] = {}
        self._items: dict[int, SchemaNode] = {}
        prefixes = (schema.get("prefixItems") for schema in self.schemas)
        self._prefix = max((len(prefix) for prefix in prefixes if isinstance(prefix, list)), default=0)

    def child(self, key: str) -> SchemaNode:
        """The node of an object's member."""
        node = self._children.get(key)
        if node is None:
            node = SchemaNode(self._root, self._of_member(key))
            if any(key in _properties(schema) for schema in self.schemas):  # other keys come without end
                self._children[key] = node
        return node

    def _of_member(self, key: str) -> Iterator[JsonValue]:
        for schema in self.schemas:
            properties = _properties(schema)
            if key in properties:
                yield properties[key]
            elif isinstance(extra := schema.get("additionalProperties"), dict):
                yield extra

    def defaults(self) -> Iterator[tuple[str, JsonValue]]:
        """Members that declare a default, behind references too, each with it; a nearer one comes first."""
        for schema in self.schemas:
            for key, member in _properties(schema).items():
                for place in _laid_open(self._root, [member], ("allOf",)):
                    if "default" in place:
                        yield key, place["default"]
                        break

    def item(self, index: int) -> SchemaNode:
        """The node of an array's element."""
        index = min(index, self._prefix)  # from there on all elements are alike
        node = self._items.get(index)
        if node is None:
            node = self._items[index] = SchemaNode(self._root, self._of_item(index))
        return node

    def _of_item(self, index: int) -> Iterator[JsonValue]:
        for schema in self.schemas:
            prefix = schema.get("prefixItems")
            if isinstance(prefix, list) and index < len(prefix):
                yield prefix[index]
            elif isinstance(items := schema.get("items"), dict):
                yield items

    @property
    def types(self) -> frozenset[str]:
        """Every type that some schema of this node declares; empty where none does."""
        found: set[str] = set()
        for schema in self.schemas:
            declared = schema.get("type")
            found.update([declared] if isinstance(declared, str) else declared if isinstance(declared, list) else ())
        return frozenset(found)

    @property
    def number_rule(self) -> NumberRule | None:
        """How numbers are compared here: a union with `number` follows it, else one with `integer` that one."""
        types = self.types
        return "number" if "number" in types else "integer" if "integer" in types else None

    @property
    def declared(self) -> bool:
        """Whether any schema speaks about this value."""
        return bool(self.schemas)


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def _laid_open(
    root: JsonValue, schemas: Iterable[JsonValue], unions: tuple[str, ...] = _UNIONS
) -> Iterator[dict[str, Any]]:
    pending, seen = list(schemas), set()
    while pending:
        schema = pending.pop(0)
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        yield schema
        reference = schema.get("$ref")
        if isinstance(reference, str):
            pending.append(resolve(root, reference))
        for union in unions:
            if isinstance(members := schema.get(union), list):
                pending.extend(members)


def resolve(root: JsonValue, reference: str) -> JsonValue:
    """The target of a local reference (`#`, `#/$defs/x%20y`, `#anchor`); None where there is none."""
    if not reference.startswith("#"):
        return None
    fragment = unquote(reference[1:])
    if fragment and not fragment.startswith("/"):
        return next((schema for _, schema in walk(root, ()) if fragment in map(schema.get, _ANCHORS)), None)
    value = root
    for token in fragment.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def walk(schema: JsonValue, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Every schema inside a schema, with the path to it; property names and data are no schemas."""
    if isinstance(schema, dict):
        yield place, schema
        for key, member in schema.items():
            if key in _NAMED_SCHEMAS and isinstance(member, dict):
                for name, inner in member.items():
                    yield from walk(inner, (*place, key, name))
            elif key not in _DATA_KEYWORDS:
                yield from walk(member, (*place, key))
    elif isinstance(schema, list):
        for index, member in enumerate(schema):
            yield from walk(member, (*place, index))


NOTHING = SchemaNode(None, [])
"""The node of a value that no schema speaks about."""
