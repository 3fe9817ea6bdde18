"""The data of a page: every decision in its index and its transcript, as the log has them and as a browser counts."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
import yaml

from harness import jsonvalue
from harness.baseline import read, save
from harness.cli import main
from harness.exporters.material import Source, of_run
from harness.exporters.rows import preference_rows
from harness.replies import END, Reply, answering, calling, message_of
from harness.report.html import packing
from harness.report.html.data import data_blocks, rows_of
from harness.report.html.report import run_page, stages_page
from harness.runlog import decisions_with_rows, read_log, suite_of
from harness.runner import load_results
from harness.suite import load_suite
from harness.testing import MINIATURES, Faults, MockServer, sample_suite, status
from harness.testing.sample import write_suite
from opened import Opened


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """Runs a suite (the sample suite) against a model into a folder of its own; returns its results."""
    monkeypatch.chdir(tmp_path)
    sample_suite(tmp_path / "suite")

    def run(model, out="out", *words, suite="suite", served="mock"):
        with MockServer(load_suite(tmp_path / suite), model, model=served, rollouts="rollout" in words) as server:
            command = ["run", suite, "--base-url", server.base_url, "--dialect", "hermes", "--out", out]
            assert main([*command, *words]) in (0, 1)
            run.received = server.received
        return load_results(out)

    return run


def opened(results, baseline=None):
    return Opened(run_page(results, baseline))


def test_the_index_holds_every_decision(ran):
    results = ran("one_argument_off")
    index = opened(results).index
    rows, stage = index["rows"], index["rows"]["stages"][0]
    assert (index["version"], index["unit"], index["mode"], index["baseline"]) == (
        1,
        "decisions",
        "teacher_forced",
        None,
    )
    entries = results.entries
    assert {len(column) for name, column in rows.items() if name not in ("tags", "stages")} == {len(entries)}
    assert {len(column) for column in [*stage.values(), *rows["tags"].values()]} == {len(entries)}
    assert [(index["cases"][case], number) for case, number in zip(rows["case"], rows["index"], strict=True)] == [
        (entry.case, entry.index) for entry in entries
    ]
    assert [index["outcomes"][number] for number in stage["outcome"]] == [entry.outcome for entry in entries]
    assert stage["right"] == [int(entry.right) for entry in entries]
    assert [{index["violations"][code] for code in codes} for codes in stage["violations"]] == [
        set(entry.codes) for entry in entries
    ]
    tags = {name: [index["tags"][name][value] for value in values] for name, values in rows["tags"].items()}
    assert tags["language"] == [results.tags[entry.case]["language"] for entry in entries]
    assert stage["before"] == [-1] * len(entries)
    assert rows["snippet"][rows["case"].index(index["cases"].index("chat-3"))] == "Good morning!"


def test_a_decision_is_told_whole(ran):
    results = ran("one_argument_off")
    page = opened(results)
    log = results.log
    for decision, row in decisions_with_rows(log):
        told, case = page.decision(row.case, row.index), page.case(row.case)
        done = told["stages"][0]
        assert case["messages"][: told["prefix"]] == list(decision.messages)
        assert case["system"] == next((m["content"] for m in decision.messages if m["role"] == "system"), None)
        assert told["tools"] == [tool.function.name for tool in decision.tools]
        assert done["message"] == row.response.message
        assert (done["raw"], done["finish"], done["state"]) == (
            row.response.raw,
            row.response.finish_reason,
            row.score.state,
        )
        assert [one["code"] for one in done["violations"]] == [one.code for one in row.score.violations]
        assert done["url"] == log.base_urls[0]
        assert done["usage"]["completion_tokens"] == row.usage.completion_tokens
    assert page.decision("weather-1", 0)["expect"]["calls"] == [
        {"name": "get_weather", "arguments": '{"city": "Oslo", "days": 2}'}
    ]
    wrong = page.decision("weather-1", 0)["stages"][0]["diff"]
    assert [(line["path"], line["verdict"]) for line in wrong] == [
        ("", "same"),
        ("city", "different"),
        ("days", "same"),
    ]
    assert page.decision("route-4", 0)["expect"] == {"any_call": True}
    assert page.decision("chat-3", 0)["expect"] == {"no_call": True}


def test_each_tool_is_held_once_and_versions_of_one_name_apart(ran, tmp_path):
    tools = [
        {"type": "function", "function": {"name": "look", "description": text}, "id": name}
        for name, text in (("look-1", "old"), ("look-2", "new"))
    ]
    cases = "".join(
        f"---\nid: c{place}\ntools: [look-{place}]\nturns: [{{user: Look!}}, {{expect: {{any_call: true}}}}]\n"
        for place in (1, 2)
    )
    write_suite(tmp_path / "versions", cases[4:], tools=tools)
    page = opened(ran("gold", suite="versions"))
    names = [page.decision(case, 0)["tools"] for case in ("c1", "c2")]
    assert names == [["look"], ["look#2"]]
    assert [page.value("tools")[name]["function"]["description"] for (name,) in names] == ["old", "new"]


def test_the_request_is_the_one_that_was_sent(ran):
    page = opened(ran("gold", "out", "--trials", "2", "--temperature", "0.5", "--seed", "7"))
    sent = [json.loads(one.body) for one in ran.received if one.path.endswith("/chat/completions")]
    tools, stage = page.value("tools"), page.index["stages"][0]
    rows = page.index["rows"]
    for case, index, trial in zip(rows["case"], rows["index"], rows["trial"], strict=True):
        name = page.index["cases"][case]
        told = page.decision(name, index, trial)
        offered = [tools[key] for key in told["tools"]]
        body = {**stage["request"], "seed": stage["request"]["seed"] + trial}
        body["messages"] = page.case(name)["messages"][: told["prefix"]]
        if offered:
            body |= {"tools": offered, "tool_choice": "auto", "parallel_tool_calls": True}
        assert body in sent
    assert len(sent) == len(rows["case"])


@pytest.mark.parametrize(("model", "key"), [("Qwen3-8B", "enable_thinking"), ("DeepSeek-V3.1", "thinking")])
def test_the_request_names_the_switch_of_thinking_as_it_was_sent(ran, model, key):
    for mode in ("teacher_forced", "rollout"):
        page = opened(ran("gold", mode, "--model", model, "--thinking", "off", "--mode", mode, served=model))
        assert page.index["stages"][0]["request"]["chat_template_kwargs"] == {key: False}


def test_a_case_can_be_taken_out_up_to_any_decision(ran, tmp_path):
    """Cut where it is looked at, it is a suite's case with the same decisions."""
    results = ran("never_calls")
    page = opened(results)
    by_key = {decision.key: decision for decision in suite_of(results.log).decisions}
    for place, (key, decision) in enumerate(by_key.items()):
        source = page.case(key[0])["source"]
        text = source["head"] + "".join(source["turns"][: page.decision(*key)["cut"]])
        again = load_suite(write_suite(tmp_path / f"again-{place}", text))
        assert again.decisions[-1].digest == decision.digest
        assert again.decisions[-1].key == key
        assert dict(again.decisions[-1].tags) == dict(decision.tags)


