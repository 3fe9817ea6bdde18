"""Raw text → attempts at calls: one strict reader a dialect, one scan that knows think blocks and foreign markup.

A reader reports where it stopped and why; it repairs nothing. `scan` is used on raw text and, where no
raw text was recorded, on a message's content.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from harness.dialects import hermes, llama3_json, mistral, pythonic, qwen3_coder
from harness.dialects.attempt import UNPARSED, Attempt, Call, CallDefect, call_of
from harness.dialects.markup import OPENING, SPECIAL, STOP, THINK_CLOSE, THINK_OPEN, without_final_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.records import Dialect, PromptThink
    from harness.toolschema import Toolset

__all__ = ["DIALECTS", "Attempt", "Call", "CallDefect", "Scan", "call_of", "scan"]

DIALECTS: tuple[Dialect, ...] = ("hermes", "qwen3_coder", "qwen3_xml", "llama3_json", "mistral", "pythonic")
"""Names of the dialects that can be read; `qwen3_xml` is another name of `qwen3_coder`."""

_UNDELIMITED = {"llama3_json": llama3_json.read_start, "pythonic": pythonic.read_start}
_LEADING = re.compile(rf"(?:\s+|{SPECIAL.pattern})*")
_TAG = re.compile(f"{re.escape(THINK_OPEN)}|{re.escape(THINK_CLOSE)}")
_OWN = {
    "hermes": (hermes.OPEN,),
    "qwen3_coder": (qwen3_coder.OUTER_OPEN, qwen3_coder.INNER_OPEN),
    "mistral": (mistral.OPEN,),
}
_NOWHERE = (sys.maxsize, sys.maxsize)
_CALL_FOLLOWS = re.compile(r"\s*(?:\{|<function=)")


class Scan(NamedTuple):
    """What a text holds beside plain words.

    `attempts` stand outside closed think blocks, in order of the text. `thinking` are the spans of closed
    blocks, tags included; `unclosed` is where a block opens that never closes. `tags` are all think tags
    (index, whether it opens) but those inside well-formed calls. `stop` is where the final special tokens begin.
    `wrappers` are the spans of other dialects' delimiters that stand directly around own calls.
    """

    text: str
    attempts: tuple[Attempt, ...] = ()
    thinking: tuple[tuple[int, int], ...] = ()
    unclosed: int | None = None
    tags: tuple[tuple[int, bool], ...] = ()
    stop: int = 0
    wrappers: tuple[tuple[int, int], ...] = ()

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
    """One pass over a text, from left to right; each character is looked at a bounded number of times."""

    def __init__(self, text: str, dialect: Dialect | None, tools: Toolset, quoted: str) -> None:
        self.text = text
        self.stop = without_final_tokens(text)
        self.body = text[: self.stop]
        self.dialect = "qwen3_coder" if dialect == "qwen3_xml" else dialect
        self.own = _OWN.get(self.dialect or "", ())
        self.tools = tools
        self.quoted = quoted
        self.attempts: list[Attempt] = []
        self.thinking: list[tuple[int, int]] = []
        self.unclosed: int | None = None
        self.wrappers: list[tuple[int, int]] = []
        self.found: dict[str, int] = {}
        self.known_quotes: dict[str, bool] = {}

    def scan(self, prompt_think: PromptThink) -> Scan:
        position = self.think(0, 0) if prompt_think == "open" else 0
        position = self.undelimited(position)
        while match := STOP.search(self.body, position):
            if match[0] == THINK_OPEN:
                position = match.end() if self.is_talk(match) else self.think(match.start(), match.end())
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
            tuple(self.wrappers),
        )

    def find(self, word: str, position: int) -> int:
        """Where `word` next stands in the text, -1 for nowhere; asked from left to right, so nothing is read twice."""
        known = self.found.get(word, -2)
        if known == -1 or known >= position:
            return known
        known = self.found[word] = self.body.find(word, position)
        return known

    def is_quoted(self, word: str) -> bool:
        """Whether the user wrote this delimiter."""
        known = self.known_quotes.get(word)
        if known is None:
            known = self.known_quotes[word] = word in self.quoted
        return known

    def is_talk(self, match: re.Match[str]) -> bool:
        """Whether `<think>` opens no block: one is open already, or the answer speaks of the tag.

        It does where the tag stands in a code span, and inside a line where the user wrote the tag first.
        """
        start, end = match.span()
        if self.unclosed is not None or (self.body[start - 1 : start] == "`" == self.body[end : end + 1]):
            return True
        return self.is_quoted(THINK_OPEN) and self.is_inside_line(start)

    def is_inside_line(self, position: int) -> bool:
        """Whether words stand before `position` in its line; the end of a tag or a special token is no word."""
        while position and self.body[position - 1] in " \t":
            position -= 1
        return position > 0 and self.body[position - 1] not in "\r\n>]"

    def think(self, start: int, begin: int) -> int:
        """A think block that opens at `start`; returns where reading goes on."""
        close = self.find(THINK_CLOSE, begin)
        if close < 0:
            # A tag that the user wrote first and that nothing closes is quoted: it opens no block.
            if begin == start or not self.is_quoted(THINK_OPEN):
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
        while self.text.startswith(THINK_OPEN, start) and self.find(THINK_CLOSE, start) >= 0:
            position = self.think(start, start + len(THINK_OPEN))
            start = self.leading(position)
        found = read(self.body, start, self.stop)
        self.attempts += found
        return found[-1].end if found else position

    def leading(self, position: int) -> int:
        match = _LEADING.match(self.text, position)
        return match.end() if match else position

    def opening(self, match: re.Match[str]) -> int:
        """An opening delimiter: what it opens, and where reading goes on."""
        own = match[0] in self.own
        quoted = self.is_quoted(match[0]) and not self.is_followed(match)
        if quoted and not own:
            return match.end()
        if not own and (position := self.wrapped(match)):
            self.wrappers.append(match.span())
            return position
        found = self.read(match) if own else [self.foreign(match)]
        if quoted and all(attempt.call is None for attempt in found):
            return match.end()
        self.attempts += found
        return max(match.end(), found[-1].end)

    def is_followed(self, match: re.Match[str]) -> bool:
        """Whether a call follows directly, or the delimiter is itself the inner part of one."""
        if _CALL_FOLLOWS.match(self.body, match.end()):
            return True
        return match[0] == qwen3_coder.INNER_OPEN and self.dialect == "qwen3_coder" and self.is_head(match)

    def is_head(self, match: re.Match[str]) -> bool:
        """Whether `<function=` stands right after `<tool_call>`, as part of one attempt."""
        end = match.start()
        while end and self.body[end - 1].isspace():
            end -= 1
        return self.body.endswith("<tool_call>", 0, end)

    def read(self, match: re.Match[str]) -> list[Attempt]:
        """What a delimiter of the model's own dialect opens."""
        start = match.start()
        if self.dialect == "mistral":
            return mistral.read_at(self.body, start, self.stop)
        if self.dialect == "hermes":
            return [hermes.read_at(self.body, start, self.stop)]
        return [qwen3_coder.read_at(self.body, start, self.stop, self.tools)]

    def wrapped(self, match: re.Match[str]) -> int:
        """Where the model's own call opens that stands directly inside markup of another dialect; 0 for nowhere.

        The markup around a call is no attempt beside it: it is left in the text, where it counts as leaked.
        """
        position = self.leading_space(match.end())
        while following := OPENING.match(self.body, position):
            if following[0] in self.own:
                return position
            position = self.leading_space(following.end())
        return 0

    def foreign(self, match: re.Match[str]) -> Attempt:
        """Markup of another dialect than the model's own: one attempt, whatever it holds but own calls."""
        end = match.end()
        while following := OPENING.match(self.body, self.leading_space(end)):
            end = following.end()
        own = min((index for word in self.own if (index := self.find(word, end)) >= 0), default=self.stop)
        name = match[0].strip("<>[]|")
        for closing in (f"</{name.rstrip('=')}>", f"[/{name}]"):
            index = self.find(closing, end)
            if 0 <= index < own:
                end = index + len(closing)
                break
        return Attempt(match.start(), end, None, (UNPARSED,), match.end())

    def leading_space(self, position: int) -> int:
        while position < self.stop and self.body[position].isspace():
            position += 1
        return position

    def tags(self) -> Iterator[tuple[int, bool]]:
        if "think>" not in self.text:
            return
        calls = iter([(attempt.start, attempt.end) for attempt in self.attempts if attempt.call is not None])
        start, end = next(calls, _NOWHERE)
        for match in _TAG.finditer(self.text):
            while end <= match.start():
                start, end = next(calls, _NOWHERE)
            if match.start() < start:
                yield match.start(), match[0] == THINK_OPEN


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
    if dialect == "hermes" and prompt_think != "open" and (alone := _one_call(text)) is not None:
        return alone
    return _Scanner(text, dialect, tools, quoted).scan(prompt_think)


def _one_call(text: str) -> Scan | None:
    """What most responses that call are: one well-formed call and nothing else; None for all others."""
    if not text.startswith(hermes.OPEN) or "think>" in text:
        return None
    stop = without_final_tokens(text)
    attempt = hermes.read_at(text[:stop], 0, stop)
    return Scan(text, (attempt,), stop=stop) if attempt.call is not None and attempt.end == stop else None
