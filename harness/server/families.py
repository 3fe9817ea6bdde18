"""Which vLLM parsers a model needs, and how its raw text is to be read.

The best witness is the model's own chat template, since it shows the model how calls are written: a
fine-tuned model keeps it whatever its folder is called. Then its name, then `model_type` in its
config. Parsers and models as in vLLM's documentation (features: tool calling, reasoning outputs).
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.records import Dialect

Thinking: TypeAlias = Literal["none", "switch", "always"]

_DIALECTS: dict[str, Dialect] = {
    "hermes": "hermes",
    "qwen3_json": "hermes",
    "granite4": "hermes",
    "qwen3_coder": "qwen3_coder",
    "qwen3_xml": "qwen3_coder",
    "llama3_json": "llama3_json",
    "llama4_json": "llama3_json",
    "mistral": "mistral",
    "pythonic": "pythonic",
    "llama4_pythonic": "pythonic",
}


@dataclass(frozen=True, slots=True)
class Family:
    """How one kind of model is served and read.

    `dialect` is None where the harness has no reader for the raw text: then verdicts rest on the
    message alone. `thinking` says whether the model reasons before it answers: never, by a switch
    (`thinking_key` among the chat template's arguments), or always.
    """

    name: str
    tool_call_parser: str
    reasoning_parser: str | None = None
    thinking: Thinking = "none"
    thinking_key: str | None = None

    @property
    def dialect(self) -> Dialect | None:
        """The harness's reader for this model's raw text."""
        return dialect_of_parser(self.tool_call_parser)

    def template_arguments(self, *, thinking: bool | None) -> dict[str, bool]:
        """The `chat_template_kwargs` that turn thinking on or off; empty for the model's own default.

        Raises UsageError where the model cannot do what is asked.
        """
        if thinking is None:
            return {}
        if self.thinking_key is not None:
            return {self.thinking_key: thinking}
        if thinking and self.thinking == "none":
            message = f"this model ({self.name}) has no thinking mode to turn on: leave --thinking out"
            raise UsageError(message)
        if not thinking and self.thinking == "always":
            message = f"this model ({self.name}) always thinks: leave --thinking out"
            raise UsageError(message)
        return {}


@dataclass(frozen=True, slots=True)
class _Rule:
    """A family, and what gives it away: all `markers` in the template, the name, or the model type."""

    family: Family
    markers: tuple[str, ...] = ()
    names: str = "(?!)"
    model_types: tuple[str, ...] = ()


# Specific before general: the first rule that fits wins.
_RULES = (
    _Rule(Family("gpt-oss", "openai", "openai_gptoss", "always"), ("<|channel|>",), r"\bgpt-oss\b", ("gpt_oss",)),
    _Rule(Family("Seed-OSS", "seed_oss", "seed_oss", "always"), ("<seed:tool_call>",), r"\bseed-oss\b", ("seed_oss",)),
    _Rule(
        Family("MiniMax M2", "minimax_m2", "minimax_m2", "always"),
        ("<minimax:tool_call>",),
        r"\bminimax-m2",
        ("minimax_m2",),
    ),
    _Rule(
        Family("GLM 4.5 to 4.7", "glm47", "glm45", "switch", "enable_thinking"),
        ("<arg_key>",),
        r"\bglm-4\.[567]",
        ("glm4_moe", "glm4_moe_lite"),
    ),
    _Rule(Family("Kimi K2", "kimi_k2", "kimi_k2"), ("<|tool_calls_section_begin|>",), r"\bkimi-k2", ("kimi_k2",)),
    _Rule(
        Family("DeepSeek V3.1", "deepseek_v31", "deepseek_v3", "switch", "thinking"),
        ("<｜tool▁calls▁begin｜>", "thinking"),
        r"\bdeepseek-v3\.1",
    ),
    _Rule(
        Family("DeepSeek V3 and R1", "deepseek_v3"),
        ("<｜tool▁calls▁begin｜>",),
        r"\bdeepseek-(v3|r1)(-\d{4})?$",
    ),
    _Rule(
        Family("Qwen3-Coder, Qwen3.5", "qwen3_coder"),
        ("<function=", "<parameter="),
        r"\bqwen3(-coder|\.[56])",
        ("qwen3_5", "qwen3_5_moe"),
    ),
    _Rule(Family("Granite 4", "granite4"), ("<|start_of_role|>", "<tool_call>"), r"\bgranite-4", ("granitemoehybrid",)),
    _Rule(
        Family("Granite 3", "granite", "granite"), ("<|start_of_role|>", "<|tool_call|>"), r"\bgranite-3", ("granite",)
    ),
    _Rule(Family("QwQ", "hermes", "deepseek_r1", "always"), (), r"\bqwq-"),
    _Rule(Family("Qwen3, no thinking", "hermes"), (), r"\bqwen3-.*instruct"),
    _Rule(Family("Qwen3, thinking", "hermes", "qwen3", "always"), (), r"\bqwen3-.*thinking"),
    _Rule(
        Family("Qwen3", "hermes", "qwen3", "switch", "enable_thinking"),
        (),
        r"\bqwen3-",
        ("qwen3", "qwen3_moe"),
    ),
    _Rule(Family("SmolLM3", "hermes", "qwen3", "switch", "enable_thinking"), (), r"\bsmollm3", ("smollm3",)),
    _Rule(
        Family("Hermes format", "hermes"),
        ("<tool_call>",),
        r"\bqwen2\.5(?!-coder)|\bhermes-(2-pro|2-theta|3|4)",
        ("qwen2", "qwen2_moe"),
    ),
    _Rule(
        Family("Mistral", "mistral"),
        ("[TOOL_CALLS]",),
        r"\b(mistral|ministral|mixtral|magistral|devstral|codestral)",
        ("mistral", "mistral3", "ministral", "ministral3", "mixtral"),
    ),
    _Rule(Family("Llama 4", "llama4_pythonic"), ("<|header_start|>",), r"\bllama-4", ("llama4", "llama4_text")),
    _Rule(
        Family("Llama 3.1 to 3.3", "llama3_json"),
        ("<|start_header_id|>", '"parameters"'),
        r"\bllama-3\.[123].*instruct",
    ),
)


def dialect_of_parser(parser: str) -> Dialect | None:
    """The dialect of the raw text that a vLLM tool-call parser reads; None where the harness has none."""
    return _DIALECTS.get(parser)


def detect_family(
    model: str,
    *,
    chat_template: Path | None = None,
    tool_call_parser: str | None = None,
    reasoning_parser: str | None = None,
) -> Family:
    """The family of a model folder or hub id; a parser given by name replaces the detected one.

    `reasoning_parser` "none" means none. Raises UsageError for a folder that is not there, for a model
    whose call format cannot be told, and for a chat template that leaves out the tools, for no model can
    call what it is not shown.
    """
    folder = local_folder(model)
    if folder is None and _is_path(model) and not Path(model).expanduser().exists():
        message = f"no model at {model}: there is no such folder"
        raise UsageError(message)
    template = read_template(folder, chat_template)
    if template is not None and "tools" not in template:
        source = chat_template if chat_template is not None else model
        message = (
            f"the chat template of {source} leaves out the tools, so the model would never see them: "
            "pass --chat-template FILE with one that renders them"
        )
        raise UsageError(message)
    family = _detect(model, folder, template)
    if tool_call_parser is not None:
        base = family if family is not None else Family("unknown", tool_call_parser)
        family = replace(base, tool_call_parser=tool_call_parser)
    if family is None:
        message = (
            f"cannot tell in which format {model} writes tool calls: pass --tool-call-parser NAME "
            "(for instance hermes, qwen3_coder, llama3_json, mistral, pythonic; vLLM's documentation "
            'lists them by model under "Tool calling")'
        )
        raise UsageError(message)
    if reasoning_parser is not None:
        family = replace(family, reasoning_parser=None if reasoning_parser == "none" else reasoning_parser)
    return family


def local_folder(model: str) -> Path | None:
    """The folder with a model's files: itself, or its newest snapshot in the hub cache; None if neither."""
    path = Path(model).expanduser()
    if path.is_dir():
        return path
    repository = hub_cache() / f"models--{model.replace('/', '--')}"
    reference = repository / "refs" / "main"
    if not reference.is_file():
        return None
    snapshot = repository / "snapshots" / reference.read_text(encoding="utf-8").strip()
    return snapshot if snapshot.is_dir() else None


def _is_path(model: str) -> bool:
    """Whether this can only be a path: a hub id has one slash at most, and a name on both its sides."""
    return model.startswith(("/", ".", "~")) or model.endswith("/") or model.count("/") > 1


def hub_cache() -> Path:
    """Where the hub's client keeps models, by the environment variables that it reads."""
    if "HF_HUB_CACHE" in os.environ:
        return Path(os.environ["HF_HUB_CACHE"])
    home = os.environ.get("HF_HOME")
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(home or f"{cache}/huggingface").expanduser() / "hub"


def read_template(folder: Path | None, chat_template: Path | None = None) -> str | None:
    """The chat template that the server will use when tools are offered; None where none is to be found."""
    if chat_template is not None:
        try:
            return chat_template.read_text(encoding="utf-8")
        except OSError as error:
            message = f"cannot read the chat template {chat_template}: {error.strerror}"
            raise UsageError(message) from error
    if folder is None:
        return None
    for name in ("chat_template.jinja", "additional_chat_templates/tool_use.jinja"):
        if (folder / name).is_file():
            return (folder / name).read_text(encoding="utf-8")
    for name in ("chat_template.json", "tokenizer_config.json"):
        template = _read_json(folder / name).get("chat_template")
        if isinstance(template, list):
            named = {entry["name"]: entry["template"] for entry in template}
            template = named.get("tool_use", named.get("default"))
        if isinstance(template, str):
            return template
    return None


def _detect(model: str, folder: Path | None, template: str | None) -> Family | None:
    config = _read_json(folder / "config.json") if folder is not None else {}
    names = [Path(model).name, str(config.get("_name_or_path", ""))]
    known = _by_identity(names, str(config.get("model_type", "")))
    if template is None:
        return known
    shown = next((r.family for r in _RULES if r.markers and all(m in template for m in r.markers)), None)
    if shown is None:
        return known
    if known is not None and known.tool_call_parser == shown.tool_call_parser:
        shown = replace(shown, name=known.name, reasoning_parser=known.reasoning_parser)
    return _with_thinking(shown, template)


def _by_identity(names: list[str], model_type: str) -> Family | None:
    by_name = (r.family for r in _RULES for name in names if re.search(r.names, name, re.IGNORECASE))
    by_type = (r.family for r in _RULES if model_type in r.model_types)
    return next(by_name, None) or next(by_type, None)


def _with_thinking(family: Family, template: str) -> Family:
    """The family with the thinking mode that the template shows, and no reasoning parser without one.

    A reasoning parser over a model that writes no closing think tag puts all of its text under
    `reasoning`, so it is set only where the template has a thinking mode.
    """
    if family.thinking_key is not None and family.thinking_key in template:
        return family
    prompt = template.rpartition("add_generation_prompt")[2]
    if "enable_thinking" in template:
        thinking: Thinking = "switch"
    elif family.thinking == "always" or "<think>" in prompt:
        thinking = "always"
    else:
        return replace(family, thinking="none", thinking_key=None, reasoning_parser=None)
    parser = family.reasoning_parser
    if parser is None and family.dialect in ("hermes", "qwen3_coder"):
        parser = "qwen3"
    key = "enable_thinking" if thinking == "switch" else None
    return replace(family, thinking=thinking, thinking_key=key, reasoning_parser=parser)


def _read_json(path: Path) -> dict[str, object]:
    """A JSON object from a model's folder; empty where the file is missing."""
    if not path.is_file():
        return {}
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        message = f"{path} is no JSON: {error}"
        raise UsageError(message) from error
    return value if isinstance(value, dict) else {}
