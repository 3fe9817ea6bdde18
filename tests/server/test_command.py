from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.server import Adapter, Family, ServeOptions
from harness.server.command import identity_flags, vllm_command, vllm_environment, vllm_flags

FAMILY = Family("Qwen3", "hermes", "qwen3", "switch", "enable_thinking")
LOG = Path("server.log")


def make_adapter(folder: Path, **config: object) -> Path:
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder


def flags(**options: object) -> list[str]:
    return vllm_flags(ServeOptions(**{"model": "me/m", "family": FAMILY, "log_path": LOG, **options}), cpu=False)


def value_of(flag: str, given: list[str]) -> str:
    assert given.count(flag) == 1
    return given[given.index(flag) + 1]


def test_tools_and_reasoning_are_parsed_and_sampling_is_ours() -> None:
    given = flags()
    assert "--enable-auto-tool-choice" in given
    assert value_of("--tool-call-parser", given) == "hermes"
    assert value_of("--reasoning-parser", given) == "qwen3"
    assert value_of("--generation-config", given) == "vllm"
    assert value_of("--served-model-name", given) == "me/m"


def test_a_family_without_thinking_gets_no_reasoning_parser() -> None:
    assert "--reasoning-parser" not in flags(family=Family("Hermes format", "hermes"))


def test_the_chat_template_is_given_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert value_of("--chat-template", flags(chat_template=Path("t.jinja"))) == str(tmp_path / "t.jinja")


@pytest.mark.parametrize(
    ("extra", "gone"),
    [
        (("--tensor-parallel-size", "4"), "--tensor-parallel-size"),
        (("--tensor_parallel_size=4",), "--tensor-parallel-size"),
        (("-tp", "4"), "--tensor-parallel-size"),
        (("--no-enable-auto-tool-choice",), "--enable-auto-tool-choice"),
        (("--generation-config", "auto"), "--generation-config"),
    ],
)
def test_a_flag_of_the_users_stands_in_for_ours(extra: tuple[str, ...], gone: str) -> None:
    given = flags(extra_flags=extra)
    assert tuple(given[-len(extra) :]) == extra
    assert gone not in given[: -len(extra)]


@pytest.mark.parametrize("flag", ["--port", "--model", "--served_model_name", "--api-key=x"])
def test_flags_the_harness_needs_for_itself_are_refused(flag: str) -> None:
    with pytest.raises(UsageError, match="set by the harness itself"):
        flags(extra_flags=(flag, "x"))


@pytest.mark.parametrize("flag", ["--tool-call-parser", "--reasoning-parser", "--chat-template=x"])
def test_flags_the_harness_must_know_of_are_its_own_options(flag: str) -> None:
    with pytest.raises(UsageError, match="option of `harness run`"):
        flags(extra_flags=(flag, "x"))


def test_the_identity_holds_no_names_or_places(tmp_path: Path) -> None:
    options = ServeOptions(
        model="me/m",
        family=FAMILY,
        log_path=LOG,
        adapters=(Adapter("sft", make_adapter(tmp_path / "a", r=8)),),
        chat_template=tmp_path / "t.jinja",
        extra_flags=("--max-model-len", "4096"),
    )
    flags = identity_flags(options, cpu=True)
    assert not [flag for flag in flags if str(tmp_path) in flag or flag == "me/m"]
    assert value_of("--max-model-len", flags) == "4096"
    assert value_of("--max-lora-rank", flags) == "8"


def test_the_cpu_build_is_served_eagerly_in_small_blocks() -> None:
    options = ServeOptions(model="me/m", family=FAMILY, log_path=LOG)
    assert "--enforce-eager" not in vllm_flags(options, cpu=False)
    assert "--enforce-eager" in vllm_flags(options, cpu=True)
    assert value_of("--block-size", vllm_flags(options, cpu=True)) == "32"


def test_adapters_are_served_with_room_for_the_highest_rank(tmp_path: Path) -> None:
    sft = Adapter.parse(f"sft={make_adapter(tmp_path / 'a', r=8)}")
    dpo = Adapter.parse(f"dpo={make_adapter(tmp_path / 'b', r=16, rank_pattern={'q_proj': 24})}")
    given = flags(adapters=(sft, dpo))
    assert value_of("--max-lora-rank", given) == "32"
    assert value_of("--max-loras", given) == "2"
    modules = given[given.index("--lora-modules") + 1 :][:2]
    assert [json.loads(module)["name"] for module in modules] == ["sft", "dpo"]


def test_a_rank_beyond_vllms_is_refused(tmp_path: Path) -> None:
    adapter = Adapter.parse(f"big={make_adapter(tmp_path / 'a', r=1024)}")
    with pytest.raises(UsageError, match="LoRA rank 1024"):
        flags(adapters=(adapter,))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("sft", "name=path"), ("=x", "name=path"), ("sft=", "name=path"), ("sft=/no/such", "cannot read")],
)
def test_adapters_are_name_and_folder(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        Adapter.parse(text)


@pytest.mark.parametrize("config", [{}, {"r": "x"}, {"r": None}])
def test_an_adapter_needs_a_rank(tmp_path: Path, config: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="no LoRA configuration"):
        Adapter.parse(f"a={make_adapter(tmp_path / 'a', **config)}")


def test_two_models_of_one_name_are_refused(tmp_path: Path) -> None:
    adapter = Adapter("me/m", make_adapter(tmp_path / "a", r=1))
    with pytest.raises(UsageError, match="name of its own"):
        flags(adapters=(adapter,))


def test_a_folder_is_called_by_its_name_and_read_offline(tmp_path: Path) -> None:
    folder = tmp_path / "stage-2"
    folder.mkdir()
    options = ServeOptions(model=f"{folder}/", family=FAMILY, log_path=LOG)
    assert options.name == "stage-2"
    command = vllm_command(options, 8123, cpu=True)
    assert value_of("--model", command) == str(folder)
    assert (value_of("--host", command), value_of("--port", command)) == ("127.0.0.1", "8123")
    assert vllm_environment(options, cpu=True)["HF_HUB_OFFLINE"] == "1"


def test_what_the_user_set_in_the_environment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "9")
    environment = vllm_environment(ServeOptions(model="me/m", family=FAMILY, log_path=LOG), cpu=True)
    assert environment["VLLM_CPU_KVCACHE_SPACE"] == "9"
    assert environment["VLLM_NO_USAGE_STATS"] == "1"
    assert "HF_HUB_OFFLINE" not in environment
