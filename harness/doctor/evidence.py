"""Everything that a probe asks, gathered once; the checks read it and ask nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from harness.dialects.markup import THINK_CLOSE
from harness.doctor import conversations as known
from harness.doctor.formats import dialect_in_prompt, dialect_in_raw, is_swallowed, reasoning_of
from harness.scorers.channels import content_text, message_calls

if TYPE_CHECKING:
    from harness.doctor.probe import Exchange, Probe
    from harness.records import Dialect
    from harness.runlog import Fault
    from harness.server import Family


class Served(NamedTuple):
    """What the server and its user say of it."""

    base_url: str
    model: str
    vllm_version: str | None
    max_model_len: int | None
    declared: Dialect | None
    """The dialect that the user named."""
    family: Family | None
    """The model's family, by its name or its files; None where it cannot be told."""


class Rendered(NamedTuple):
    """Conversations of which only the prompt matters; one token was generated after each."""

    plain: Exchange
    """Without tools."""
    tools: Exchange
    """The same with tools."""
    history: Exchange
    """A call, its result and an answer before the last question."""
    parallel: Exchange
    """Two calls in one message, their results last."""
    thinking: Exchange
    quiet: Exchange
    """Without tools, thinking on and off."""

    @property
    def has_switch(self) -> bool:
        """Whether the template renders otherwise with thinking on than off."""
        on, off = self.thinking.prompt, self.quiet.prompt
        return on is not None and off is not None and on != off


class Reading(NamedTuple):
    """How the server's parser read the known call, written in one dialect."""

    dialect: Dialect
    how: Literal["dictation", "derender"]
    returned: bool | None
    """Whether the message holds the call; None where the model did not write what was dictated."""


class Second(NamedTuple):
    """What vLLM's parsers make of the recorded tokens of one answer, asked apart from it."""

    asked: Exchange
    message: dict[str, Any] | Fault


class Evidence(NamedTuple):
    """All that the checks rest on."""

    served: Served
    rendered: Rendered
    greeting: Exchange
    """No tools; a short answer."""
    quiet: Exchange | None
    """The same with thinking off, where the template has a switch."""
    free: Exchange
    """Tools offered, `auto`: a call is asked for in plain words."""
    forced: Exchange
    """Tools offered, `required`: the server constrains the model to a call."""
    thought: Exchange
    """An answer with its reasoning in think tags, dictated."""
    readings: tuple[Reading, ...]
    second: tuple[Second, ...]
    """Empty where no answer has token ids."""

    @property
    def dialect(self) -> Dialect | None:
        """How the model writes calls: as the user says, as its template shows it, as it does, as its name says."""
        template = dialect_in_prompt(self.rendered.history.prompt)
        written = dialect_in_raw(self.free)
        named = self.served.family.dialect if self.served.family else None
        found = self.served.declared or template or written or named
        return "qwen3_coder" if found == "qwen3_xml" else found  # type: ignore[return-value] # a family's is a Dialect


async def gather(probe: Probe, served: Served) -> Evidence:
    """Asks everything.

    Raises:
        ServerError: the server cannot be reached any more.
    """
    free = await probe.ask(known.ASKED, "auto")
    # Without its tool parser a server still renders the tools.
    choice = "none" if free.refused else "auto"
    rendered = await _render(probe, choice)
    switch = rendered.has_switch
    off = False if switch else None
    greeting, quiet, forced, thought, *dictated = await asyncio.gather(
        probe.ask(known.GREETED),
        probe.ask(known.GREETED, thinking=False),
        probe.ask(known.ASKED, "required", thinking=off, max_tokens=160),
        probe.ask(known.GREETED, dictated=known.THOUGHTFUL),
        *(
            probe.ask(known.ASKED, choice, dictated=text, thinking=off)
            for texts in known.WRITTEN.values()
            for text in texts
        ),
    )
    readings = _dictated(dictated)
    if any(reading.returned is None for reading in readings):
        readings = await _derendered(probe, free, readings)
    answers = [exchange for exchange in (greeting, free, forced) if exchange.token_ids]
    opinions = await asyncio.gather(*(probe.derender(answer, answer.token_ids) for answer in answers))
    return Evidence(
        served,
        rendered,
        greeting,
        quiet if switch else None,
        free,
        forced,
        thought,
        readings,
        tuple(Second(answer, message) for answer, message in zip(answers, opinions, strict=True)),
    )


async def _render(probe: Probe, choice: str) -> Rendered:
    return Rendered(
        *await asyncio.gather(
            probe.ask(known.ASKED, max_tokens=1),
            probe.ask(known.ASKED, choice, max_tokens=1),
            probe.ask(known.HISTORY, choice, max_tokens=1),
            probe.ask(known.PARALLEL, choice, max_tokens=1),
            probe.ask(known.ASKED, thinking=True, max_tokens=1),
            probe.ask(known.ASKED, thinking=False, max_tokens=1),
        )
    )


def _dictated(exchanges: list[Exchange]) -> tuple[Reading, ...]:
    """How each dialect was read; of a dialect's several forms the best."""
    found: dict[Dialect, bool | None] = {}
    asked = iter(exchanges)
    for dialect, texts in known.WRITTEN.items():
        results = [_returned(next(asked), text) for text in texts]
        found[dialect] = True if True in results else False if False in results else None
    return tuple(Reading(dialect, "dictation", returned) for dialect, returned in found.items())


def _returned(exchange: Exchange, text: str) -> bool | None:
    """Whether the known call came back from an answer that was to be `text`; None where the answer was another."""
    if exchange.message is None:
        return None
    if holds_known_call(exchange.message):
        return True
    if is_swallowed(exchange):
        return None  # it never came to the tool parser
    wrote = exchange.raw if exchange.raw is not None else content_text(exchange.message)
    return False if text in wrote else None


def holds_known_call(message: dict[str, Any]) -> bool:
    """Whether a message holds the call that was put into the model's mouth, and no other."""
    return [entry.call for entry in message_calls(message)] == [known.KNOWN]


async def _derendered(probe: Probe, asked: Exchange, readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The same readings, those that dictation left open told by `derender` where the server offers it."""
    found = []
    for reading in readings:
        returned = None
        if reading.returned is None and asked.prompt_ids:
            results = [await _parsed(probe, asked, text) for text in known.WRITTEN[reading.dialect]]
            returned = True if True in results else False if False in results else None
        found.append(reading if returned is None else Reading(reading.dialect, "derender", returned))
    return tuple(found)


async def _parsed(probe: Probe, asked: Exchange, text: str) -> bool | None:
    closing = f"{THINK_CLOSE}\n\n" if asked.prompt_think == "open" else ""
    ids = await probe.tokens(closing + text)
    message = await probe.derender(asked, ids) if ids else None
    if not isinstance(message, dict) or (reasoning_of(message) and not message_calls(message)):
        return None
    return holds_known_call(message)
