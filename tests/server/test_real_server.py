"""A real vLLM with real weights: what the harness relies on, asked of the server itself."""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import json
import re
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.client import Client
from harness.errors import UsageError
from harness.server import command, families, tool_template
from harness.server.digests import text_digest
from harness.server.probe import root_of

if TYPE_CHECKING:
    from harness.server import VllmServer

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


def test_a_model_that_is_not_served_is_told_at_the_first_request(vllm_server: VllmServer) -> None:
    async def request() -> None:
        body = json.dumps({"model": "untuned", "messages": history(2), "tools": TOOLS}).encode()
        async with Client([vllm_server.base_url]) as client:
            await client.complete(0, body, "case-1")

    with pytest.raises(UsageError, match=r"does not serve this model: .*`untuned` does not exist"):
        asyncio.run(request())


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
