"""Small synchronous questions to a vLLM server, standard library only."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

# A proxy from the environment must not see, let alone answer, what is meant for our own server.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_SHORT_S = 5.0


def root_of(base_url: str) -> str:
    """The server's root, from its OpenAI base URL (which ends in `/v1`)."""
    return base_url.rstrip("/").removesuffix("/v1")


def get_json(url: str, *, timeout_s: float = _SHORT_S) -> Any:
    """The JSON body behind a URL. Raises OSError (HTTPError included) or ValueError."""
    with _DIRECT.open(url, timeout=timeout_s) as response:
        return json.load(response)


def is_ready(base_url: str, name: str, *, timeout_s: float = _SHORT_S) -> bool:
    """Whether the server is healthy and lists the model."""
    try:
        with _DIRECT.open(f"{root_of(base_url)}/health", timeout=timeout_s):
            pass
        return name in model_cards(base_url, timeout_s=timeout_s)
    except (OSError, ValueError):
        return False


def model_cards(base_url: str, *, timeout_s: float = _SHORT_S) -> dict[str, dict[str, Any]]:
    """What `/v1/models` lists, by name: `root` (path or hub id), `parent` (an adapter's base), `max_model_len`."""
    listing = get_json(f"{root_of(base_url)}/v1/models", timeout_s=timeout_s)
    return {card["id"]: card for card in listing["data"]}


def version(base_url: str, *, timeout_s: float = _SHORT_S) -> str:
    """The server's vLLM version."""
    return str(get_json(f"{root_of(base_url)}/version", timeout_s=timeout_s)["version"])
