"""The JSON Schemas of tools: which number rule a value follows, and whether a value is valid.

JSON Schema 2020-12 by `jsonschema`, with two differences that strict judging needs: numbers are exact
decimals, and a literal with fraction or exponent is no integer (`5.0` is not valid under `integer`).
`format` is ignored, nothing is ever fetched, and a schema that does not compile constrains nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.toolschema.compiled import Compiled, SchemaError, compiled
from harness.toolschema.nodes import NOTHING, NumberRule, SchemaNode
from harness.toolschema.plain import surely_valid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.jsonvalue import JsonValue

__all__ = ["NumberRule", "SchemaError", "SchemaNode", "Tool", "Toolset", "surely_valid"]


class Tool:
    """One offered tool, its parameter schema compiled at first need."""

    __slots__ = ("_schema", "name", "parameters")

    def __init__(self, name: str, parameters: JsonValue) -> None:
        self.name = name
        self.parameters = parameters
        self._schema: Compiled | None = None

    @property
    def _compiled(self) -> Compiled:
        if self._schema is None:
            self._schema = compiled(self.parameters)
        return self._schema

    @property
    def defect(self) -> str | None:
        """Why the schema does not compile; None if it does."""
        return None if self.parameters is None else self._compiled.defect

    @property
    def node(self) -> SchemaNode:
        """The schema of the arguments object."""
        return NOTHING if self.parameters is None else self._compiled.node

    def errors(self, arguments: JsonValue) -> list[SchemaError]:
        """Every way in which `arguments` break the schema; none where it does not compile."""
        if self.parameters is None or surely_valid(self.parameters, arguments):
            return []
        return self._compiled.errors(arguments)


class Toolset:
    """The tools offered at one decision, by name."""

    __slots__ = ("tools",)

    def __init__(self, tools: Sequence[tuple[str, JsonValue]]) -> None:
        """`tools` are (name, parameter schema or None); of equal names the first counts."""
        self.tools: dict[str, Tool] = {}
        for name, parameters in tools:
            if name not in self.tools:
                self.tools[name] = Tool(name, parameters)

    def __contains__(self, name: str) -> bool:
        return name in self.tools

    def get(self, name: str) -> Tool | None:
        """The tool of that name."""
        return self.tools.get(name)

    def node(self, name: str) -> SchemaNode:
        """The schema of a tool's arguments; a node that declares nothing for an unknown tool."""
        tool = self.tools.get(name)
        return NOTHING if tool is None else tool.node
