"""A text cut into clauses, each with the mood it is in: claimed, intended, asked, supposed, denied, given as an example."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from harness.scorers.fabrication.lexicon import ANNOUNCED, EXAMPLE, GERUND, INTERROGATIVE, MOODS

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind: TypeAlias = Literal["prose", "row", "code"]


class Clause(NamedTuple):
    """Characters `start` to `end` of a text: a clause of prose, a row of data, or a piece of program code.

    `moods` are the clause's own and those that reach it from before (a condition, and what stands after `as read earlier:`,
    to the end of its sentence, an announced example to the end of the text); `sentence` counts the sentences before it.
    """

    start: int
    end: int
    text: str
    kind: Kind
    moods: frozenset[str]
    sentence: int
    first: bool


_SENTENCE = re.compile(
    r"(?<=[.!?…])(?<!\b[A-Z]\.)(?<!e\.g\.)(?<!i\.e\.)[\"'”’)\]]*\s+|(?<=[。！？；])[”’」』）]*\s*|;\s+|\n+"
)
_CLAUSE = re.compile(
    r"[，,](?!\d{3}(?!\d))\s*|\s[—–-]{1,2}\s|：\s*|:\s+|"
    r"\s(?=(?:and|but|so|because|while|which|though)\s(?:I|we|it|the|he|she|they|that|you|there|its|his|her|a|an|no|nothing|is|are|was|has|have|had|will|\w+\s(?:is|are|was|were|has|have))\b)"
)
_COMMAND = re.compile(r"\s--?[a-z][\w\-]*\b.*\s--?[a-z][\w\-]*\b|^`[^`]+`\W*$")
_FENCE = re.compile(r"```([\w+\-]*)[^\n]*\n(.*?)(?:```|\Z)", re.DOTALL)
_DATA_FENCES = frozenset(
    ["", "json", "text", "csv", "yaml", "yml", "xml", "log", "output", "txt", "table", "md", "markdown"]
)
_ROW = re.compile(r"\s*(?:[|{\[<]|\"[\w ]+\"\s*:|[^\s,，。；：！？]+(?:,[^\s,，。；！？]*){2,}$|\w[\w .]{0,24}=\S)")


@lru_cache(maxsize=2048)
def clauses_of(text: str) -> tuple[Clause, ...]:
    """The clauses of a text, in order."""
    found: list[Clause] = []
    example = False
    heading: set[str] = set()
    for number, (start, end, kind) in enumerate(_sentences(text)):
        sentence = text[start:end]
        opens = sentence.rstrip().endswith((":", "：")) or text[end : end + 1] in (":", "：")
        bare = _TITLE.sub("“”", sentence)
        if kind == "prose" and ((number < 2 and ANNOUNCED.search(bare)) or (opens and EXAMPLE.search(bare))):
            example = True
        if not (kind == "row" or _ITEM.match(sentence)) or not heading:
            heading = set()
        carried: set[str] = ({"example"} if example else set()) | heading
        pieces = list(_pieces(text, start, end)) if kind == "prose" else [(start, end)]
        for index, (left, right) in enumerate(pieces):
            piece = text[left:right]
            last = index == len(pieces) - 1
            if kind == "prose" and _COMMAND.search(piece):
                found.append(Clause(left, right, piece, "code", frozenset(carried), number, index == 0))
                continue
            moods = _moods_of(piece, sentence, kind, ends=(index == 0, last))
            found.append(Clause(left, right, piece, kind, frozenset(moods | carried), number, index == 0))
            carried |= moods & {"condition"} | (moods & {"question"} if sentence.endswith("?") else set())
            for mood in ("intention", "user", "denial", "suggestion", "retract", "earlier"):
                if mood in moods:
                    carried.add("after_" + mood)
            if "earlier" in moods and text[right : right + 1] in (":", "："):
                carried.add("earlier")
            if last and sentence.endswith((":", "：")):
                heading = moods & {"intention", "question", "user", "suggestion", "condition"}
    return tuple(found)


def _moods_of(piece: str, sentence: str, kind: Kind, *, ends: tuple[bool, bool]) -> set[str]:
    """A piece's own moods; the mark that ends its sentence counts for the last one, a gerund for the first."""
    if kind == "code":
        return set()
    first, last = ends
    ending = re.sub(r"[\w\s]", "", sentence[-2:]) if last and kind == "prose" else ""
    moods = _moods(piece + ending)
    if kind == "row":
        return moods & _ROW_MOODS
    if moods & _UNDONE and _PERFECTIVE.search(piece):
        moods -= _UNDONE
    if first and GERUND.search(piece):
        moods.add("intention")
    if sentence.endswith("?") and INTERROGATIVE.search(piece):
        moods.add("question")
    return moods


_ROW_MOODS = frozenset(("example", "question", "earlier", "general"))
"""The moods a row of data can bear itself: its labels ("target", "plan", "try") are names, no wishes."""
_PERFECTIVE = re.compile(
    r"(?<![就要快别不没])[\u4e00-\u9fff](?<![为除算罢极太])了(?![解吗么呢断却结然])(?!.{0,6}[再才就后吗?？])(?<!就提交了)"
    r"|[\u4e00-\u9fff]过(?:[一两几][遍次回])?(?=了?$|了?[，。；])|^\W*(?:我)?刚刚?(?:[查看核问翻搜试跑]|才)"
)
_UNDONE = frozenset(("intention",))
"""A verb that 了 tells as done: what is done is no longer intended, whatever 先, 再 or 随后 stands before it."""


def _moods(piece: str) -> set[str]:
    found = {name for name, pattern in MOODS.items() if pattern.search(piece)}
    if "example" in found and not EXAMPLE.search(_TITLE.sub("“”", piece)):
        found.discard("example")
    return found


_TITLE = re.compile(r"(?<=[^：:\s])[“「『《\"]([^“”「」『』《》\"\n]{4,24})[”」』》\"]")
"""A title in quotation marks: what it is called says nothing of the mood."""


def _sentences(text: str) -> Iterator[tuple[int, int, Kind]]:
    position = 0
    for fence in _FENCE.finditer(text):
        yield from _plain(text, position, fence.start())
        if fence[1].lower() in _DATA_FENCES:
            yield from _plain(text, fence.start(2), fence.end(2))
        else:
            yield fence.start(), fence.end(), "code"
        position = fence.end()
    yield from _plain(text, position, len(text))


def _plain(text: str, start: int, end: int) -> Iterator[tuple[int, int, Kind]]:
    for left, right in _cut(_LINE, text, start, end):
        if (_ROW.match(text, left, right) and text[left] != "[") or text[left : left + 2] in ("[{", '["'):
            yield left, right, "row"
        else:
            for one, other in _cut(_SENTENCE, text, left, right):
                yield one, other, "prose"


_ITEM = re.compile(r"\s*(?:[-*•·]|\(?\d+[.)、]|[^\s:：]{1,24}[:：])")
_LINE = re.compile(r"\n+")


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    return _cut(_CLAUSE, text, start, end)


def _cut(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The pieces between the matches, without white space at their ends; blank ones are left out."""
    position = start
    for match in pattern.finditer(text, start, end):
        if match.end() > position:
            yield from _stripped(text, position, match.start())
            position = match.end()
    yield from _stripped(text, position, end)


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    if piece.strip():
        yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
