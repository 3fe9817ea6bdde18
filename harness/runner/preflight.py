"""What the servers say of themselves, before a run and after it."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from harness.client import Client
from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_COUNTERS = {
    "vllm:prefix_cache_queries_total": "prefix_cache_queries",
    "vllm:prefix_cache_hits_total": "prefix_cache_hits",
    "vllm:prompt_tokens_total": "prompt_tokens",
    "vllm:generation_tokens_total": "generation_tokens",
}
_COUNT = re.compile(r"\d{1,20}(\.\d{1,20})?(e\+?\d{1,2})?")


def served_models(base_urls: Sequence[str], api_key: str | None) -> list[str]:
    """The names of the models that the first of some replicas serves, adapters included.

    Raises:
        ServerError: it cannot be reached, or is no OpenAI-compatible server.
    """

    async def ask() -> list[str]:
        async with Client(base_urls[:1], api_key=api_key) as client:
            return [str(entry.get("id")) for entry in await client.models(0)]

    return asyncio.run(ask())


async def describe(client: Client, model: str) -> dict[str, Any]:
    """What every replica says of itself: parent, context length, vLLM's version, and where the weights lie.

    Replicas may keep the same weights in different folders: `root` is a sorted list then.

    Raises:
        UsageError: they differ in anything else, or one does not serve the model.
        ServerError: one cannot be reached.
    """
    found = [await _describe_one(client, replica, model) for replica in range(len(client.base_urls))]
    roots = sorted({str(root) for description in found if (root := description.pop("root")) is not None})
    for replica, description in enumerate(found[1:], start=1):
        if description != found[0]:
            raise UsageError(
                f"the replicas differ: {client.base_urls[0]} is {found[0]}, {client.base_urls[replica]} is {description}"
            )
    return {"root": roots if len(roots) > 1 else next(iter(roots), None), **found[0]}


async def _describe_one(client: Client, replica: int, model: str) -> dict[str, Any]:
    models = await client.models(replica)
    version = await client.get(replica, "/version")
    names = [str(entry.get("id")) for entry in models]
    if model not in names:
        raise UsageError(
            f"{client.base_urls[replica]} does not serve {model!r}; it serves: {', '.join(names) or 'nothing'}"
        )
    entry = models[names.index(model)]
    described = {"root": entry.get("root"), "parent": entry.get("parent"), "max_model_len": entry.get("max_model_len")}
    if isinstance(version, dict):
        described["vllm_version"] = version.get("version")
    return described


async def counters(client: Client) -> list[dict[str, int]]:
    """Each replica's counters; empty where it has none or does not answer."""
    texts = await asyncio.gather(*(client.text(replica, "/metrics") for replica in range(len(client.base_urls))))
    return [_counters_in(text) for text in texts]


def _counters_in(text: str) -> dict[str, int]:
    totals: dict[str, int] = {}
    for line in text.split("\n"):
        name, _, rest = line.partition("{")
        value = rest.rpartition(" ")[2]
        if name in _COUNTERS and _COUNT.fullmatch(value):
            totals[_COUNTERS[name]] = totals.get(_COUNTERS[name], 0) + int(float(value))
    return totals


def counted(before: list[dict[str, int]], after: list[dict[str, int]]) -> dict[str, int]:
    """What the counters of all replicas rose by; one that is gone or began anew meanwhile is left out."""
    totals: dict[str, int] = {}
    for first, last in zip(before, after, strict=True):
        if all(last.get(name, -1) >= value for name, value in first.items()):
            for name, value in last.items():
                totals[name] = totals.get(name, 0) + value - first.get(name, 0)
    return totals
