"""What an import leaves: whole suites, and an account of every item."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.importers.checking import inspected
from harness.importers.drafts import Draft, Further, Header, Importer, LeftOut, Note
from harness.importers.writing import write_suites
from harness.suite import load_suite
from importers.sources import read_lines

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def tool(name="count", schema=SCHEMA):
    return {"type": "function", "function": {"name": name, "parameters": schema}}


def draft(item, arguments=None, tools=None, **changes):
    call = {"name": "count", "arguments": {"n": 1} if arguments is None else arguments}
    case = {"id": item, "turns": [{"user": "Count."}, {"expect": {"calls": [call]}}], **changes}
    return Draft("s", "c", item, case, tools or [tool()])


IMPORTER = Importer(
    name="test",
    summary="",
    source="",
    read=lambda _: iter(()),
    header=lambda _: Header("A suite.", "MIT", {"source": "test"}),
    rules={"odd": "something odd"},
    foreign=frozenset({"odd"}),
)


@pytest.fixture
def write(tmp_path):
    return lambda *items, replace=False: write_suites(items, IMPORTER, tmp_path / "out", "a test", replace=replace)


def test_every_item_is_in_the_report(write):
    items = [draft("a"), draft("b", {"n": "x"}), LeftOut("s", "c", "d", Note("odd", "why"))]
    (suite,) = write(*items)
    assert [(line["item"], line["outcome"]) for line in read_lines(suite.folder / "import-report.jsonl")] == [
        ("a", "imported"),
        ("b", "quarantined"),
        ("d", "left out"),
    ]
    assert (suite.total("imported"), suite.total("quarantined"), suite.total("left out"), suite.decisions["c"]) == (
        1,
        1,
        1,
        1,
    )
    page = (suite.folder / "README.md").read_text()
    assert "| c | 1 | 1 | 1 |" in page
    assert "| left out | `odd` | 1 | something odd |" in page


def test_the_quarantine_holds_all_that_is_needed_to_mend_a_case(write):
    (suite,) = write(draft("a"), draft("b", {"n": "x"}))
    (line,) = read_lines(suite.folder / "quarantine.jsonl")
    assert line["case"]["turns"][1]["expect"]["calls"][0]["arguments"] == {"n": "x"}
    assert line["tools"] == [tool()]
    assert line["problems"] == [
        {
            "rule": "breaks_suite_check",
            "detail": "/turns/1/expect/calls/0/arguments/n: breaks the schema of count: 'x' is not of type 'integer'",
        }
    ]


@pytest.mark.parametrize(
    ("item", "rule"),
    [
        (draft("b", nonsense=1), "not_a_case"),
        (draft("a"), "same_id"),
        (draft("b", tools=[tool(schema={"type": "blob"})]), "tool_unusable"),
        (draft("b", tools=[{"type": "function", "function": {"name": 5}}]), "tool_unusable"),
    ],
)
def test_what_fails_a_check_is_quarantined(write, item, rule):
    (suite,) = write(draft("a"), item)
    (line,) = read_lines(suite.folder / "quarantine.jsonl")
    assert [problem["rule"] for problem in line["problems"]] == [rule]
    assert len(load_suite(suite.folder).cases) == 1


def test_tools_of_quarantined_cases_are_not_kept(write):
    (suite,) = write(draft("a"), draft("b", {"n": "x"}, tools=[tool(), tool("other")]))
    assert [item.function.name for item in load_suite(suite.folder).tools] == ["count"]


def test_nothing_of_another_s_is_overwritten(write, tmp_path):
    (tmp_path / "out" / "s").mkdir(parents=True)
    with pytest.raises(UsageError, match="is no imported suite"):
        write(draft("a"), replace=True)


def test_an_import_made_before_is_replaced_only_where_asked(write):
    write(draft("a"))
    with pytest.raises(UsageError, match="--replace takes its place"):
        write(draft("b"))
    (suite,) = write(draft("b"), replace=True)
    assert [case.id for case in load_suite(suite.folder).cases] == ["b"]


def test_a_linter_may_have_its_say(tmp_path):
    """It is shown what passed, as the suite that it will be, and what it names is quarantined."""
    seen = []

    def find(suite):
        seen.append([(case.id, case.tags) for case in suite.cases])
        return {"b": [Note("dull", "decision 0")]}

    items = [draft("a"), draft("b"), draft("c", {"n": "x"})]
    (suite,) = write_suites(
        items, IMPORTER, tmp_path / "out", "a test", replace=False, further=Further(find, {"dull": "it is dull"})
    )
    assert seen == [[("a", {"source": "test"}), ("b", {"source": "test"})]]
    assert [case.id for case in load_suite(suite.folder).cases] == ["a"]
    lines = read_lines(suite.folder / "quarantine.jsonl")
    assert [[problem["rule"] for problem in line["problems"]] for line in lines] == [["dull"], ["breaks_suite_check"]]
    assert "| `dull` | 1 | it is dull |" in (suite.folder / "README.md").read_text()


def test_many_cases_are_inspected_alike(write, monkeypatch):
    """By several processes, in the same order."""
    (suite,) = write(draft("a"))
    tools = load_suite(suite.folder).tools
    cases = [{**draft(str(n), {"n": n if n % 3 else "x"}).case, "tools": ["count"]} for n in range(40)]
    alone = inspected(tools, cases)
    monkeypatch.setattr("harness.importers.checking._MANY", 10)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert inspected(tools, cases) == alone
    assert [bool(found) for found in alone] == [n % 3 == 0 for n in range(40)]


@pytest.mark.parametrize("blocked", ["out", "out/.s.part"])
def test_a_folder_that_cannot_be_written_is_told(write, tmp_path, blocked):
    path = tmp_path / blocked
    path.parent.mkdir(exist_ok=True)
    path.write_text("a file")
    with pytest.raises(UsageError, match=r"cannot write .*; choose another --out"):
        write(draft("a"))


def test_a_source_of_which_nothing_can_be_read_is_refused(write, tmp_path):
    """A suite of nothing, and an exit status that says all is well, would hide that the file was the wrong one."""
    with pytest.raises(
        UsageError, match=r"nothing in it can be read as what test imports .* d: odd: why \(something odd\)"
    ):
        write(*(LeftOut("s", "c", item, Note("odd", "why")) for item in "de"))
    assert not (tmp_path / "out").exists()


def test_a_source_that_is_read_and_left_out_is_reported(write):
    (suite,) = write(LeftOut("s", "c", "d", Note("odd")), LeftOut("s", "c", "e", Note("other")))
    assert suite.total("left out") == 2
