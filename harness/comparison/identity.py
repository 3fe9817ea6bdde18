"""How two runs were made differently, in words; and whether they can be compared at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from harness.baseline import without_folders
from harness.errors import NotComparableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.baseline import Results
    from harness.comparison.pairing import Pairing

_WORDS = {
    "suite": "suite",
    "suite_digest": "suite content",
    "model": "model",
    "thinking": "thinking",
    "dialect": "dialect of calls",
    "mode": "mode",
    "max_steps": "steps a turn at most",
    "trials": "trials",
    "harness_version": "harness",
    "scorer_version": "scorers",
    "server.vllm_version": "vLLM",
    "server.chat_template_sha256": "chat template",
    "server.tool_call_parser": "tool-call parser",
    "server.reasoning_parser": "reasoning parser",
    "server.max_model_len": "context length",
    "model_identity.model.digest": "weights",
    "model_identity.model.source": "weights from",
    "model_identity.model.name": "model served as",
    "model_identity.adapters": "adapters",
}
_GROUPS = ("server", "model_identity", "sampling")
_LEFT_OUT = ("decisions",)
_LONGEST = 60


class Differing(NamedTuple):
    """One thing that was different."""

    what: str
    first: str
    second: str
    field: str = ""
    """Its name in the identity, as `sampling.seed`; `prompts` of the rendered prompts."""


def differing(first: Results, second: Results, found: Pairing) -> list[Differing]:
    """Everything about two runs that was not the same, the prompts of their common decisions included."""
    ours, theirs = (_flat(results.identity.model_dump()) for results in (first, second))
    told = [
        Differing(
            _WORDS.get(name, name.replace("_", " ").replace(".", ": ")), _shown(ours, name), _shown(theirs, name), name
        )
        for name in dict.fromkeys([*ours, *theirs])
        if ours.get(name) != theirs.get(name)
    ]
    asked = [pair for pair in found.pairs if pair.first.prompt and pair.second.prompt]
    other = sum(pair.first.prompt != pair.second.prompt for pair in asked)
    if other:
        told.append(
            Differing(
                "rendered prompts",
                "",
                f"other token ids in {other} of {len(asked)} decisions of equal history",
                "prompts",
            )
        )
    return told


def known(results: Results, field: str) -> bool:
    """Whether a run tells this part of its identity; of a group (`server`) any of it."""
    if field == "prompts":
        return any(entry.prompt for entry in results.entries)
    if field in _GROUPS or "." in field:
        return any(is_part(name, field) for name in _flat(results.identity.model_dump()))
    return True


def is_part(name: str, field: str) -> bool:
    """Whether a differing part is what `field` names, or of the group that it names."""
    return name == field or name.startswith(f"{field}.")


def require_comparable(first: Results, second: Results) -> None:
    """Refuses what no number could compare.

    Raises:
        NotComparableError: the runs have different modes, or were judged by different scorers.
    """
    ours, theirs = first.identity, second.identity
    if ours.mode != theirs.mode:
        raise NotComparableError(
            f"{first.name} is a run in mode {ours.mode}, {second.name} in mode {theirs.mode}: "
            "their numbers mean different things. Run both in one mode."
        )
    if ours.scorer_version != theirs.scorer_version:
        raise NotComparableError(
            f"{first.name} was judged by scorers {ours.scorer_version}, {second.name} by {theirs.scorer_version}: "
            "`harness rescore` judges a run again; a baseline is saved again from its run."
        )


def _flat(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Every part by its name, as `sampling.seed`; of local paths the last name: weights may lie elsewhere."""
    return {name: without_folders(value) for name, value in _leaves(identity) if name not in _LEFT_OUT}


def _leaves(identity: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in identity.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", value


def _shown(identity: Mapping[str, Any], name: str) -> str:
    value = identity.get(name)
    text = "-" if value is None else str(value)
    plain = text.removeprefix("sha256:")
    return plain[:12] if len(plain) == 64 and name.endswith(("sha256", "digest")) else text[:_LONGEST]
