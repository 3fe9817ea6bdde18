"""Pythonic: text that starts with `[name(key=literal, …), …]` (Llama 3.2, Llama 4, ToolACE)."""

from __future__ import annotations

import ast
import re
import warnings
from decimal import Decimal, InvalidOperation
from typing import Any

from harness import jsonvalue
from harness.dialects.attempt import UNPARSED, Attempt, Call, CallDefect

START = re.compile(r"\[\s*[A-Za-z_][\w.]*\s*\(")
_STRING = re.compile(r"[rRuUbBfF]{0,2}('''|\"\"\"|'|\")")
# The beginnings of number literals and escapes that are none themselves.
_CUT_NUMBER = re.compile(
    r"(?<![\w.])(?:0[xXoObB]_?|(?:[0-9][0-9_]*+(?:\.[0-9_]*+)?|\.[0-9]++)[eE][+-]?|[0-9][0-9_]*_)\Z", re.ASCII
)
_CUT_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|N(?:\{[^}\\]*)?)\Z")
_CLOSING = {"[": "]", "(": ")", "{": "}"}


class _NotLiteralError(ValueError):
    """An argument that is no literal."""


def read_start(text: str, start: int, stop: int) -> list[Attempt]:
    """The calls of the list that the text starts with at `start`; none where it starts with anything else."""
    if not START.match(text, start, stop):
        return []
    end, missing = _extent(text, start, stop)
    if missing:
        return _cut(text, start, stop, missing)
    source = _Source(text[start:end])
    elements = _parse(source.text)
    if elements is None:
        return [Attempt(start, end, None, (CallDefect("invalid_json", "", "not a list of calls"),), start)]
    return _attempts(elements, source, start, end)


def _attempts(elements: list[ast.expr], source: _Source, start: int, end: int) -> list[Attempt]:
    """One attempt an element; the first holds the whole list's place in the text."""
    attempts = []
    for index, element in enumerate(elements):
        call, defects = _call(element, source)
        attempts.append(Attempt(start if index == 0 else end, end, call, defects, end))
    return attempts


class _Source:
    """Source text that gives back the piece a node was read from; split and encoded once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines: list[bytes] = []

    def of(self, node: ast.expr) -> str:
        if not self._lines:
            self._lines = self.text.encode("utf-8", "surrogatepass").splitlines()
        end = node.end_col_offset if node.end_lineno == node.lineno else None
        return self._lines[node.lineno - 1][node.col_offset : end].decode("utf-8", "replace")


def _parse(source: str) -> list[ast.expr] | None:
    """The elements of a list display; None where the text is no such thing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in a model's string is no warning to the user
            tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return tree.body.elts if isinstance(tree.body, ast.List) else None


def _extent(text: str, start: int, stop: int) -> tuple[int, str]:
    """The index after the bracket that closes the list, or what is missing to close everything open."""
    stack: list[str] = []
    position = start
    while position < stop:
        character = text[position]
        quote = _STRING.match(text, position, stop) if character in "rRuUbBfF'\"" else None
        if quote and (character in "'\"" or not text[position - 1].isalnum()):
            end = _string_end(text, quote.end(), stop, quote[1])
            if end < 0:
                return stop, quote[1] + "".join(reversed(stack))
            position = end
            continue
        if character in _CLOSING:
            stack.append(_CLOSING[character])
        elif character in ")]}" and (not stack or stack.pop() != character or not stack):
            return position + 1, ""
        position += 1
    return stop, "".join(reversed(stack))


def _string_end(text: str, position: int, stop: int, quote: str) -> int:
    while position < stop:
        if text[position] == "\\":
            position += 2
        elif text.startswith(quote, position):
            return position + len(quote)
        else:
            position += 1
    return -1


def _cut(text: str, start: int, stop: int, missing: str) -> list[Attempt]:
    """A list that the end of the text cut off: its last call is truncated if some ending makes a valid list."""
    in_string = missing[0] in "'\""
    source = text[start:stop]
    source = _CUT_ESCAPE.sub("", source).rstrip("\\") if in_string else _CUT_NUMBER.sub("0", source)
    for middle in ("", "None", "=None", ":None", "x=None", "x", "()", "None:None"):
        ending = missing[0] + middle + missing[1:] if in_string else middle + missing
        elements = _parse(source + ending)
        if elements:
            whole = _attempts(elements[:-1], _Source(source + ending), start, stop)
            cut = CallDefect("truncated", "", "the text ends in the middle of a call")
            return [*whole, Attempt(stop if whole else start, stop, None, (cut,), stop)]
    return [Attempt(start, stop, None, (CallDefect("invalid_json", "", "not a list of calls"),), start)]


def _call(element: ast.expr, source: _Source) -> tuple[Call | None, tuple[CallDefect, ...]]:
    if not isinstance(element, ast.Call) or (name := _dotted(element.func)) is None:
        return None, (UNPARSED._replace(message="an element of the list is no call"),)
    defects = []
    arguments: dict[str, Any] = {}
    if element.args:
        defects.append(UNPARSED._replace(path="/arguments", message="a positional argument"))
    for keyword in element.keywords:
        if keyword.arg is None:
            defects.append(CallDefect("invalid_json", "/arguments", "** is no literal"))
            continue
        path = jsonvalue.pointer("arguments", keyword.arg)
        if keyword.arg in arguments:
            defects.append(CallDefect("duplicate_key", path, f"{keyword.arg!r} is repeated"))
        try:
            arguments[keyword.arg] = _literal(keyword.value, source, path, defects)
        except _NotLiteralError as error:
            arguments[keyword.arg] = None
            defects.append(CallDefect("invalid_json", path, str(error)))
    return (None, tuple(defects)) if defects else (Call(name, arguments), ())


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (head := _dotted(node.value)) is not None:
        return f"{head}.{node.attr}"
    return None


def _literal(node: ast.expr, source: _Source, path: str, defects: list[CallDefect]) -> Any:
    if isinstance(node, ast.List):
        return [_literal(item, source, path, defects) for item in node.elts]
    if isinstance(node, ast.Dict):
        return _literal_dict(node, source, path, defects)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _literal(node.operand, source, path, defects)
        if isinstance(node.operand, ast.Constant) and not isinstance(value, bool) and isinstance(value, int | Decimal):
            return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.Constant):
        if isinstance(node.value, float):
            return _decimal(source.of(node))
        if node.value is None or (isinstance(node.value, str | bool | int) and _is_text(node.value)):
            return node.value
    raise _NotLiteralError(f"{source.of(node)[:60]!r} is no literal")


def _decimal(literal: str) -> Decimal:
    try:
        return Decimal(literal.replace("_", ""))
    except InvalidOperation:
        raise _NotLiteralError(f"{literal[:60]!r} is beyond every range") from None


def _is_text(value: object) -> bool:
    return not isinstance(value, str) or not any("\ud800" <= character <= "\udfff" for character in value)


def _literal_dict(node: ast.Dict, source: _Source, path: str, defects: list[CallDefect]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        name = _literal(key, source, path, defects) if key is not None else None
        if not isinstance(name, str):
            raise _NotLiteralError("an object key is no string literal")
        if name in result:
            defects.append(CallDefect("duplicate_key", f"{path}{jsonvalue.pointer(name)}", f"{name!r} is repeated"))
        result[name] = _literal(value, source, f"{path}{jsonvalue.pointer(name)}", defects)
    return result
