"""Whatever files, models and servers put into names and texts: no command sends it to the terminal raw.

Links, clipboard, titles, cursor and colours (OSC 8, OSC 52, OSC 0, CSI), the same as C1 controls, bells, returns, overrides
of direction, characters without width; and no name makes a line that looks like one of the harness's own.
"""

from __future__ import annotations

import json
import re
import shutil

import pytest

from harness.baseline import save
from harness.comparison import stages
from harness.replies import Reply, answering
from harness.runner import load_results
from harness.suite import load_suite
from harness.testing import CONTEXT_TOO_LONG, MINIATURES, Clinic, Faults, MockServer, write_suite
from harness.testing.sample import CASES, HEADER, TOOLS

FORGED = "GATE PASSED: all is well"
BAD = (
    "x\x1b]8;;http://evil/\x1b\\y\x1b]52;c;eA==\x07\x1b]0;pwned\x07\x1b[2J\x1b[1A\x9b31m\x9d0;t\x9c\x07\x85"
    f"\u202egnp\u2066\u200f\u200b\ufeff\u2028\rEVIL\b\x7f\n{FORGED}"
)
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)


def clean(*texts):
    """Fails where a text holds what a terminal obeys, or a line of its own that is a name's."""
    for text in texts:
        assert not (found := FORBIDDEN.search(text)), f"{found[0]!r} in {text[max(0, found.start() - 80) :][:120]!r}"
        assert not [line for line in text.splitlines() if line.startswith(FORGED)]


@pytest.fixture
def said(harness):
    """Runs a command and holds what it says against the rule."""

    def command(*words, code=0):
        found = harness(*words)
        assert found.code == code, found.err
        clean(found.out, found.err)
        return found

    return command


def hostile_cases():
    """The sample cases, hostile wherever a case may hold text."""
    text = json.dumps(BAD)
    cases = CASES.replace("id: weather-1", f"id: {text}").replace("kind: chain", f"kind: {text}")
    cases = cases.replace("city: Oslo", f"city: {text}").replace("user: Good morning!", f"user: {text}")
    cases = cases.replace('\'{"status": "booked"}\'', text)
    return cases.replace("answer: Oslo has a clear sky.", f"answer: {text}")


@pytest.fixture
def suite(place):
    header = HEADER.replace("name: sample", f"name: {json.dumps(BAD)}").replace("A sample", "Another")
    tools = json.loads(json.dumps(TOOLS).replace("Does get_weather", json.dumps(BAD)[1:-1]))
    return load_suite(write_suite(place / "suite", hostile_cases(), tools=tools, header=header))


def hostile(decision):
    """Says what is right, and hostile text with it; where an answer is wanted, nothing else."""
    if decision.expect.calls is None:
        return answering(f"{BAD} <tool_response>{BAD}</tool_response>")
    gold = MINIATURES["one_argument_off"](decision)
    message = {**gold.message, "content": BAD, "reasoning_content": BAD}
    return Reply(message, gold.raw + BAD, gold.finish_reason)


@pytest.fixture(params=["teacher_forced", "rollout"])
def ran(request, suite, said, place):
    """Two runs, the second worse, of a model whose name is hostile too, and a baseline of the first."""
    mode = ("--mode", request.param)
    for name, model in (("good", "gold"), ("bad", hostile)):
        with MockServer(suite, model, model=BAD, rollouts=request.param == "rollout") as server:
            said("run", "suite", "--base-url", server.base_url, "--retries", "0", "--out", name, *mode)
    said("baseline", "save", "good", "--name", "first")
    return place


def test_a_run_and_everything_made_of_it(ran, said):
    case = BAD
    said("show", "bad", "--full")
    said("show", "bad", case)
    said("show", "bad", "no such" + BAD, code=2)
    said("rescore", "bad")
    said("diff", "good", "bad", "--transcripts", "9")
    said("compare", "good", "bad")
    files = ("--markdown", "gate.md", "--json", "gate.json", "--junit", "gate.xml")
    said("gate", "bad", "--baseline", "first", *files, code=1)
    said("table", "good", "worse=bad")
    for form in ("markdown", "csv", "latex"):
        said("table", "good", f"worse{BAD.replace('=', '')}=bad", "--format", form)
    for words in (("list",), ("show", "first"), ("verify",)):
        said("baseline", *words)
    for of in ("decisions", "metrics"):
        said("export", "table", "good", "bad", "--of", of, "--out", f"{of}.csv")
    for name in ("good/summary.md", "bad/summary.md", "gate.md", "gate.xml", "decisions.csv", "metrics.csv"):
        clean((ran / name).read_text(encoding="utf-8"))
    said("export", "dpo", "bad", "--out", "dpo.jsonl", "--exclude", "suite", code=2)
    said("export", "sft", "suite", "--out", "sft.jsonl")


@pytest.mark.usefixtures("suite")
def test_suites_that_are_looked_at(said, place):
    said("lint", "suite", code=1)
    said("nulls", "suite")
    said("stress", "suite", "--with", "polite_users,rename_tools", "--out", "variants")
    (place / "suite" / "cases" / f"{BAD.replace('/', '')}.yaml").write_text(
        f"id: {json.dumps(BAD)}\n{json.dumps(BAD)}: 1\n"
    )
    said("lint", "suite", code=2)


