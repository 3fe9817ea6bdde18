"""One pool of connections to the replicas of a server: requests, retries, faults.

Faults are data: `complete` returns one instead of raising, whatever the server does. What no retry can
mend and every request would meet (a server without its tool parser, one that is gone) raises.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import aiohttp

from harness import jsonvalue, wire
from harness.address import SHORTEST_SECRET, Address
from harness.client.resting import Resting
from harness.errors import ServerError, UsageError
from harness.runlog import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.records import FaultKind

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
FOR_GOOD = frozenset({401, 403, 404, 405, 501})
"""Statuses of /detokenize that the next request would meet too."""
_SHORT_TIMEOUT = 60.0
"""Seconds for requests that generate nothing."""


class Answer(NamedTuple):
    """What one decision's requests came to: a completion or a fault, never both."""

    completion: wire.Completion | None
    fault: Fault | None
    latency: float
    """Seconds of the last attempt."""
    attempts: int
    replica: int
    """Index of the base URL that was asked last."""


class Policy(NamedTuple):
    """How often and how long to try."""

    timeout: float = 600.0
    """Seconds one request may take."""
    retries: int = 4
    backoff: float = 0.5
    """Seconds before the first retry; doubled each time, with jitter, at most 30."""

    async def pause(self, retry: int, least: float) -> None:
        """Waits before a retry (counted from 0), at least as long as the server asked for."""
        jittered = min(30.0, self.backoff * 2**retry) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        await asyncio.sleep(max(least, jittered))


class _Failure(NamedTuple):
    """Why a request came to nothing."""

    fault: Fault
    wait: float | None
    """Seconds to wait before another try at least; None where no other try can help."""
    reached: bool = True
    """Whether there was a server at all."""
    hint: str | None = None
    """What to tell the user where every completion would meet this."""