AWKWARD = "tab\t quote\" back\\slash 'single' # no comment: {x} \u2028\u2029\x7f\x85\x9b\ufeff\u200b\u202e 👩\u200d💻 \x01\x1f"


def test_a_case_of_awkward_characters_and_numbers_can_be_taken_out(ran, tmp_path):
    look = {"type": "object", "properties": {"n": {}, "big": {}, "t": {}}}
    tools = [{"type": "function", "function": {"name": "look", "parameters": look}}]
    arguments = {"n": Decimal("5.0"), "big": 10**30, "t": "2026-03-04", "yes": "no", "null": None, "e": Decimal("1E+2")}
    case = {
        "id": "yes",
        "tags": {"date": "2026-01-01"},
        "turns": [
            {"user": AWKWARD},
            {"expect": {"calls": [{"name": "look", "arguments": arguments}]}, "observations": [AWKWARD]},
            {"expect": {"no_call": True}, "answer": AWKWARD},
        ],
    }
    folder = write_suite(tmp_path / "awkward", "", tools=tools)
    (folder / "cases" / "cases.yaml").unlink()
    (folder / "cases" / "cases.jsonl").write_bytes(jsonvalue.dump_line(case))
    page = opened(ran("gold", suite="awkward"))
    told = page.case("yes")["source"]
    again = load_suite(write_suite(tmp_path / "again", told["head"] + "".join(told["turns"]), tools=tools))
    assert [one.digest for one in again.decisions] == [one.digest for one in load_suite(folder).decisions]
    assert page.decision("yes", 0)["expect"]["calls"][0]["arguments"].startswith('{"n": 5.0, "big": 1' + "0" * 30)
    assert yaml.safe_load(told["head"])["tags"] == {"date": "2026-01-01"}


