"""How files are read: YAML 1.2 scalars, what is refused, and the lines that problems are given."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness import documents, jsonvalue
from harness.documents import Document, read_json, read_jsonl, read_yaml
from harness.errors import Problem

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["C", "Python"])
def parser(request, monkeypatch):
    """Both of PyYAML's parsers; the one in C is not built everywhere."""
    if request.param == "Python":
        monkeypatch.setattr(documents, "_loader", lambda: yaml.SafeLoader)


def yaml_value(path: Path, text: str) -> object:
    path.write_text(text, encoding="utf-8")
    (document,) = read_yaml(path)
    assert isinstance(document, Document), str(document)
    return document.value


def yaml_problems(path: Path, text: str | bytes) -> list[tuple[int, str, str]]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = [item for item in read_yaml(path) if isinstance(item, Problem)]
    return [(problem.line, problem.where, problem.message) for problem in found]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None),
        ("~", None),
        ("true", True),
        ("false", False),
        ("5", 5),
        ("-17", -17),
        ("5.0", Decimal("5.0")),
        ("-1.25e3", Decimal("-1.25e3")),
        ("0.1", Decimal("0.1")),
        ("9007199254740993", 9007199254740993),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("True", "True"),
        ("NULL", "NULL"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("007", "007"),
        ("+5", "+5"),
        (".5", ".5"),
        ("5.", "5."),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("2026-03-04", "2026-03-04"),
        ("2026-03-04T10:00:00Z", "2026-03-04T10:00:00Z"),
        ("192.0.2.1", "192.0.2.1"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("''", ""),
        ("|\n  a\n  b\n", "a\nb\n"),
        (">-\n  a\n  b\n", "a b"),
        ("封禁 😀", "封禁 😀"),
    ],
)
def test_yaml_scalars_are_those_of_yaml_1_2(tmp_path, text, value):
    (read,) = yaml_value(tmp_path / "a.yaml", f"[{text}]" if "\n" not in text else f"- {text}")
    assert read == value
    assert type(read) is type(value)


KEYS = st.text(max_size=50)  # YAML's keys end at 1,024 characters
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
)


@given(st.dictionaries(KEYS, JSON, min_size=1))
def test_json_in_a_yaml_file_is_read_as_json(tmp_path_factory, value):
    """JSON (its escapes for rare characters aside) is YAML, so the two readers must agree on it."""
    text = "".join(c if " " <= c <= "~" else f"\\U{ord(c):08x}" for c in jsonvalue.dumps(value))
    assert yaml_value(tmp_path_factory.mktemp("documents") / "a.yaml", text) == value


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3", (3, "/a", "duplicate key 'a', first on line 1; keep one")),
        ("a:\n- b: 1\n  'b': 2", (3, "/a/0/b", "duplicate key 'b', first on line 2; keep one")),
        ("a:\n  5: x", (2, "/a", "a key must be a string, this is integer; put it in quotes")),
        ("true: x", (1, "", "a key must be a string, this is boolean; put it in quotes")),
        ("? [a]\n: b", (1, "", "a key must be a string, this is array; put it in quotes")),
        ("a: !!python/name:os.system x", (1, "/a", "the tag 'tag:yaml.org,2002:python/name:os.system' is not allowed")),
        ("a: !!int '5'", (1, "/a", "the tag 'tag:yaml.org,2002:int' is not allowed; write the value plainly")),
        ("- !x [1]", (1, "/0", "the tag '!x' is not allowed")),
        ("a: &x {b: 1}\nc:\n  <<: *x", (3, "/c", "merge keys (<<) are not read; write the keys out")),
        ("a: *x", (1, "/a", "the alias *x names no anchor &x before it")),
        ("a: &x\n- *x", (2, "/a/0", "the alias *x stands inside the value it names")),
        ("a: 1e9999999999999999999", (1, "/a", "the number is beyond every range")),
        ("a: 1\n--- # empty\n---\nb: 1", (3, "", "the document is empty; fill it or take its --- away")),
        ("null", (1, "", "the document is empty; fill it or take its --- away")),
        ("a: 1\nb: [1,\n}", (3, "", "is not YAML: while parsing a flow")),
        ("a:\n\t- b", (2, "", "is not YAML: while scanning for the next token found character")),
        ("a: 1\nb: \x00", (2, "", "is not YAML: ")),
        ("a: 1\nb: x\u2028y", (2, "", "U+2028 stands unescaped; write it as \\u2028 inside double quotes")),
        (b"a: 1\nb: \xe9\n", (2, "", "is not UTF-8 at byte 9; save the file as UTF-8")),
    ],
)
def test_yaml_that_is_refused(tmp_path, text, problem):
    (found,) = yaml_problems(tmp_path / "a.yaml", text)
    assert found[:2] == problem[:2]
    assert found[2].startswith(problem[2])