@pytest.mark.parametrize(
    "text",
    [
        f"name: s\ndescription: d\nlicence: l\n{json.dumps(BAD)}: 1\n",
        f"name: [{json.dumps(BAD)}]\n",
        f"name: s\nthresholds: {{{json.dumps(BAD)}: 1}}\n",
        f"name: s\ngate: {{critical: yes, {json.dumps(BAD)}: 3}}\n",
        f"name: {BAD}",
        "name: *x\x85\u202e",
    ],
)
def test_broken_suites(said, place, text):
    write_suite(place / "suite", header=text)
    said("lint", "suite", code=2)


@pytest.mark.parametrize(
    "change",
    [
        ("id: chat-3", f"id: chat-3\n{json.dumps(BAD)}: 1"),
        ("tools: []", f"tools: [{json.dumps(BAD)}]"),
        ("name: get_weather", f"name: {json.dumps(BAD)}"),
        ("city: Kiel", f"{json.dumps(BAD)}: Kiel"),
        ("match: {/note", f"match: {{{json.dumps(BAD)}: {{any: true}}, /note"),
        ("id: chat-3", "id: weather-1"),
        ("id: chat-3", f"id: {json.dumps(BAD)}\n---\nid: {json.dumps(BAD)}"),
    ],
)
def test_broken_cases(said, place, change):
    assert change[0] in CASES
    write_suite(place / "suite", CASES.replace(*change, 1))
    said("lint", "suite", code=2)


def test_files_that_are_none(said, place, finished):
    shutil.copytree(finished, place / "cut")
    log = (finished / "run.jsonl").read_bytes().splitlines(keepends=True)
    line = json.dumps({"type": "decision", BAD: 1}, ensure_ascii=False).encode() + b"\n"
    (place / "cut" / "run.jsonl").write_bytes(b"".join([*log[:-1], line, log[-1]]))
    said("show", "cut", code=2)
    (place / "cut" / "run.jsonl").write_bytes(log[0][:-2] + f', "{BAD}": 1}}\n'.encode())
    said("show", "cut", code=2)
    (place / "records.jsonl").write_text(json.dumps({"id": BAD, BAD: BAD}) + f'\n{{"{BAD}"\n')
    said("score", "records.jsonl", "--out", "scores.jsonl", code=2)
    said("score", "records.jsonl", "--out", "scores.jsonl", "--skip-invalid")
    (place / "policy.yaml").write_text(f"{json.dumps(BAD)}: 1\n")
    said("gate", "out", "--baseline", "out", "--policy", "policy.yaml", code=2)
    for path in ("log.jsonl", "source.jsonl"):
        (place / path).write_text(json.dumps({"messages": [{"role": BAD, "content": BAD}], BAD: 1}) + "\n[1]\n{x\n")
    said("import", "openai-log", "log.jsonl", "--out", "imported", "--name", BAD, code=2)
    said("import", "openai-log", "log.jsonl", "--out", "imported")
    said("import", "when2call", "source.jsonl", "--out", "imported", code=2)
    for words in (("gate", BAD, "--baseline", BAD), ("table", BAD, f"{BAD}={BAD}"), ("diff", BAD, BAD)):
        said(*words, code=2)
    for words in (("baseline", "verify", BAD), ("show", BAD), ("lint", BAD), ("export", "sft", BAD, "--out", "x")):
        said(*words, code=2)


def test_baselines_that_were_edited(said, place, finished):
    results = load_results(str(finished))
    odd = results._replace(identity=results.identity.model_copy(update={"model": BAD, "dialect": None, "suite": BAD}))
    path = save(odd, "first", place / "baselines")
    for words in (("list",), ("show", "first"), ("verify",)):
        said("baseline", *words)
    said("diff", "first", "out")
    said("gate", "out", "--baseline", "first")
    text = path.read_text()
    path.write_text(text.replace('"case":"chat-3"', json.dumps({"case": BAD})[1:-1]))
    said("baseline", "verify", code=3)
    path.write_text(text.replace('"outcome"', json.dumps(BAD)).replace('"model"', json.dumps(BAD), 1))
    said("baseline", "verify", code=2)


def test_what_servers_say(suite, said):
    words = ("--retries", "0", "--out", "out")
    trouble = CONTEXT_TOO_LONG._replace(body=json.dumps({"error": {"message": BAD, "type": BAD}}).encode())
    with MockServer(suite, model=BAD, faults=Faults(always=trouble)) as server:
        said("run", "suite", "--base-url", server.base_url, *words, code=3)
        said("run", "suite", "--base-url", server.base_url, "--model", f"other{BAD}", "--out", "other", code=2)
        said("compare", "--suite", "suite", f"a@{server.base_url}", f"{BAD}@{server.base_url}", code=2)
    said("show", "out", "--full")
    with MockServer(suite, version=BAD) as server:
        said("run", "suite", "--base-url", server.base_url, "--out", "version")
    with Clinic(model=BAD) as server:
        said("doctor", "--base-url", server.base_url)
        plain = said("doctor", "--base-url", server.base_url, "--json")
    assert json.loads(plain.out)["model"] == BAD, "escaped, and to a program the same"
    said("run", "suite", "--base-url", f"http://{BAD}/v1", code=2)


@pytest.mark.parametrize(
    "words",
    [
        ("fly" + BAD,),
        ("run", "suite", "--base-url", "u", f"--{BAD}"),
        ("stress", "s", "--out", BAD, BAD),
    ],
)
def test_wrong_use(harness, capfd, words):
    with pytest.raises(SystemExit):
        harness(*words)
    clean(*capfd.readouterr())


def test_stages_of_hostile_names(said, finished):
    name = BAD.replace("=", "")
    said("table", f"{name}={finished}", f"two={finished}", "--out", "page.md")
    assert stages([(name, load_results("out")), ("two", load_results("out"))]).stages[0].name == name