def test_a_pair_to_learn_from_is_the_exporters_own(ran):
    results = ran("one_argument_off")
    page = opened(results)
    source = Source("x", suite_of(results.log))
    judged = ((decision, row.trial, row.response, row.score) for decision, row in decisions_with_rows(results.log))
    made = {
        (row.value["metadata"]["case"], row.value["metadata"]["decision"]): row.value
        for row in preference_rows(of_run(source, judged)).rows
    }
    assert made
    rows = page.index["rows"]
    for case, index in zip(rows["case"], rows["index"], strict=True):
        key = page.index["cases"][case], index
        told = page.decision(*key)
        if key in made:
            assert json.loads(told["chosen"]) == made[key]["chosen"][0]
            assert json.loads(told["stages"][0]["rejected"]) == made[key]["rejected"][0]
        else:
            assert not told.keys() & {"chosen", "no_chosen"}
            assert not told["stages"][0].keys() & {"rejected", "no_rejected"}


def test_why_there_is_no_pair_is_told(ran):
    told = opened(ran("never_calls")).decision("route-4", 0)
    assert told["no_chosen"] == "any call is right"
    assert "rejected" in told["stages"][0]


def test_places_are_counted_as_javascript_counts(ran):
    """An emoji before a finding is two of JavaScript's units and one of Python's."""
    text = '👩👩 <tool_response>{"city": "Oslo"}</tool_response>'

    def invents(decision):
        return (
            Reply(message_of(text), text + END, "stop")
            if decision.case_id == "chat-3"
            else MINIATURES["gold"](decision)
        )

    told = opened(ran(invents)).decision("chat-3", 0)["stages"][0]
    units = text.encode("utf-16-le")
    assert told["findings"]
    for finding in told["findings"]:
        assert finding["in"] == "content"
        assert units[2 * finding["start"] : 2 * finding["end"]].decode("utf-16-le") == finding["text"]
    marked = [units[2 * start : 2 * end].decode("utf-16-le") for start, end in told["leaked"]]
    assert marked == ["<tool_response>", "</tool_response>"]
    assert told["markup"] == told["leaked"]


def test_what_the_server_dropped_is_marked_in_the_raw_text(ran):
    def drops(decision):
        if decision.case_id != "weather-1" or decision.index != 0:
            return MINIATURES["gold"](decision)
        call = '{"name": "get_weather", "arguments": {"city": "Oslo", "days": 2}}'
        raw = f"Let me see.<tool_call>\n{call}\n</tool_call>\nIt is sunny.<tool_call>\n{call}\n</tool_call>"
        return Reply(
            message_of("Let me see.", [("get_weather", '{"city": "Oslo", "days": 2}')]), raw + END, "tool_calls"
        )

    told = opened(ran(drops)).decision("weather-1", 0)["stages"][0]
    pieces = [told["raw"][start:end].strip() for start, end in told["lost"]]
    assert pieces[0] == "It is sunny."
    assert len(pieces) == 2
    assert pieces[1].startswith("<tool_call>")
    assert "Let me see." not in "".join(pieces)


@pytest.mark.parametrize("name", [name for name in MINIATURES if "rollout" not in name])
def test_every_kind_of_model_can_be_told(ran, name):
    """And what its server returned whole is not marked as lost."""
    page = opened(ran(name))
    lost = 0
    for chunk in page.chunks():
        for told in chunk["decisions"].values():
            done = told["stages"][0]
            for finding in done["findings"]:
                text = done["raw"] if finding["in"] == "raw" else done["message"].get("content")
                assert text[finding["start"] : finding["end"]] == finding["text"] or not text.isascii()
            lost += bool(done.get("lost"))
            if done["outcome"] in ("correct_call", "correct_no_call"):
                assert {line["verdict"] for line in done["diff"]} <= {"same", "allowed"}
            elif done["outcome"] in ("wrong_arguments", "wrong_tool"):
                assert {line["verdict"] for line in done["diff"]} & {"different", "missing", "extra"}
    if name in ("gold", "never_calls", "one_argument_off"):
        assert lost == 0


def test_trials_stand_beside_each_other(ran):
    results = ran("gold", "out", "--trials", "3")
    page = opened(results)
    assert page.index["rows"]["trial"] == [0, 1, 2] * 8
    assert page.decision("chat-3", 0, 2)["stages"][0]["message"]["content"]


