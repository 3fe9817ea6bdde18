"""Reads vLLM's log: what it is doing, and if it died, why and how to mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PREFIX = re.compile(r"^\([\w -]+ pid=\d+\) ?(?:(?P<level>[A-Z]+) \d\d-\d\d [\d:]+ \[[\w./-]+:\d+\] ?)?")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_EXCEPTION = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Failure|NotFound|Timeout)\b.*: ?\S|^[\w.]+\.py: error: ")
_MAX_REASON = 600

# What vLLM prints while it starts, and what that means; the last line that fits tells the phase.
_PHASES = (
    ("version \\d", "starting vLLM"),
    ("Resolved architecture", "starting the engine"),
    ("Initializing a V1 LLM engine", "starting the worker"),
    ("Downloading|Fetching \\d+ files", "downloading the model"),
    ("Starting to load model", "loading weights"),
    ("Loading weights took", "profiling memory"),
    ("Dynamo bytecode|torch.compile takes|Compiling a graph", "compiling"),
    ("KV cache size", "warming up"),
    ("Capturing CUDA graphs?", "capturing CUDA graphs"),
    ("init engine", "starting the API server"),
    ("Starting vLLM server", "starting the API server"),
)
_SHARDS = re.compile(r"Loading safetensors checkpoint shards:.*?(\d+)/(\d+)")

# Exceptions that only say "see above".
_SECOND_HAND = re.compile(r"See root cause above|See stack trace for root cause|EngineDeadError")
_WORKER = re.compile(r"Worker failed with error '(.*)', please check the stack trace")

# The first pattern found anywhere in the log decides; capture groups fill the hint.
_CAUSES = (
    ("No module named 'vllm'", "`make eval` installs vLLM; or use a server that already runs: --base-url URL"),
    ("unrecognized arguments: (.+)", "vLLM does not know {0}: correct the flags after `--` (VLLM_ARGS)"),
    ("api_server.py: error: argument (\\S+):", "correct {0} among the flags after `--` (VLLM_ARGS)"),
    ("invalid tool call parser: \\S+", "pass --tool-call-parser with one of the names vLLM lists here"),
    ("Reasoning parser '\\S+' not found", "pass --reasoning-parser with one of the names vLLM lists here, or none"),
    ("appears path-like, but doesn't exist", "pass --chat-template with a file that exists"),
    ("Address already in use", "another program took the port meanwhile: run it again"),
    ("gated repo|401 Client Error", "log in to the hub (`hf auth login`, or HF_TOKEN) with an account that has access"),
    (
        (
            "Repo id must use|Repository Not Found|is not a valid model identifier|cannot find an appropriate cached "
            "snapshot|couldn't connect to|Please check your connection|LocalEntryNotFoundError|Max retries exceeded"
        ),
        (
            "check the spelling of the model, or that the hub can be reached from here; a folder with the model's "
            "files needs no hub"
        ),
    ),
    ("No such file or directory: '(.*)'", "check that {0} exists"),
    (
        "does not recognize this architecture|are not supported for now|has no vLLM implementation",
        "this vLLM cannot serve that kind of model: take a newer vLLM, or check the model's config.json",
    ),
    (
        "User-specified max_model_len \\((\\d+)\\) is greater than",
        "the model's context is shorter than {0}: lower --max-model-len or leave it out",
    ),
    (
        "(?:KV cache is needed|No available memory for the cache blocks|larger than the (?:available|maximum number))",
        (
            "the KV cache does not fit: pass a smaller context (-- --max-model-len 16384), more GPUs "
            "(--tensor-parallel-size 2), or a higher --gpu-memory-utilization"
        ),
    ),
    (
        "Available memory on node .* is less than requested memory for kv",
        "lower VLLM_CPU_KVCACHE_SPACE (GiB), or free memory",
    ),
    (
        "CUDA out of memory|OutOfMemoryError|Free memory on device|DefaultCPUAllocator: can't allocate|MemoryError",
        (
            "the model does not fit: use more GPUs (--tensor-parallel-size 2), a smaller or quantised model, or free "
            "memory that other processes hold"
        ),
    ),
    (
        "larger than the number of available GPUs|must be divisible by tensor parallel size|World size .* GPUs",
        "choose another --tensor-parallel-size (TP)",
    ),
    ("LoRA rank (\\d+) is greater than max_lora_rank", "pass -- --max-lora-rank with at least {0}"),
    ("No adapter found for|Loading lora \\S+ failed", "check the path of the adapter: it needs adapter_config.json"),
    ("target modules|is not supported by LoRA|does not support LoRA", "this model or adapter does not fit vLLM's LoRA"),
    (
        "SafetensorError|Error while deserializing header",
        "a weight file is damaged or cut: download or copy the model again",
    ),
    ("chat template", "pass --chat-template FILE with a template that fits the model"),
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a server died: its own words on one line, and what to do (empty when we know nothing better)."""

    reason: str
    hint: str


def phase_of(log: str) -> str | None:
    """What a starting server is doing, from its log so far; None while it has said nothing telling."""
    phase: str | None = None
    at = -1
    for pattern, name in _PHASES:
        for match in re.finditer(pattern, log):
            if match.start() >= at:
                phase, at = name, match.start()
    if phase == "loading weights" and (shards := _SHARDS.findall(log)):
        phase = f"loading weights ({shards[-1][0]} of {shards[-1][1]} files)"
    return phase


def diagnose(log: str) -> Diagnosis:
    """Finds the one line that says why the server died, without its stack, and a way to mend it."""
    lines = clean_lines(log)
    for pattern, hint in _CAUSES:
        expression = re.compile(pattern, re.IGNORECASE)
        hits = [(line, match) for line in lines if (match := expression.search(line))]
        if hits:
            line, match = next((hit for hit in hits if _EXCEPTION.search(hit[0])), hits[-1])
            return Diagnosis(_shorten(line), hint.format(*match.groups()))
    errors = [line for line in lines if _EXCEPTION.search(line) and not _SECOND_HAND.search(line)]
    return Diagnosis(_shorten(errors[-1] if errors else lines[-1] if lines else "it wrote no log"), "")


def clean_lines(log: str) -> list[str]:
    """The log's lines that may tell of a failure: no stack traces, no routine lines, no prefixes, no colours."""
    kept = []
    for raw in re.split(r"[\r\n]+", log):
        line = _ANSI.sub("", raw)
        prefix = _PREFIX.match(line)
        if prefix is not None and prefix["level"] in ("DEBUG", "INFO", "WARNING"):
            continue
        line = line[prefix.end() :] if prefix is not None else line
        if line.strip() and not line.startswith(("  File ", "    ", "Traceback")):
            kept.append(line.rstrip())
    return kept


def _shorten(line: str) -> str:
    line = line.strip()
    if worker := _WORKER.search(line):
        line = worker.group(1)
    line = re.sub(r"^(?:[\w]+\.)+(?=\w+(?:Error|Exception)\b)", "", line)
    line = line.partition(" [type=value_error")[0]
    return line if len(line) <= _MAX_REASON else f"{line[:_MAX_REASON]} ..."
