"""One question to a server and all that can be seen of its answer: message, raw text, the prompt as rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from harness import jsonvalue, wire
from harness.doctor.conversations import TOOLS
from harness.errors import ServerError, UsageError
from harness.runlog import Fault, Sampling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.client import Client
    from harness.records import PromptThink

DERENDER = "/v1/chat/completions/derender"


class Exchange(NamedTuple):
    """A request and what came of it; `fault` where nothing did."""

    request: dict[str, Any]
    message: dict[str, Any] | None = None
    finish_reason: str | None = None
    raw: str | None = None
    """What the model wrote, special tokens kept; None where the server does not tell."""
    prompt: str | None = None
    """What the chat template made of the request; None where the server does not tell."""
    token_ids: Sequence[int] = ()
    prompt_ids: Sequence[int] = ()
    prompt_tokens: int | None = None
    fault: Fault | None = None

    @property
    def prompt_think(self) -> PromptThink:
        """Whether the template opened or closed a think block before the answer."""
        return wire.prompt_think_of(self.prompt or "")

    @property
    def refused(self) -> bool:
        """Whether the server found the request wrong, rather than failing at it."""
        return self.fault is not None and self.fault.status is not None and 400 <= self.fault.status < 500


class Probe:
    """Asks one model of one server."""

    def __init__(self, client: Client, model: str, *, max_tokens: int) -> None:
        """`max_tokens` bounds each answer."""
        self._client = client
        self._model = model
        self._max_tokens = max_tokens

    async def ask(
        self,
        messages: Sequence[dict[str, Any]],
        choice: str | None = None,
        *,
        dictated: str | None = None,
        thinking: bool | None = None,
        max_tokens: int | None = None,
    ) -> Exchange:
        """One chat completion at temperature 0, with everything that can be had about it.

        Args:
            messages: the conversation.
            choice: `tool_choice`; without it no tools are offered.
            dictated: the only text that the model may write (vLLM's structured outputs).
            thinking: what the chat template is told; None leaves it as it is.
            max_tokens: instead of the probe's own bound.

        Raises:
            ServerError: the server cannot be reached any more.
        """
        request = self._request(messages, choice, dictated, thinking, max_tokens or self._max_tokens)
        try:
            answer = await self._client.complete(0, jsonvalue.dump_line(request), "harness-doctor")
        except UsageError as error:  # a server without its tool parser: data here, not the end
            return Exchange(request, fault=Fault(kind="http", status=400, message=str(error)))
        completion = answer.completion
        if completion is None:
            fault = answer.fault or Fault(kind="protocol", message="no answer")
            if fault.kind == "connection":
                raise ServerError(f"the server does not answer any more: {fault.message}")
            return Exchange(request, fault=fault)
        return Exchange(
            request,
            completion.message,
            completion.finish_reason,
            await self._text(completion.token_ids),
            await self._text(completion.prompt_token_ids),
            completion.token_ids or (),
            completion.prompt_token_ids or (),
            completion.prompt_tokens,
        )

    def _request(
        self,
        messages: Sequence[dict[str, Any]],
        choice: str | None,
        dictated: str | None,
        thinking: bool | None,  # noqa: FBT001 - on, off, or left to the template
        max_tokens: int,
    ) -> dict[str, Any]:
        request: dict[str, Any] = {"model": self._model, **Sampling(max_tokens=max_tokens).model_dump()}
        request |= {"n": 1, "stream": False, "return_token_ids": True, "messages": list(messages)}
        if choice is not None:
            request |= {"tools": TOOLS, "tool_choice": choice}
        if dictated is not None:
            request["structured_outputs"] = {"choice": [dictated]}
        if thinking is not None:
            request["chat_template_kwargs"] = {"enable_thinking": thinking, "thinking": thinking}
        return request

    async def _text(self, ids: list[int] | None) -> str | None:
        found = await self._client.detokenize(0, self._model, ids) if ids else None
        return found if isinstance(found, str) else None

    async def derender(self, asked: Exchange, ids: Sequence[int]) -> dict[str, Any] | Fault:
        """The message that vLLM's own parsers make of tokens, as the answer to a request asked before."""
        prompt = list(asked.prompt_ids)
        choice = {"index": 0, "finish_reason": asked.finish_reason or "stop", "token_ids": list(ids)}
        body = {
            "model": self._model,
            "generate_response": {"request_id": "doctor", "choices": [choice], "prompt_token_ids": prompt},
            "prompt_token_ids": prompt,
            "chat_request": {key: value for key, value in asked.request.items() if key != "structured_outputs"},
        }
        found = await self._client.post(0, DERENDER, body)
        if isinstance(found, Fault):
            return found
        try:
            return wire.parse_completion(found).message
        except wire.ProtocolError as error:
            return Fault(kind="protocol", status=200, message=str(error))

    async def tokens(self, text: str) -> list[int] | None:
        """The tokens of a text, special ones recognised; None where the server does not tell."""
        body = {"model": self._model, "prompt": text, "add_special_tokens": False}
        found = await self._client.post(0, "/tokenize", body)
        if isinstance(found, Fault):
            return None
        try:
            value = jsonvalue.loads(found)
        except ValueError:
            return None
        ids = value.get("tokens") if isinstance(value, dict) else None
        return ids if isinstance(ids, list) and all(type(token) is int for token in ids) else None
