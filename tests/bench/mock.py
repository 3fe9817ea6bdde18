"""A bare HTTP server that answers chat completions after a fixed delay: the other side of the benchmarks.

Plain asyncio, so that it costs as little as possible beside what is measured. Its model is always right:
it calls `get_alert` with the id that the user names. Its tokens are code points.

    python tests/bench/mock.py --latency 0.05     prints its base URL, serves until its input ends
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import time

_ID = re.compile(rb"alert (A-\d+)")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_MODELS = b'{"object": "list", "data": [{"id": "mock", "object": "model", "max_model_len": 8192}]}'
_PROMPT = json.dumps([0x110000, *range(100, 300)]).encode()


class Stats:
    """What the server saw: when the first completion was asked for, and how many were in flight at once."""

    first = 0.0
    in_flight = 0
    most = 0


class Connection(asyncio.Protocol):
    """One kept-alive connection; requests come one after another."""

    latency = 0.0

    def __init__(self) -> None:
        self.data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.data += data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = self.data[:end]
            match = _LENGTH.search(head)
            total = end + 4 + (int(match[1]) if match else 0)
            if len(self.data) < total:
                return
            body, self.data = self.data[end + 4 : total], self.data[total:]
            self.answer(head.split(b" ", 2)[1], body)

    def answer(self, path: bytes, body: bytes) -> None:
        loop = asyncio.get_running_loop()
        if path == b"/v1/chat/completions":
            Stats.first = Stats.first or time.time()
            Stats.in_flight += 1
            Stats.most = max(Stats.most, Stats.in_flight)
            loop.call_later(self.latency, self.complete, body)
        elif path == b"/detokenize":
            loop.call_later(self.latency, self.send, detokenized(body))
        elif path == b"/stats":
            self.send(json.dumps({"first": Stats.first, "most": Stats.most}).encode())
            Stats.first = Stats.most = 0
        else:
            self.send(_MODELS if path == b"/v1/models" else b'{"version": "mock"}')

    def complete(self, body: bytes) -> None:
        Stats.in_flight -= 1
        self.send(completion(body))

    def send(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self.transport.write(head + body)


def completion(body: bytes) -> bytes:
    """The answer to one request: the right call, its raw text as token ids."""
    match = _ID.search(body)
    arguments = json.dumps({"alert_id": match[1].decode() if match else ""})
    raw = f'<tool_call>\n{{"name": "get_alert", "arguments": {arguments}}}\n</tool_call>'
    call = {"id": "call-1", "type": "function", "function": {"name": "get_alert", "arguments": arguments}}
    message = {"role": "assistant", "content": None, "tool_calls": [call], "reasoning": None}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls", "token_ids": [*map(ord, raw), 0x110001]}
    usage = {"prompt_tokens": 200, "completion_tokens": 80, "total_tokens": 280}
    value = {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": usage}
    return json.dumps(value).encode()[:-1] + b', "prompt_token_ids": ' + _PROMPT + b"}"


def detokenized(body: bytes) -> bytes:
    special = {0x110000: "<|im_start|>", 0x110001: "<|im_end|>"}
    tokens = json.loads(body)["tokens"]
    return json.dumps({"prompt": "".join(special.get(token) or chr(token) for token in tokens)}).encode()


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0)
    Connection.latency = parser.parse_args().latency
    asyncio.run(serve())
