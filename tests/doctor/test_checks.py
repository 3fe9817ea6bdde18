"""Each way in which a server can fail to fit its model is found, named, and blamed on nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.doctor import Diagnosis, Patient, examine
from harness.doctor.formats import dialect_in_prompt
from harness.testing import Clinic, Faults, Setup, status

if TYPE_CHECKING:
    from harness.records import Dialect


def diagnosed(setup: Setup, dialect: Dialect | None = None, faults: Faults | None = None) -> Diagnosis:
    with Clinic(setup, faults=faults) as server:
        return examine(Patient(server.base_url, "mock", dialect))


def trouble(diagnosis: Diagnosis) -> dict[str, str]:
    """The checks that are not ok; a second opinion that is not offered is none."""
    return {
        check.name: check.verdict
        for check in diagnosis.checks
        if check.verdict != "ok" and (check.name, check.verdict) != ("second opinion", "unknown")
    }


def said(diagnosis: Diagnosis, name: str) -> str:
    (check,) = (check for check in diagnosis.checks if check.name == name)
    return f"{check.saw} → {check.advice}"


@pytest.mark.parametrize(
    "setup",
    [
        Setup(),
        Setup(dialect="qwen3_coder", parser="qwen3_coder"),
        Setup(dialect="llama3_json", parser="llama3_json"),
        Setup(dialect="mistral", parser="mistral"),
        Setup(dialect="pythonic", parser="pythonic"),
        Setup(thinks="switch", reasoning_parser=True),
        Setup(thinks="always", reasoning_parser=True),
        Setup(derender=True),
        Setup(dictation=False),
        Setup(forced="json"),
        Setup(amiss="refuses_template_arguments"),
        Setup(thinks="always", reasoning_parser=True, dictation=False, derender=True, calls=False),
    ],
)
def test_a_server_that_fits_its_model_is_found_sound(setup: Setup) -> None:
    diagnosis = diagnosed(setup)
    assert trouble(diagnosis) == ({} if setup.calls else {"call of its own": "unknown"})
    assert diagnosis.dialect == setup.dialect
    assert diagnosis.sound


@pytest.mark.parametrize(
    ("setup", "check", "words"),
    [
        (Setup(amiss="template_without_tools"), "tools in the prompt", "leaves the tools out"),
        (Setup(amiss="template_without_system"), "system text", "never sees its instructions"),
        (Setup(amiss="template_asks_nobody"), "generation prompt", "nobody is asked"),
        (Setup(amiss="template_doubles_bos"), "generation prompt", "<|endoftext|> twice"),
        (Setup(amiss="leaks"), "special tokens", "<|im_start|> in the content"),
        (Setup(thinks="switch"), "reasoning parser", "--reasoning-parser"),
        (Setup(thinks="always"), "reasoning parser", "think tags stand in the content"),
        (Setup(thinks="switch", amiss="never_ends_thinking"), "reasoning parser", "put an answer with reasoning into"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_else(setup: Setup, check: str, words: str) -> None:
    diagnosis = diagnosed(setup)
    assert trouble(diagnosis) == {check: "fail"}
    (found,) = (each for each in diagnosis.checks if each.name == check)
    assert words in f"{found.did}: {found.saw} {found.advice}"
    assert diagnosis.summary.startswith(f"Something is wrong, and not with the model's answers: {check}")


@pytest.mark.parametrize(
    ("setup", "check", "words"),
    [
        (Setup(max_model_len=2048), "server", "context 2048 tokens"),
        (Setup(amiss="template_refuses_parallel_calls"), "parallel calls", "only supports single tool-calls"),
        (Setup(thinks="switch", reasoning_parser=True, amiss="thinks_when_told_not_to"), "thinking switch", "told not"),
        (Setup(amiss="breaks_calls"), "call of its own", "the model's doing, not the parser's"),
        (Setup(amiss="talks_after_calls"), "call of its own", "dropped text"),
        (Setup(amiss="ends_otherwise"), "end of turn", "with <|im_end|>, the model ends with <|endoftext|>"),
        (Setup(forced="refused"), "forced call", 'tool_choice must be "auto"'),
    ],
)
def test_what_is_odd_is_no_failure(setup: Setup, check: str, words: str) -> None:
    diagnosis = diagnosed(setup)
    assert trouble(diagnosis) == {check: "warn"}
    assert words in said(diagnosis, check)
    assert diagnosis.sound
    assert f"worth a look: {check}" in diagnosis.summary


@pytest.mark.parametrize(
    ("amiss", "words"),
    [
        ("template_without_calls", "the prompt lacks the call:"),
        ("template_without_arguments", "the prompt lacks the call's arguments:"),
        ("template_without_results", "the prompt lacks the tool's result:"),
    ],
)
def test_a_history_that_the_template_loses(amiss: str, words: str) -> None:
    diagnosis = diagnosed(Setup(amiss=amiss))  # type: ignore[arg-type]
    assert trouble(diagnosis) == {"earlier calls": "fail", "parallel calls": "fail"}
    assert words in said(diagnosis, "earlier calls")


# The tool parser, whatever the model does.


@pytest.mark.parametrize("dialect", ["qwen3_coder", "llama3_json", "mistral", "pythonic"])
def test_a_parser_of_another_dialect_is_told_from_the_one_that_would_fit(dialect: Dialect) -> None:
    diagnosis = diagnosed(Setup(dialect=dialect))
    assert trouble(diagnosis) == {"tool parser": "fail", "call of its own": "fail"}
    saw = f"the server's parser reads hermes; the model's calls are written in {dialect}"
    assert said(diagnosis, "tool parser").startswith(saw)
    assert f"--tool-call-parser {dialect}" in said(diagnosis, "tool parser")
    assert "well-formed call that the server did not return" in said(diagnosis, "call of its own")


def test_a_model_that_never_calls_is_not_blamed_and_hides_no_wrong_parser() -> None:
    fits = diagnosed(Setup(calls=False))
    assert trouble(fits) == {"call of its own": "unknown"}
    assert said(fits, "call of its own").startswith(
        "the model made no call of its own, which blames nobody; forced calls: get_alert"
    )
    wrong = diagnosed(Setup(calls=False, parser="qwen3_coder"))
    assert trouble(wrong) == {"tool parser": "fail", "call of its own": "unknown"}


def test_without_dictation_forced_calls_show_the_parsers_format() -> None:
    diagnosis = diagnosed(Setup(calls=False, parser="qwen3_coder", dictation=False))
    assert trouble(diagnosis) == {"tool parser": "fail", "call of its own": "unknown"}
    assert "a forced call is written in qwen3_coder" in said(diagnosis, "tool parser")


def test_without_dictation_derender_reads_the_known_calls() -> None:
    setup = Setup(calls=False, parser="qwen3_coder", dictation=False, forced="json", derender=True)
    assert said(diagnosed(setup), "tool parser").startswith("the server's parser reads qwen3_coder (by derender)")


def test_where_nothing_tells_nothing_is_told() -> None:
    diagnosis = diagnosed(Setup(calls=False, dictation=False, forced="json"))
    assert trouble(diagnosis) == {"tool parser": "unknown", "call of its own": "unknown"}
    assert diagnosis.summary.startswith("Nothing wrong was found, but whether the tool parser fits could not be told")


def test_a_server_without_a_tool_parser() -> None:
    diagnosis = diagnosed(Setup(parser=None))
    assert diagnosis.named("fail") == ["tool choice"]
    assert "--tool-call-parser hermes" in said(diagnosis, "tool choice")


def test_a_model_that_writes_otherwise_than_its_template_shows() -> None:
    diagnosis = diagnosed(Setup(writes="qwen3_coder"))
    assert trouble(diagnosis) == {"call of its own": "fail"}
    assert "the model writes calls in qwen3_coder, while hermes was expected" in said(diagnosis, "call of its own")


def test_a_dialect_that_the_user_names_goes_before_what_the_template_shows() -> None:
    diagnosis = diagnosed(Setup(), dialect="qwen3_xml")
    assert diagnosis.dialect == "qwen3_coder"
    assert "tool parser" in diagnosis.named("fail")


def test_a_reasoning_parser_that_swallows_answers_is_blamed_alone() -> None:
    diagnosis = diagnosed(Setup(amiss="never_ends_thinking", reasoning_parser=True))
    assert diagnosis.named("fail") == ["reasoning parser"]
    assert "serve it without reasoning parser" in said(diagnosis, "reasoning parser")
    assert diagnosis.named("unknown")[:3] == ["tool parser", "call of its own", "forced call"]


def test_a_model_that_writes_on_after_its_end() -> None:
    diagnosis = diagnosed(Setup(amiss="runs_on"))
    assert trouble(diagnosis) == {"special tokens": "fail", "end of turn": "fail"}
    assert "eos_token_id" in said(diagnosis, "end of turn")


# The second opinion.


def test_derender_tells_a_proxy_from_a_parser() -> None:
    diagnosis = diagnosed(Setup(derender=True, amiss="proxy_loses_calls"))
    assert "second opinion" in diagnosis.named("fail")
    assert "derender makes a call of get_alert, the server made" in said(diagnosis, "second opinion")


def test_derender_that_is_not_offered_is_no_fault() -> None:
    diagnosis = diagnosed(Setup())
    assert diagnosis.named("unknown") == ["second opinion"]
    assert "--enable-scale-out" in said(diagnosis, "second opinion")


# Less to see, or nothing.


@pytest.mark.parametrize("faults", [Faults(token_ids=False), Faults(detokenizing="absent")])
def test_without_raw_text_less_is_told_and_nobody_blamed(faults: Faults) -> None:
    diagnosis = diagnosed(Setup(), faults=faults)
    assert diagnosis.named("warn") == ["raw text"]
    assert diagnosis.named("fail") == []
    assert "system text" in diagnosis.named("unknown")
    assert "tokens longer" in said(diagnosis, "tools in the prompt")


def test_without_raw_text_a_named_dialect_shows_a_wrong_parser() -> None:
    faults = Faults(token_ids=False)
    diagnosis = diagnosed(Setup(parser="qwen3_coder", calls=False), "hermes", faults)
    assert "tool parser" in diagnosis.named("fail")


def test_a_server_that_fails_at_everything() -> None:
    diagnosis = diagnosed(Setup(), faults=Faults(always=status(501)))
    assert diagnosis.named("fail") == ["raw text", "tool choice"]
    assert diagnosis.named("ok") == ["server"]
    assert "answered 501 by plan" in said(diagnosis, "raw text")


def test_the_prompt_in_a_format_that_the_harness_does_not_read_is_not_taken_for_another() -> None:
    """JSON inside delimiters of a format of its own is no call in a format without delimiters."""
    call = '{"name": "get_alert", "arguments": {"alert_id": "A-2846"}}'
    prompt = "What came in this morning?<|end|>{}<|end|>OBS-4417"
    assert dialect_in_prompt(prompt.format(f"<|tool_call|>[{call}]")) is None
    assert dialect_in_prompt(prompt.format(f"<|python_tag|>{call}")) == "llama3_json"
    assert dialect_in_prompt(prompt.format(f"assistant\n\n{call}")) == "llama3_json"
    assert dialect_in_prompt(prompt.format("nothing")) is None
    assert dialect_in_prompt(None) is None
