"""A real vLLM with real weights: what the harness relies on, asked of the server itself."""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import ServerError
from harness.server import ServeOptions, VllmServer, command, detect_family, families, tool_template
from harness.server.digests import text_digest
from harness.server.probe import root_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.vllm

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_alert",
            "description": "查询告警 <fields & values>",
            "parameters": {"type": "object", "properties": {"alert_id": {"type": "string"}}, "required": ["alert_id"]},
        },
    }
]
# One call with no text, two calls after some text, several results in a row, text that is not ASCII.
CONVERSATION: list[dict[str, Any]] = [
    {"role": "system", "content": "值班助手。"},
    {"role": "user", "content": "告警 A-1043 是什么"},
    {"role": "assistant", "content": None, "tool_calls": [("c1", {"alert_id": "A-1043"})]},
    {"role": "tool", "tool_call_id": "c1", "content": '{"rule": "暴力破解"}'},
    {"role": "assistant", "content": "SSH 暴力破解。"},
    {"role": "user", "content": "And the next two?"},
    {"role": "assistant", "content": "Both.", "tool_calls": [("c2", {"alert_id": "A-1"}), ("c3", {"alert_id": "A-2"})]},
    {"role": "tool", "tool_call_id": "c2", "content": "one"},
    {"role": "tool", "tool_call_id": "c3", "content": "two"},
]
TURN_ENDS = (2, 4, 6, 9)
RENDERED = """\
<|im_start|>system
值班助手。

# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
{"type": "function", "function": {"name": "get_alert", "description": "查询告警 <fields & values>", "parameters": \
{"type": "object", "properties": {"alert_id": {"type": "string"}}, "required": ["alert_id"]}}}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call><|im_end|>
<|im_start|>user
告警 A-1043 是什么<|im_end|>
<|im_start|>assistant
<tool_call>
{"name": "get_alert", "arguments": {"alert_id": "A-1043"}}
</tool_call><|im_end|>
<|im_start|>user
<tool_response>
{"rule": "暴力破解"}
</tool_response><|im_end|>
<|im_start|>assistant
SSH 暴力破解。<|im_end|>
<|im_start|>user
And the next two?<|im_end|>
<|im_start|>assistant
Both.
<tool_call>
{"name": "get_alert", "arguments": {"alert_id": "A-1"}}
</tool_call>
<tool_call>
{"name": "get_alert", "arguments": {"alert_id": "A-2"}}
</tool_call><|im_end|>
<|im_start|>user
<tool_response>
one
</tool_response>
<tool_response>
two
</tool_response><|im_end|>
<|im_start|>assistant
"""
KEEPS_A_SERVER = """
import sys, time
from pathlib import Path
from harness.server import Adapter, ServeOptions, VllmServer, detect_family
model = sys.argv[1]
adapters = tuple(Adapter.parse(text) for text in sys.argv[3:])
options = ServeOptions(model, detect_family(model), Path(sys.argv[2]), adapters=adapters)
with VllmServer(options) as server:
    print(server.base_url, flush=True)
    time.sleep(600)
"""


def history(length: int) -> list[dict[str, Any]]:
    messages = []
    for message in CONVERSATION[:length]:
        calls = [
            {"id": key, "type": "function", "function": {"name": "get_alert", "arguments": json.dumps(arguments)}}
            for key, arguments in message.get("tool_calls", ())
        ]
        messages.append({**message, "tool_calls": calls} if calls else message)
    return messages


def ask(base_url: str, path: str, **body: Any) -> dict[str, Any]:
    request = urllib.request.Request(
        root_of(base_url) + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=120) as response:
        return json.load(response)


def prompt_ids(server: VllmServer, length: int) -> list[int]:
    return ask(server.base_url, "/tokenize", model=server.model, messages=history(length), tools=TOOLS)["tokens"]


def test_the_template_renders_tools_calls_and_results(vllm_server: VllmServer) -> None:
    ids = prompt_ids(vllm_server, TURN_ENDS[-1])
    assert ask(vllm_server.base_url, "/detokenize", model=vllm_server.model, tokens=ids)["prompt"] == RENDERED


def test_every_prompt_begins_with_the_one_of_the_turn_before(vllm_server: VllmServer) -> None:
    prompts = [prompt_ids(vllm_server, end) for end in TURN_ENDS]
    for shorter, longer in itertools.pairwise(prompts):
        assert longer[: len(shorter)] == shorter


def test_a_completion_comes_with_the_ids_of_prompt_and_output(vllm_server: VllmServer) -> None:
    reply = ask(
        vllm_server.base_url,
        "/v1/chat/completions",
        model=vllm_server.model,
        messages=history(2),
        tools=TOOLS,
        temperature=0,
        max_tokens=16,
        return_token_ids=True,
    )
    assert reply["prompt_token_ids"] == prompt_ids(vllm_server, 2)
    ids = reply["choices"][0]["token_ids"]
    raw = ask(vllm_server.base_url, "/detokenize", model=vllm_server.model, tokens=ids)["prompt"]
    assert raw.removesuffix("<|im_end|>") == (reply["choices"][0]["message"]["content"] or "")


