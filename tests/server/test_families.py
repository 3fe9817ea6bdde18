from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from harness.errors import UsageError
from harness.server import detect_family, dialect_of_parser, tool_template

if TYPE_CHECKING:
    from pathlib import Path

HERMES = "{{ tools }}<tool_call>{% if add_generation_prompt %}<|im_start|>assistant\n"
SWITCH = HERMES + "{% if enable_thinking is false %}<think>\n\n</think>"
ALWAYS = HERMES + "<think>\n"


@pytest.fixture(autouse=True)
def _no_hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def make_model(folder: Path, template: str | None = None, **config: str) -> str:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    if template is not None:
        (folder / "chat_template.jinja").write_text(template)
    return str(folder)


@pytest.mark.parametrize(
    ("model", "parser", "reasoning", "dialect", "thinking"),
    [
        ("Qwen/Qwen2.5-7B-Instruct", "hermes", None, "hermes", "none"),
        ("Qwen/Qwen3-8B", "hermes", "qwen3", "hermes", "switch"),
        ("Qwen/Qwen3-235B-A22B", "hermes", "qwen3", "hermes", "switch"),
        ("Qwen/Qwen3-4B-Instruct-2507", "hermes", None, "hermes", "none"),
        ("Qwen/Qwen3-235B-A22B-Thinking-2507", "hermes", "qwen3", "hermes", "always"),
        ("Qwen/QwQ-32B", "hermes", "deepseek_r1", "hermes", "always"),
        ("Qwen/Qwen3-Coder-30B-A3B-Instruct", "qwen3_coder", None, "qwen3_coder", "none"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama3_json", None, "llama3_json", "none"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama3_json", None, "llama3_json", "none"),
        ("meta-llama/Llama-4-Scout-17B-16E-Instruct", "llama4_pythonic", None, "pythonic", "none"),
        ("mistralai/Mistral-7B-Instruct-v0.3", "mistral", None, "mistral", "none"),
        ("NousResearch/Hermes-3-Llama-3.1-8B", "hermes", None, "hermes", "none"),
        ("HuggingFaceTB/SmolLM3-3B", "hermes", "qwen3", "hermes", "switch"),
        ("openai/gpt-oss-20b", "openai", "openai_gptoss", None, "always"),
        ("zai-org/GLM-4.5-Air", "glm47", "glm45", None, "switch"),
        ("deepseek-ai/DeepSeek-V3.1", "deepseek_v31", "deepseek_v3", None, "switch"),
        ("deepseek-ai/DeepSeek-R1-0528", "deepseek_v3", None, None, "none"),
        ("ibm-granite/granite-4.0-h-small", "granite4", None, "hermes", "none"),
        ("ibm-granite/granite-3.1-8b-instruct", "granite", "granite", None, "none"),
        ("moonshotai/Kimi-K2-Instruct", "kimi_k2", "kimi_k2", None, "none"),
    ],
)
def test_hub_ids_are_told_by_name(model: str, parser: str, reasoning: str | None, dialect: str, thinking: str) -> None:
    family = detect_family(model)
    assert (family.tool_call_parser, family.reasoning_parser) == (parser, reasoning)
    assert (family.dialect, family.thinking) == (dialect, thinking)


@pytest.mark.parametrize(
    ("template", "parser", "reasoning", "thinking"),
    [
        (HERMES, "hermes", None, "none"),
        (SWITCH, "hermes", "qwen3", "switch"),
        (ALWAYS, "hermes", "qwen3", "always"),
        (HERMES + "<function= <parameter=", "qwen3_coder", None, "none"),
        ("{{ tools }}<|start_of_role|><tool_call>", "granite4", None, "none"),
        ("{{ tools }}[TOOL_CALLS]", "mistral", None, "none"),
        ('{{ tools }}<|start_header_id|>{"name": x, "parameters": y}', "llama3_json", None, "none"),
    ],
)
def test_a_tuned_model_is_told_by_its_template(
    tmp_path: Path, template: str, parser: str, reasoning: str | None, thinking: str
) -> None:
    family = detect_family(make_model(tmp_path / "my-sft-stage-2", template, model_type="llama"))
    assert (family.tool_call_parser, family.reasoning_parser, family.thinking) == (parser, reasoning, thinking)


