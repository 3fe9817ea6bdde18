"""Raw text for many responses with few requests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

from harness.runlog import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.client.http import Client

BATCH = 64
"""Responses that share one request at most."""
TAIL = 8
"""Tokens at the end of a prompt that tell whether it opened a think block."""

Text: TypeAlias = "str | Fault"
"""Text, or why it could not be had."""


class Detokenizer:
    """Asks for the texts of token ids.

    Responses that finish while a request is under way share the next one: their ids are joined by a
    special token of the prompt, which no response holds, and the text is split there. Whether a server's
    tokenizer decodes so that this is exact is tried once, on the first prompt; where it is not, each
    response is decoded alone.
    """

    def __init__(self, client: Client, model: str) -> None:
        self._client = client
        self._model = model
        self._waiting: list[tuple[int, list[int], asyncio.Future[Text]]] = []
        self._busy = 0
        self._separator: tuple[int, str] | None = None
        self._probed: asyncio.Task[bool] | None = None
        self._tails: dict[tuple[int, ...], asyncio.Future[Text]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def text(self, replica: int, ids: list[int], prompt: Sequence[int]) -> asyncio.Future[Text]:
        """The raw text of a response (`prompt`: the ids before it), or why it is lost."""
        future: asyncio.Future[Text] = asyncio.get_running_loop().create_future()
        self._waiting.append((replica, ids, future))
        if self._probed is None or (self._probed.done() and not self._probed.result()):
            self._probed = asyncio.create_task(self._probe(replica, list(prompt[:200])))
            self._probed.add_done_callback(lambda _: self._start())
        elif self._probed.done():
            self._start()
        return future

    def tail(self, replica: int, prompt: Sequence[int]) -> asyncio.Future[Text]:
        """The text of the last few tokens of a prompt; most prompts of a run share it."""
        key = tuple(prompt[-TAIL:])
        if key not in self._tails:
            asked = self._tails[key] = asyncio.ensure_future(self._client.detokenize(replica, self._model, list(key)))
            asked.add_done_callback(lambda done: self._told(key, done))
        return self._tails[key]

    def close(self) -> None:
        """Gives up what is still asked for; whoever waits for a text is cancelled with it."""
        for _, _, future in self._waiting:
            future.cancel()
        self._waiting.clear()
        for task in (*self._tasks, *filter(None, [self._probed])):
            task.cancel()
        for tail in list(self._tails.values()):
            tail.cancel()

    def _told(self, key: tuple[int, ...], tail: asyncio.Future[Text]) -> None:
        """Forgets a text that could not be had: the next response asks for it again."""
        if tail.cancelled() or tail.exception() is not None or isinstance(tail.result(), Fault):
            self._tails.pop(key, None)

    async def _probe(self, replica: int, prompt: list[int]) -> bool:
        """Finds out whether joined ids decode to the joined texts; False where the server failed at it."""
        mark = prompt[0] if prompt else 0
        sample = [token for token in prompt if token != mark]
        if not sample:
            return True
        texts = [await self._client.detokenize(replica, self._model, ids) for ids in ([mark], sample)]
        separator, alone = texts
        if isinstance(separator, Fault) or isinstance(alone, Fault):
            return False
        if not separator.strip() or separator in alone:
            return True
        joined = await self._client.detokenize(replica, self._model, [mark, *sample, mark, *sample, mark])
        if joined == separator + alone + separator + alone + separator:
            self._separator = (mark, separator)
        return isinstance(joined, str)

    def _start(self) -> None:
        """Sends what waits, one request at a time per few in flight, so that batches fill by themselves."""
        while self._waiting and self._busy < 2:
            replica = self._waiting[0][0]
            size = BATCH if self._separator else 1
            batch = [entry for entry in self._waiting[:size] if entry[0] == replica]
            self._waiting = [entry for entry in self._waiting[:size] if entry[0] != replica] + self._waiting[size:]
            self._busy += 1
            task = asyncio.create_task(self._send(replica, batch))
            self._tasks.add(task)
            task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._busy -= 1
        self._start()

    async def _send(self, replica: int, batch: list[tuple[int, list[int], asyncio.Future[Text]]]) -> None:
        texts = await self._decode(replica, [ids for _, ids, _ in batch])
        for (_, _, future), text in zip(batch, texts, strict=True):
            if not future.done():
                future.set_result(text)

    async def _decode(self, replica: int, batch: list[list[int]]) -> list[Text]:
        if len(batch) > 1 and self._separator:
            mark, separator = self._separator
            if not any(mark in ids for ids in batch):
                joined = [mark]
                for ids in batch:
                    joined += ids
                    joined.append(mark)
                text = await self._client.detokenize(replica, self._model, joined)
                parts = text.split(separator) if isinstance(text, str) else []
                if len(parts) == len(batch) + 2 and not parts[0] and not parts[-1]:
                    return list(parts[1:-1])
        return [await self._client.detokenize(replica, self._model, ids) for ids in batch]