def test_identity_names_everything_that_is_served(vllm_server: VllmServer, demo_model: Path) -> None:
    identity = vllm_server.identity()
    assert identity["engine"] == "vllm"
    assert identity["engine_version"][0].isdigit()
    assert identity["model"]["name"] == "SmolLM2-135M-Instruct"
    assert identity["model"]["source"] == str(demo_model)
    assert identity["model"]["digest"].startswith("sha256:")
    assert identity["chat_template_sha256"] == text_digest(tool_template())
    assert (identity["tool_call_parser"], identity["dialect"]) == ("hermes", "hermes")
    assert (identity["dtype"], identity["max_model_len"]) == ("bfloat16", 8192)
    assert identity == vllm_server.identity()


def test_a_wrong_flag_is_told_in_one_line(demo_model: Path, tmp_path: Path) -> None:
    options = ServeOptions(
        str(demo_model), detect_family(str(demo_model)), tmp_path / "log", extra_flags=("--no-such-flag", "1")
    )
    with pytest.raises(ServerError, match=r"unrecognized arguments: --no-such-flag(.|\n)*vLLM does not know"):
        VllmServer(options).start()


def vllm_source(file: str) -> str:
    """The text of one of the installed vLLM's own files."""
    spec = importlib.util.find_spec("vllm")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / file).read_text(encoding="utf-8")


def test_every_parser_and_rank_we_name_is_one_of_vllms() -> None:
    tool_parsers = set(re.findall(r'^    "([\w-]+)": \(', vllm_source("tool_parsers/__init__.py"), re.MULTILINE))
    reasoning_parsers = set(re.findall(r'^    "([\w-]+)": \(', vllm_source("reasoning/__init__.py"), re.MULTILINE))
    named = [rule.family for rule in families._RULES]
    assert {family.tool_call_parser for family in named} <= tool_parsers
    assert set(families._DIALECTS) <= tool_parsers
    assert {family.reasoning_parser for family in named} - {None} <= reasoning_parsers
    ranks = re.search(r"MaxLoRARanks = Literal\[([\d, ]+)\]", vllm_source("config/lora.py"))
    assert ranks is not None
    assert tuple(int(rank) for rank in ranks.group(1).split(",")) == command._LORA_RANKS


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rank-4 LoRA adapter for the demo model, with weights that change what it writes."""
    torch = importlib.import_module("torch")
    folder = tmp_path_factory.mktemp("adapter")
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": 4,
        "lora_alpha": 32,
        "bias": "none",
        "target_modules": ["q_proj", "v_proj"],
    }
    (folder / "adapter_config.json").write_text(json.dumps(config))
    generator = torch.Generator().manual_seed(0)
    weights = {}
    for layer in range(30):
        for name, width in (("q_proj", 576), ("v_proj", 192)):
            key = f"base_model.model.model.layers.{layer}.self_attn.{name}"
            weights[f"{key}.lora_A.weight"] = torch.randn(4, 576, generator=generator) * 0.1
            weights[f"{key}.lora_B.weight"] = torch.randn(width, 4, generator=generator) * 0.1
    importlib.import_module("safetensors.torch").save_file(weights, folder / "adapter_model.safetensors")
    return folder


@pytest.fixture
def kept_server(demo_model: Path, adapter: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A harness in a process of its own that serves base and adapter; its base URL."""
    keep = [sys.executable, "-c", KEEPS_A_SERVER, str(demo_model), str(tmp_path / "log"), f"tuned={adapter}"]
    with subprocess.Popen(keep, stdout=subprocess.PIPE) as harness:
        assert harness.stdout is not None
        yield harness, harness.stdout.readline().decode().strip()
        harness.kill()


def descendants(pid: int) -> set[int]:
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, before = {pid}, 0
    while len(found) > before:
        before = len(found)
        found |= {child for child, parent in parents.items() if parent in found}
    return found - {pid}


def test_adapters_share_the_server_and_nothing_survives_kill_9(
    kept_server: tuple[subprocess.Popen[bytes], str],
) -> None:
    harness, base_url = kept_server
    question = {"messages": history(2), "tools": TOOLS, "temperature": 0, "max_tokens": 24}
    answers = {
        model: ask(base_url, "/v1/chat/completions", model=model, **question)["choices"][0]["message"]["content"]
        for model in ("SmolLM2-135M-Instruct", "tuned")
    }
    assert answers["tuned"] != answers["SmolLM2-135M-Instruct"]
    with pytest.raises(urllib.error.HTTPError, match="404"):
        ask(base_url, "/v1/chat/completions", model="untuned", **question)
    pids = descendants(harness.pid)
    # The supervisor, the API server, the engine, its worker.
    assert len(pids) >= 4
    os.kill(harness.pid, signal.SIGKILL)
    harness.wait()
    deadline = time.monotonic() + 30
    while left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, f"processes outlived the harness: {left}"
        time.sleep(0.1)
