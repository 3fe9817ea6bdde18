"""Raw text → attempts at calls: one strict reader a dialect, one scan that knows think blocks and foreign markup.

A reader reports where it stopped and why; it repairs nothing. `scan` is used on raw text and, where no
raw text was recorded, on a message's content.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from harness.dialects import hermes, llama3_json, mistral, pythonic, qwen3_coder
from harness.dialects.attempt import UNPARSED, Attempt, Call, CallDefect, call_of
from harness.dialects.markup import OPENING, SPECIAL, STOP, THINK_CLOSE, THINK_OPEN, without_final_tokens

if TYPE_CHECKING:
    from harness.records import Dialect, PromptThink
    from harness.toolschema import Toolset

__all__ = ["DIALECTS", "Attempt", "Call", "CallDefect", "Scan", "call_of", "scan"]

DIALECTS: tuple[Dialect, ...] = ("hermes", "qwen3_coder", "qwen3_xml", "llama3_json", "mistral", "pythonic")
"""Names of the dialects that can be read; `qwen3_xml` is another name of `qwen3_coder`."""

_UNDELIMITED = {"llama3_json": llama3_json.read_start, "pythonic": pythonic.read_start}
_LEADING = re.compile(rf"(?:\s+|{SPECIAL.pattern})*")
_TAG = re.compile(f"{re.escape(THINK_OPEN)}|{re.escape(THINK_CLOSE)}")
_CALL_FOLLOWS = re.compile(r"\s*(?:\{|<function=)")


class Scan(NamedTuple):
    """What a text holds beside plain words.

    `attempts` stand outside closed think blocks, in order of the text. `thinking` are the spans of closed
    blocks, tags included; `unclosed` is where a block opens that never closes. `tags` are all think tags
    (index, whether it opens) but those inside well-formed calls. `stop` is where the final special tokens begin.
    """

    text: str
    attempts: tuple[Attempt, ...] = ()
    thinking: tuple[tuple[int, int], ...] = ()
    unclosed: int | None = None
    tags: tuple[tuple[int, bool], ...] = ()
    stop: int = 0

    def without(self, *, calls: bool, final_tokens: bool) -> str:
        """The text outside the reasoning; without well-formed calls and final special tokens if asked."""
        end = self.stop if final_tokens else len(self.text)
        cuts = [*self.thinking, *([(self.unclosed, len(self.text))] if self.unclosed is not None else ())]
        if calls:
            cuts += [(attempt.start, attempt.end) for attempt in self.attempts if attempt.call is not None]
        if not cuts:
            return self.text[:end]
        parts, position = [], 0
        for start, stop in sorted(cuts):
            parts.append(self.text[position : min(start, end)] if start > position else "")
            position = max(position, stop)
        parts.append(self.text[position:end])
        return "".join(parts)


class _Scanner:
    """One pass over a text, from left to right."""

    def __init__(self, text: str, dialect: Dialect | None, tools: Toolset, quoted: str) -> None:
        self.text = text
        self.dialect = "qwen3_coder" if dialect == "qwen3_xml" else dialect
        self.tools = tools
        self.quoted = quoted
        self.stop = without_final_tokens(text)
        self.attempts: list[Attempt] = []
        self.thinking: list[tuple[int, int]] = []
        self.unclosed: int | None = None

    def scan(self, prompt_think: PromptThink) -> Scan:
        position = self.think(0, 0) if prompt_think == "open" else 0
        position = self.undelimited(position)
        while match := STOP.search(self.text, position, self.stop):
            if match[0] == THINK_OPEN:
                position = match.end() if self.unclosed is not None else self.think(match.start(), match.end())
            elif match[0] == THINK_CLOSE:
                position = match.end()
            else:
                position = self.opening(match)
        return Scan(
            self.text,
            tuple(self.attempts),
            tuple(self.thinking),
            self.unclosed,
            tuple(self.tags()),
            self.stop,
        )

    def think(self, start: int, begin: int) -> int:
        """A think block that opens at `start`; returns where reading goes on."""
        close = self.text.find(THINK_CLOSE, begin)
        if close < 0:
            # A tag that the user wrote first and that nothing closes is quoted: it opens no block.
            if begin == start or THINK_OPEN not in self.quoted:
                self.unclosed = start
            return begin
        end = close + len(THINK_CLOSE)
        self.thinking.append((start, end))
        return end

    def undelimited(self, position: int) -> int:
        """Calls of a dialect without delimiters: only what the text starts with, reasoning and tokens aside."""
        read = _UNDELIMITED.get(self.dialect or "")
        if read is None:
            return position
        start = self.leading(position)
        while self.text.startswith(THINK_OPEN, start) and self.text.find(THINK_CLOSE, start) >= 0:
            position = self.think(start, start + len(THINK_OPEN))
            start = self.leading(position)
        found = read(self.text, start, self.stop)
        self.attempts += found
        return found[-1].end if found else position

    def leading(self, position: int) -> int:
        match = _LEADING.match(self.text, position)
        return match.end() if match else position

    def opening(self, match: re.Match[str]) -> int:
        """An opening delimiter: what it opens, and where reading goes on."""
        found = self.read(match)
        if match[0] in self.quoted and all(attempt.call is None for attempt in found):
            quoted = not _CALL_FOLLOWS.match(self.text, match.end())
            if quoted and not (match[0] == "<function=" and self.dialect == "qwen3_coder" and self.is_head(match)):
                return match.end()
        self.attempts += found
        return max(match.end(), found[-1].end)

    def is_head(self, match: re.Match[str]) -> bool:
        """Whether `<function=` stands right after `<tool_call>`, as part of one attempt."""
        return self.text[: match.start()].rstrip().endswith("<tool_call>")

    def read(self, match: re.Match[str]) -> list[Attempt]:
        token, start = match[0], match.start()
        if token == hermes.OPEN and self.dialect == "hermes":
            return [hermes.read_at(self.text, start, self.stop)]
        if token in ("<tool_call>", "<function=") and self.dialect == "qwen3_coder":
            return [qwen3_coder.read_at(self.text, start, self.stop, self.tools)]
        if token == mistral.OPEN and self.dialect == "mistral":
            return mistral.read_at(self.text, start, self.stop)
        return [self.foreign(match)]

    def foreign(self, match: re.Match[str]) -> Attempt:
        """Markup of another dialect than the model's own: one attempt, whatever it holds."""
        end = match.end()
        while following := OPENING.match(self.text, self.leading_space(end), self.stop):
            end = following.end()
        name = match[0].strip("<>[]|")
        for closing in (f"</{name.rstrip('=')}>", f"[/{name}]"):
            index = self.text.find(closing, end, self.stop)
            if index >= 0:
                end = index + len(closing)
                break
        return Attempt(match.start(), end, None, (UNPARSED,), match.end())

    def leading_space(self, position: int) -> int:
        while position < self.stop and self.text[position].isspace():
            position += 1
        return position

    def tags(self) -> list[tuple[int, bool]]:
        if "think>" not in self.text:
            return []
        calls = [(attempt.start, attempt.end) for attempt in self.attempts if attempt.call is not None]
        return [
            (match.start(), match[0] == THINK_OPEN)
            for match in _TAG.finditer(self.text)
            if not any(start <= match.start() < end for start, end in calls)
        ]


def scan(text: str, dialect: Dialect | None, tools: Toolset, *, prompt_think: PromptThink, quoted: str) -> Scan:
    """Everything in `text` that is no plain word.

    Args:
        text: raw text of a generation, or a message's content.
        dialect: the dialect the model was taught; None finds delimiters of every dialect but reads none.
        tools: the offered tools; some dialects type their values by them.
        prompt_think: whether the chat template opened or closed a think block before the text.
        quoted: the user's words; a tag quoted from them is no attempt unless a call follows it.
    """
    if dialect not in ("llama3_json", "pythonic") and prompt_think != "open" and not STOP.search(text):
        return Scan(text, stop=without_final_tokens(text))
    return _Scanner(text, dialect, tools, quoted).scan(prompt_think)