@pytest.mark.usefixtures("ran")
def test_errors_are_told(tmp_path):
    with MockServer(load_suite(tmp_path / "suite"), faults=Faults(cases={"chat-3": status(500)})) as server:
        words = ["run", "suite", "--base-url", server.base_url, "--dialect", "hermes", "--out", "out", "--retries", "0"]
        assert main([*words, "--max-error-rate", "1"]) == 0
    page = opened(load_results("out"))
    row = page.row("chat-3", 0)
    stage = page.index["rows"]["stages"][0]
    assert (page.index["outcomes"][stage["outcome"][row]], stage["right"][row]) == ("errored", -1)
    assert "500" in page.decision("chat-3", 0)["stages"][0]["error"]
    assert "met an error" in page.text


def test_flips_against_a_baseline(ran):
    first = ran("never_calls", "first")
    save(first, "kept")
    kept = read(first.path.parent.parent / "baselines" / "kept.jsonl")
    page = opened(ran("gold", "second"), kept)
    stage = page.index["rows"]["stages"][0]
    assert page.index["baseline"] == "kept"
    assert stage["before"] == [int(entry.right) for entry in first.entries]
    assert len(page.index["stages"]) == 1
    assert "second against kept" in page.text


def test_stages_are_columns_of_the_same_decisions(ran):
    named = [("base", ran("never_calls", "a")), ("sft", ran("one_argument_off", "b")), ("dpo", ran("gold", "c"))]
    page = Opened(stages_page(named))
    rows = page.index["rows"]
    assert [stage["name"] for stage in page.index["stages"]] == ["base", "sft", "dpo"]
    for place, (_, results) in enumerate(named):
        right = [int(entry.right) for entry in results.entries]
        assert rows["stages"][place]["right"] == right
    first = rows["stages"][0]["right"]
    assert [stage["before"] for stage in rows["stages"]] == [[-1] * 8, first, first]
    told = page.decision("weather-1", 0)
    assert [one["outcome"] for one in told["stages"]] == ["missed_call", "wrong_arguments", "correct_call"]
    assert told["chosen"]


def test_stages_that_hold_other_decisions_too(ran, tmp_path):
    """Equal decisions are one row wherever they stand; changed ones and those of one stage alone are rows of their own."""
    text = (tmp_path / "suite" / "cases" / "cases.yaml").read_text()
    renamed = text.replace("id: chat-3", "id: chat-renamed").replace("Bring me to the station.", "Bring me home.")
    write_suite(tmp_path / "other", renamed)
    named = [("old", ran("gold", "a")), ("new", ran("gold", "b", suite="other"))]
    page = Opened(stages_page(named))
    rows = page.index["rows"]
    outcomes = list(zip(*(stage["outcome"] for stage in rows["stages"]), strict=True))
    by_case = [(page.index["cases"][case], pair) for case, pair in zip(rows["case"], outcomes, strict=True)]
    assert len(by_case) == 9
    assert [-1 in pair for case, pair in by_case if case == "chat-3"] == [False]
    assert "chat-renamed" not in page.index["cases"]
    assert sorted(pair.index(-1) for case, pair in by_case if case == "route-4") == [0, 1]
    for row, (_, pair) in enumerate(by_case):
        told = page.value(f"chunk-{rows['chunk'][row]}")["decisions"][str(row)]
        assert [one is None for one in told["stages"]] == [number == -1 for number in pair]


def test_a_baseline_is_a_stage_without_transcripts(ran):
    first = ran("never_calls", "first")
    save(first, "kept")
    kept = read(first.path.parent.parent / "baselines" / "kept.jsonl")
    page = Opened(stages_page([("kept", kept), ("now", ran("gold", "second"))]))
    assert page.index["rows"]["stages"][0]["right"] == [int(entry.right) for entry in kept.entries]
    assert page.decision("chat-3", 0)["stages"][0] is None
    alone = opened(kept)
    assert set(alone.index["rows"]["chunk"]) == {-1}
    assert alone.chunks() == []
    assert alone.index["rows"]["stages"][0]["right"] == [int(entry.right) for entry in kept.entries]