def test_an_integer_of_any_length_is_exact(tmp_path):
    assert yaml_value(tmp_path / "a.yaml", "a: 1" + "0" * 5000) == {"a": 10**5000}


@pytest.mark.usefixtures("parser")
def test_a_lone_surrogate_in_yaml_is_refused_by_either_parser(tmp_path):
    (found,) = yaml_problems(tmp_path / "a.yaml", 'a: "\\ud800"')
    assert found[0] == 1


def test_nothing_is_null(tmp_path):
    assert yaml_value(tmp_path / "a.yaml", "a:\nb:\n-\n") == {"a": None, "b": [None]}


def test_aliases_stand_for_the_values_they_name(tmp_path):
    value = yaml_value(tmp_path / "a.yaml", "a: &x {b: [1, 2]}\nc: *x\nd: [*x, &y z, *y]\n")
    assert value == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": [{"b": [1, 2]}, "z", "z"]}


def test_an_anchor_ends_with_its_document(tmp_path):
    assert yaml_problems(tmp_path / "a.yaml", "a: &x 1\n---\nb: *x\n") == [
        (3, "/b", "the alias *x names no anchor &x before it")
    ]


def test_aliases_that_multiply_are_refused(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    ((line, _, message),) = yaml_problems(tmp_path / "a.yaml", "\n".join(lines))
    assert line == 6
    assert message == "holds more than 1,000,000 values, aliases counted at each use"


def test_nesting_without_end_is_refused_and_1000_levels_are_not(tmp_path):
    path = tmp_path / "a.yaml"
    assert jsonvalue.dumps(yaml_value(path, "[" * 1000 + "]" * 1000)) == "[" * 1000 + "]" * 1000
    assert yaml_problems(path, "[" * 100_000) == [(1, "", "nests deeper than 1000 levels")]
    chain = "\n".join(["- &a0 x", *(f"- &a{n} [[*a{n - 1}]]" for n in range(1, 600))])
    ((line, _, message),) = yaml_problems(path, chain)
    assert (line, message) == (501, "nests deeper than 1000 levels, aliases followed")


def test_several_problems_of_one_document_and_the_documents_beside_it(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n---\nb: 1\nb: 2\n3: x\n---\nc: 1\n", encoding="utf-8")
    first, second, third, last = read_yaml(path)
    assert isinstance(first, Document)
    assert first.value == {"a": 1}
    assert [second.line, third.line] == [4, 5]
    assert isinstance(last, Document)
    assert (last.line, last.value) == (7, {"c": 1})


def test_a_byte_order_mark_is_fine_in_yaml_and_not_in_json_lines(tmp_path):
    assert yaml_value(tmp_path / "a.yaml", "\ufeffa: 1") == {"a": 1}
    path = tmp_path / "a.jsonl"
    path.write_text('\ufeff{"a": 1}', encoding="utf-8")
    (problem,) = read_jsonl(path)
    assert str(problem) == f"{path}:1: invalid_json: a byte order mark (character 1)"


def test_json_lines_are_split_at_line_feeds_only(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": "x\u2028y"}\r\n{"b": 5.0}\n', encoding="utf-8", newline="")
    assert [(item.line, item.value) for item in read_jsonl(path)] == [
        (1, {"a": "x\u2028y"}),
        (2, {"b": Decimal("5.0")}),
    ]


def test_every_bad_line_of_json_lines_is_named(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1, "a": NaN}\n\n{"b": 1}\n{"c": "\xff"}\n{"d": [1}\n')
    found = [str(item).removeprefix(f"{path}:") for item in read_jsonl(path) if isinstance(item, Problem)]
    assert found == [
        "1: /a: duplicate_key: duplicate key 'a' (character 10)",
        "1: /a: invalid_json: NaN is not JSON (character 15)",
        "2: the line is empty; every line must hold one JSON value",
        "4: is not UTF-8 at byte 8 of the line; save the file as UTF-8",
        "5: /d/1: invalid_json: expected ',' or ']' (character 9)",
    ]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("", 2),
        ("/a", 2),
        ("/b", 3),
        ("/b/0", 4),
        ("/b/1", 5),
        ("/b/1/c", 6),
        ("/b/1/nope", 5),
        ("/nope/x", 2),
        ("/b/9", 3),
        ("/t~0i~1lde", 7),
    ],
)
def test_the_line_of_a_path(tmp_path, path, line):
    """The line of the value, its key in a mapping, else of what is around it; in YAML and JSON alike."""
    text = "\n{" + '"a": 1,\n"b": [\n"x",\n{\n"c":\n1}],"t~i/lde":\n2}'.replace('}],"t', '}],\n"t').replace(
        '"c":\n1', '"c": 1'
    )
    for name, read in (("a.json", read_json), ("a.yaml", read_yaml)):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        (document,) = read(file)
        assert isinstance(document, Document)
        assert (document.line_of(path) if path or name == "a.yaml" else line) == line