def test_model_type_decides_where_name_and_template_say_nothing(tmp_path: Path) -> None:
    assert detect_family(make_model(tmp_path / "stage-1", model_type="qwen3_moe")).name == "Qwen3"
    assert detect_family(make_model(tmp_path / "stage-2", model_type="gpt_oss")).tool_call_parser == "openai"


def test_the_demo_models_template_is_hermes(tmp_path: Path) -> None:
    family = detect_family(make_model(tmp_path / "demo", tool_template(), model_type="llama"))
    assert (family.dialect, family.thinking) == ("hermes", "none")


def test_a_template_in_the_tokenizers_configuration_is_read(tmp_path: Path) -> None:
    model = make_model(tmp_path / "m")
    named = [{"name": "default", "template": "no"}, {"name": "tool_use", "template": HERMES}]
    (tmp_path / "m" / "tokenizer_config.json").write_text(json.dumps({"chat_template": named}))
    assert detect_family(model).tool_call_parser == "hermes"


def test_a_hub_model_in_the_cache_is_told_by_its_files(tmp_path: Path) -> None:
    repository = tmp_path / "hub" / "models--me--tuned"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc")
    (repository / "snapshots").mkdir()
    make_model(repository / "snapshots" / "abc", SWITCH, model_type="qwen3")
    assert detect_family("me/tuned").name == "Qwen3"


def test_an_unknown_model_asks_for_the_parser() -> None:
    with pytest.raises(UsageError, match="--tool-call-parser NAME"):
        detect_family("acme/mystery-7b")
    assert detect_family("acme/mystery-7b", tool_call_parser="pythonic").dialect == "pythonic"


@pytest.mark.parametrize("model", ["./nope", "/no/such/Qwen3-8B", "~/nope", "out/runs/sft", "nope/"])
def test_a_folder_that_is_not_there_is_no_unknown_model(model: str) -> None:
    with pytest.raises(UsageError, match="there is no such folder"):
        detect_family(model, tool_call_parser="hermes")


def test_parsers_given_by_name_replace_the_detected_ones() -> None:
    family = detect_family("Qwen/Qwen3-8B", tool_call_parser="qwen3_xml", reasoning_parser="none")
    assert (family.tool_call_parser, family.reasoning_parser) == ("qwen3_xml", None)
    assert family.thinking == "switch"


def test_a_template_without_tools_is_refused(tmp_path: Path) -> None:
    model = make_model(tmp_path / "m", "{{ messages }}", model_type="qwen3")
    with pytest.raises(UsageError, match="leaves out the tools"):
        detect_family(model)
    better = tmp_path / "better.jinja"
    better.write_text(HERMES)
    assert detect_family(model, chat_template=better).tool_call_parser == "hermes"


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nope\.jinja"):
        detect_family("Qwen/Qwen3-8B", chat_template=tmp_path / "nope.jinja")
    model = make_model(tmp_path / "m")
    (tmp_path / "m" / "config.json").write_text("{")
    with pytest.raises(UsageError, match=r"config\.json is no JSON"):
        detect_family(model)


def test_thinking_is_asked_for_as_the_template_expects() -> None:
    assert detect_family("Qwen/Qwen3-8B").template_arguments(thinking=None) == {}
    assert detect_family("Qwen/Qwen3-8B").template_arguments(thinking=False) == {"enable_thinking": False}
    assert detect_family("deepseek-ai/DeepSeek-V3.1").template_arguments(thinking=True) == {"thinking": True}
    assert detect_family("Qwen/Qwen2.5-7B").template_arguments(thinking=False) == {}
    with pytest.raises(UsageError, match="no thinking mode"):
        detect_family("Qwen/Qwen2.5-7B").template_arguments(thinking=True)
    with pytest.raises(UsageError, match="always thinks"):
        detect_family("Qwen/QwQ-32B").template_arguments(thinking=False)


def test_dialects_of_parsers() -> None:
    assert dialect_of_parser("qwen3_json") == "hermes"
    assert dialect_of_parser("qwen3_xml") == "qwen3_coder"
    assert dialect_of_parser("kimi_k2") is None