def test_rollouts_are_told_turn_by_turn_as_they_were_played(ran):
    results = ran("drops_a_call", "out", "--mode", "rollout")
    page = opened(results)
    assert (page.index["unit"], page.index["mode"]) == ("turns", "rollout")
    rows = page.index["rows"]
    assert [(page.index["cases"][case], turn) for case, turn in zip(rows["case"], rows["index"], strict=True)] == [
        (entry.case, entry.index) for entry in results.entries
    ]
    played = {row.case: row for row in results.log.rollouts()}["weather-1"]
    told = page.decision("weather-1", 2)
    done = told["stages"][0]
    steps = [step for step in played.steps if step.turn == 2]
    assert [step["message"] for step in done["steps"]] == [step.response.message for step in steps]
    assert [step["results"] for step in done["steps"]] == [step.messages[1:] for step in steps]
    history = [message for step in played.steps if step.turn == 1 for message in step.messages]
    users = ["How is the weather in Oslo for two days?", "And in Bergen and Kiel?"]
    system = {"role": "system", "content": "You plan trips."}
    assert done["messages"] == [system, {"role": "user", "content": users[0]}, *history]
    assert told["messages"] == [system, {"role": "user", "content": users[1]}]
    assert [list(one) for one in told["expect"]] == [["calls"], ["no_call"]]
    assert any(step["played"] for step in done["steps"])
    assert rows["stages"][0]["right"] == [int(entry.right) for entry in results.entries]


@pytest.mark.usefixtures("ran")
def test_a_rollout_that_an_error_ended(tmp_path):
    faults = Faults(cases={"weather-1": status(500)})
    with MockServer(load_suite(tmp_path / "suite"), faults=faults, rollouts=True) as server:
        words = ["run", "suite", "--base-url", server.base_url, "--dialect", "hermes", "--out", "out", "--retries", "0"]
        assert main([*words, "--max-error-rate", "1", "--mode", "rollout"]) == 0
    page = opened(load_results("out"))
    done = page.decision("weather-1", 2)["stages"][0]
    assert (done["state"], done["steps"]) == ("errored", [])
    assert "500" in done["error"]


def test_parts_of_the_transcripts_stay_small(ran, monkeypatch):
    results = ran("gold")
    whole = Opened(run_page(results)).chunks()
    monkeypatch.setattr(packing, "CHUNK", 3000)
    page = Opened(run_page(results))
    assert len(page.chunks()) > len(whole) == 1
    decisions = [told for chunk in page.chunks() for told in chunk["decisions"].items()]
    assert dict(decisions) == whole[0]["decisions"]
    assert len(decisions) == len(whole[0]["decisions"])
    for chunk in page.chunks():
        assert len(jsonvalue.dump_line(chunk)) < 3100 or len(chunk["decisions"]) == 1
        held = {page.index["cases"][page.index["rows"]["case"][int(row)]] for row in chunk["decisions"]}
        assert chunk["cases"].keys() == held


def test_a_large_index_is_compressed(ran, monkeypatch):
    results = ran("gold")
    plain = Opened(run_page(results)).index
    monkeypatch.setattr(packing, "PLAIN", 100)
    page = Opened(run_page(results))
    assert page.blocks["index"][0] == "application/deflate-base64"
    assert page.index == plain


def test_the_same_run_makes_the_same_page(ran):
    results = ran("one_argument_off")
    assert run_page(results) == run_page(load_results("out"))
    assert [one.id for one in data_blocks([("x", results)])] == ["index", "chunk-0", "tools"]
    assert len(rows_of([results])) == 8


def test_a_log_of_another_order_makes_the_same_rows(ran, tmp_path):
    """Rows are written as answers come, and again after a resume: the page has each once, in the suite's order."""
    results = ran("gold")
    keys = [row.key for row in read_log(tmp_path / "out").rows()]
    index = opened(results).index
    assert [
        (index["cases"][c], i, t)
        for c, i, t in zip(*(index["rows"][n] for n in ("case", "index", "trial")), strict=True)
    ] == sorted(keys)


def test_answers_of_many_forms(ran):
    """Content in parts, a refusal, reasoning beside it: the text that findings stand in is told where it is another."""

    def parts(decision):
        message = {
            **message_of("x"),
            "content": [{"type": "text", "text": "Good "}, {"type": "text", "text": "morning."}],
        }
        if decision.case_id == "chat-3":
            return Reply(message, "Good morning." + END, "stop")
        return calling([("get_route", {})]) if decision.index else answering("I will not.")

    told = opened(ran(parts)).decision("chat-3", 0)["stages"][0]
    assert told["content"] == "Good morning."