class Client:
    """One pool of connections to one or several replicas of a server.

    A replica that cannot be reached, or drops a connection, is left alone for a while and its requests go to
    the others. The same holds for /detokenize where it fails; a server that has none is not asked again.
    """

    def __init__(self, base_urls: Sequence[str], *, api_key: str | None = None, policy: Policy | None = None) -> None:
        """`base_urls` may hold credentials; no message, fault or attribute of this object shows them."""
        self._addresses = [Address.parse(url) for url in base_urls]
        self.base_urls = [address.shown for address in self._addresses]
        self.policy = policy or Policy()
        bearer = f"Bearer {api_key}" if api_key else None
        self._authorizations = [address.authorization or bearer for address in self._addresses]
        secrets = {secret for address in self._addresses for secret in address.secrets}
        if api_key and len(api_key) >= SHORTEST_SECRET:
            secrets.add(api_key)
        self._secrets = sorted(secrets, key=len, reverse=True)
        self._resting = Resting(failures=1)
        self._decoding = Resting(failures=3)
        self._no_decoder: dict[int, Fault] = {}
        self._decoding_fault: Fault | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=0, ttl_dns_cache=300, keepalive_timeout=60),
            timeout=aiohttp.ClientTimeout(total=self.policy.timeout, sock_connect=min(30.0, self.policy.timeout)),
            headers={"Content-Type": "application/json"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open session."""
        if self._session is None:
            raise RuntimeError("the client is not open: use it as an async context manager")
        return self._session

    def _headers(self, replica: int) -> dict[str, str]:
        authorization = self._authorizations[replica]
        return {"Authorization": authorization} if authorization else {}

    def _safe(self, text: str) -> str:
        """What a server or a library says, without the credentials that it may echo."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    async def complete(self, replica: int, body: bytes, session_id: str) -> Answer:
        """Sends one chat completion request, again where that can help.

        Args:
            replica: index into `base_urls` to ask first; the next ones are tried if it cannot be reached.
            body: the request body.
            session_id: sent as X-Session-ID, so that a router keeps a case on one replica.

        Raises:
            UsageError: the server cannot do what every request asks of it.
        """
        attempts = retries = moves = 0
        while True:
            chosen = self._reachable(replica, range(len(self.base_urls)))
            asked = replica if chosen is None else chosen
            attempts += 1
            started = time.perf_counter()
            headers = {**self._headers(asked), "X-Session-ID": header_value(session_id)}
            url = self._addresses[asked].url("/chat/completions")
            data, failure = await self._post(asked, url, body, headers, self.policy.timeout)
            completion, fault, wait = self._completion_in(data) if failure is None else (None, *failure[:2])
            latency = time.perf_counter() - started
            if failure is not None and not failure.reached and chosen is not None and moves + 1 < len(self.base_urls):
                moves += 1
                continue  # it rests now: the next replica is asked at once, for no server has had this request yet
            if failure is not None and failure.hint is not None:
                raise UsageError(failure.hint)
            if fault is None or wait is None or retries >= self.policy.retries:
                return Answer(completion, fault, latency, attempts, asked)
            if fault.kind == "connection":
                replica = (asked + 1) % len(self.base_urls)
            await self.policy.pause(retries, wait)
            retries += 1

    def _reachable(self, first: int, among: Sequence[int]) -> int | None:
        """The first replica from `first` on that does not rest; None where all do."""
        ordered = [*(replica for replica in among if replica >= first), *(r for r in among if r < first)]
        return next((replica for replica in ordered if self._resting.may_try(replica)), None)

    async def _post(
        self, replica: int, url: str, body: bytes, headers: dict[str, str], at_most: float
    ) -> tuple[bytes, _Failure | None]:
        """One request: the body of its answer, or why there is none."""
        seconds = min(at_most, self.policy.timeout)
        limit = aiohttp.ClientTimeout(total=seconds, sock_connect=min(30.0, seconds))
        try:
            async with self.session.post(url, data=body, headers=headers, timeout=limit) as response:
                data = await response.read()
        except aiohttp.ConnectionTimeoutError as error:  # a host that is not there: another replica may be
            self._resting.failed(replica)
            return b"", _Failure(self._fault("connection", error), 0.0, reached=False)
        except TimeoutError:
            return b"", _Failure(Fault(kind="timeout", message=f"no answer within {seconds:g} s"), None)
        except aiohttp.ClientConnectorError as error:
            self._resting.failed(replica)
            return b"", _Failure(self._fault("connection", error), 0.0, reached=False)
        except aiohttp.ClientError as error:  # it may be gone: what is asked next had better go to another
            self._resting.failed(replica)
            return b"", _Failure(self._fault("connection", error), 0.0)
        self._resting.worked(replica)
        if response.status == 200:
            return data, None
        return b"", self._http_failure(response.status, data, response.headers.get("Retry-After"))

    def _completion_in(self, data: bytes) -> tuple[wire.Completion | None, Fault | None, float | None]:
        try:
            return wire.parse_completion(data), None, None
        except wire.ProtocolError as error:
            return None, self._fault("protocol", error).model_copy(update={"status": 200}), None

    def _fault(self, kind: FaultKind, error: Exception) -> Fault:
        return Fault(kind=kind, message=self._safe(str(error) or type(error).__name__))

    def _http_failure(self, status: int, data: bytes, retry_after: str | None) -> _Failure:
        message = wire.error_message(data)
        too_long = status == 400 and ("maximum context length" in message or "max_model_len" in message)
        fault = Fault(kind="context_length" if too_long else "http", status=status, message=self._safe(message))
        if status not in RETRIED:
            return _Failure(fault, None, hint=_useless(status, message, fault.message))
        wait = float(retry_after) if retry_after and retry_after.isdigit() else 0.0
        return _Failure(fault, min(wait, 60.0))

    async def post(self, replica: int, path: str, value: Any) -> bytes | Fault:
        """The body that a POST of JSON to `path` under the server's root answers, or why there is none; tried once."""
        url, body = self._addresses[replica].root_url(path), jsonvalue.dump_line(value)
        data, failure = await self._post(replica, url, body, self._headers(replica), _SHORT_TIMEOUT)
        return data if failure is None else failure.fault

    async def get(self, replica: int, path: str) -> Any:
        """The JSON of a GET on `path` under the server's root; None on any failure."""
        try:
            return jsonvalue.loads(await self.text(replica, path))
        except ValueError:
            return None

    async def text(self, replica: int, path: str) -> str:
        """The text of a GET on `path` under the server's root; empty on any failure."""
        url, limit = self._addresses[replica].root_url(path), aiohttp.ClientTimeout(total=30)
        try:
            async with self.session.get(url, headers=self._headers(replica), timeout=limit) as response:
                return await response.text() if response.status == 200 else ""
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return ""

    def root(self, replica: int) -> str:
        """The server's address without `/v1`, to show."""
        return self.base_urls[replica].removesuffix("/v1")

    async def models(self, replica: int) -> list[dict[str, Any]]:
        """The models that a replica serves.

        Raises:
            ServerError: it cannot be reached, or is no OpenAI-compatible server.
        """
        url, shown = self._addresses[replica].url("/models"), self.base_urls[replica] + "/models"
        try:
            limit = aiohttp.ClientTimeout(total=30)
            async with self.session.get(url, headers=self._headers(replica), timeout=limit) as response:
                data = await response.read()
                if response.status != 200:
                    hint = " Set OPENAI_API_KEY or --api-key-env." if response.status in (401, 403) else ""
                    message = self._safe(wire.error_message(data))
                    raise ServerError(f"{shown} answered {response.status}: {message}.{hint}")
                listed = jsonvalue.loads(data)
        except (aiohttp.ClientError, TimeoutError) as error:
            why = self._safe(str(error) or type(error).__name__)
            raise ServerError(
                f"no server at {self.base_urls[replica]}: {why}. Is it running, is the URL right?"
            ) from None
        except ValueError:
            raise ServerError(f"{shown} is no OpenAI-compatible API (not JSON); the URL usually ends in /v1") from None
        models = listed.get("data") if isinstance(listed, dict) else None
        if not isinstance(models, list):
            raise ServerError(f"{shown} lists no models; is this an OpenAI-compatible API?")
        return [model for model in models if isinstance(model, dict)]

    async def detokenize(self, replica: int, model: str, ids: list[int]) -> str | Fault:
        """The text of token ids, special tokens kept; a fault where no replica can tell.

        Any replica will do, for they share their tokenizer. One that has no /detokenize, or refuses it, is
        not asked again; where it fails three times in a row, retries included, it rests.
        """
        body = jsonvalue.dump_line({"model": model, "tokens": ids})
        if self._decoding_fault is not None and not self._decoding.may_try("detokenize"):
            return self._decoding_fault
        retries = moves = 0
        while able := [number for number in range(len(self.base_urls)) if number not in self._no_decoder]:
            chosen = self._reachable(replica, able)
            asked = able[0] if chosen is None else chosen
            url = self._addresses[asked].root_url("/detokenize")
            data, failure = await self._post(asked, url, body, self._headers(asked), _SHORT_TIMEOUT)
            if failure is None:
                self._decoding.worked("detokenize")
                return _text_in(data)
            if failure.fault.status in FOR_GOOD:
                self._no_decoder[asked] = failure.fault
            elif not failure.reached and chosen is not None and moves + 1 < len(able):
                moves += 1
            elif failure.wait is None or retries >= self.policy.retries:
                self._decoding.failed("detokenize")
                self._decoding_fault = failure.fault
                return failure.fault
            else:
                await self.policy.pause(retries, failure.wait)
                retries += 1
        return self._no_decoder[replica]


def _text_in(data: bytes) -> str | Fault:
    """The text in an answer of /detokenize."""
    try:
        value = jsonvalue.loads(data)
    except ValueError:
        value = None
    text = value.get("prompt") if isinstance(value, dict) else None
    return text if isinstance(text, str) else Fault(kind="protocol", status=200, message="/detokenize returned no text")


def header_value(text: str) -> str:
    """A case id as a header value: visible ASCII, anything else percent-encoded."""
    if text.isascii() and text.isprintable():
        return text
    from urllib.parse import quote

    return quote(text, safe=" /:._-")


def _useless(status: int, message: str, shown: str) -> str | None:
    """What to tell the user about an error that every completion would meet; None for any other."""
    if status in (400, 404) and "--enable-auto-tool-choice" in message:
        return (
            "the server was started without its tool parser, so it cannot return tool calls. Start vLLM with "
            "--enable-auto-tool-choice --tool-call-parser NAME (hermes for Qwen3; see vLLM's list)."
        )
    if status == 404 and "does not exist" in message:
        return f"the server does not serve this model: {shown}"
    return None
