"""The whole examination: reach the server, ask, judge."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.client import Client, Policy
from harness.doctor import answers, parsers, prompts
from harness.doctor.diagnosis import Diagnosis
from harness.doctor.evidence import Evidence, Served, gather
from harness.doctor.probe import Probe
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.records import Dialect
    from harness.server import Family

CHECKS = (
    prompts.server,
    prompts.raw_text,
    prompts.system_text,
    prompts.tools_in_prompt,
    prompts.earlier_calls,
    prompts.parallel_calls,
    prompts.generation_prompt,
    prompts.thinking_switch,
    parsers.tool_choice,
    parsers.tool_parser,
    parsers.own_call,
    parsers.forced_call,
    answers.reasoning_parser,
    answers.special_tokens,
    answers.end_of_turn,
    answers.second_opinion,
)
"""Every check, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class Patient:
    """Which model of which server to examine, and what is known of it."""

    base_url: str
    model: str
    dialect: Dialect | None = None
    """How the model writes calls, where the user says so."""
    family: Family | None = None
    api_key: str | None = None
    max_tokens: int = 512
    """Tokens of one answer at most."""
    policy: Policy = field(default_factory=lambda: Policy(timeout=180.0, retries=1))


def examine(patient: Patient) -> Diagnosis:
    """Probes a server with a handful of conversations.

    Raises:
        ServerError: it cannot be reached.
        UsageError: it does not serve the model.
    """
    return asyncio.run(_examine(patient))


async def _examine(patient: Patient) -> Diagnosis:
    async with Client([patient.base_url], api_key=patient.api_key, policy=patient.policy) as client:
        served = _served(patient, client.base_urls[0], await client.models(0), await client.get(0, "/version"))
        evidence = await gather(Probe(client, patient.model, max_tokens=patient.max_tokens), served)
    return diagnose(evidence)


def diagnose(evidence: Evidence) -> Diagnosis:
    """All checks of what was gathered. Pure."""
    served = evidence.served
    return Diagnosis(
        base_url=served.base_url,
        model=served.model,
        vllm_version=served.vllm_version,
        dialect=evidence.dialect,
        checks=[check(evidence) for check in CHECKS],
    )


def _served(patient: Patient, shown: str, models: list[dict[str, Any]], version: Any) -> Served:
    card = next((card for card in models if card.get("id") == patient.model), None)
    if card is None:
        names = ", ".join(str(card.get("id")) for card in models) or "nothing"
        raise UsageError(f"{shown} does not serve {patient.model!r}; it serves: {names}")
    length, number = card.get("max_model_len"), version.get("version") if isinstance(version, dict) else None
    return Served(
        shown,
        patient.model,
        number if isinstance(number, str) else None,
        length if isinstance(length, int) else None,
        patient.dialect,
        patient.family,
    )
