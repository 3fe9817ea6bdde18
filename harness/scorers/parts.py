"""What a response says in words: the text outside its calls and its reasoning, where it stands, and its reasoning."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.dialects.markup import SPECIAL
from harness.scorers.channels import content_text
from harness.scorers.fabrication import Part
from harness.scorers.fabrication.markup import RESULT_MARKUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.dialects import Scan
    from harness.records import Response
    from harness.scorers.channels import Channels

_TOKEN = re.compile(rf"(?:{SPECIAL.pattern})(?:(?:user|assistant|system|model)\b)?")
"""A special token, and the role that a turn's first one names."""


def parts_of(response: Response, channels: Channels) -> tuple[Part, ...]:
    """The pieces of text that can claim something; offsets in a piece are offsets in the text it is named after.

    `content` is the message's content (the raw text where no message was recorded), `before_call` and
    `after_call` are raw text that the message does not show: what the server dropped. Calls, think blocks and
    special tokens are blanked, so that places stay.
    """
    return tuple(part for part in _parts(response, channels) if not part.text.isspace() and part.text)


def _parts(response: Response, channels: Channels) -> Iterator[Part]:
    shown, raw = "", channels.raw
    if response.message is not None:
        text = content_text(response.message)
        shown = _without_tokens(text) if channels.inside is None else _blanked(channels.inside, 0, len(text))
        yield Part(shown, "content")
        reasoning = response.message.get("reasoning") or response.message.get("reasoning_content")
        if isinstance(reasoning, str):
            yield Part(reasoning, "reasoning")
    if raw is None or (response.message is not None and is_a_call_alone(raw)):
        return
    if response.message is None:
        yield Part(_blanked(raw, 0, len(raw.text)), "content")
    else:
        first = raw.attempts[0].start if raw.attempts else len(raw.text)
        before, after = _blanked(raw, 0, first), _blanked(raw, first, len(raw.text))
        if before.strip() not in shown:
            yield Part(before, "before_call" if raw.attempts else "content")
        if after.strip() not in shown:
            yield Part(" " * first + after, "after_call")
    yield Part(_thinking(raw), "reasoning")


def _thinking(scan: Scan) -> str:
    """A text's think blocks in their places, what stands between two of them blank, and a line's end."""
    pieces, position = [], 0
    for start, end in scan.thinking:
        gap = " " * (start - position)
        pieces += ["\n" + gap[1:] if gap and position else gap, scan.text[start:end]]
        position = end
    return "".join(pieces)


def is_a_call_alone(scan: Scan) -> bool:
    """Whether a raw text is one well-formed call and nothing that says anything: the usual case, told at a glance."""
    if len(scan.attempts) != 1 or scan.thinking or scan.unclosed is not None:
        return False
    one = scan.attempts[0]
    around = len(scan.text) - (one.end - one.start)
    return one.call is not None and around <= _AT_A_GLANCE and _is_silent(scan.text[: one.start] + scan.text[one.end :])


_AT_A_GLANCE = 80


@lru_cache(maxsize=256)
def _is_silent(text: str) -> bool:
    return not _without_tokens(text).strip()


def _blanked(scan: Scan, begin: int, end: int) -> str:
    """Characters `begin` to `end` of a text; what is no plain words is blank."""
    spans = [*scan.thinking, *scan.wrappers, *_tokens(scan.text)]
    if scan.unclosed is not None:
        spans.append((scan.unclosed, len(scan.text)))
    # Of a broken call only what was read belongs to it: what a model goes on to write after it is words.
    spans += [
        (call.start, call.end if call.call is not None else max(call.stopped, call.start)) for call in scan.attempts
    ]
    return _blank(scan.text, spans, begin, end)


def _without_tokens(text: str) -> str:
    return _blank(text, _tokens(text), 0, len(text))


def _tokens(text: str) -> list[tuple[int, int]]:
    """Where special tokens stand that say nothing; one that marks a tool's result says what follows it is."""
    return [match.span() for match in _TOKEN.finditer(text) if not RESULT_MARKUP.match(text, match.start())]


def _blank(text: str, spans: list[tuple[int, int]], begin: int, end: int) -> str:
    pieces, position = [], begin
    for low, high in sorted(spans):
        start, stop = max(low, position), min(high, end)
        if stop > start:
            pieces += [text[position:start], " " * (stop - start)]
            position = stop
    return "".join([*pieces, text[position:end]])
