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
    """The clauses of a text, in order; one that is longer than 500 characters is cut.

    A text has as many of them as bear looking at: past the first 100, or the first 8,000 characters, those that say again
    what an earlier one said are left out, and past 400 clauses or 50,000 characters all the rest.
    """
    found: list[Clause] = []
    said: set[str] = set()
    example = False
    heading: frozenset[str] = frozenset()
    reported = [match.span(1) for match in _REPORTED.finditer(text)]
    for number, (start, end, kind) in enumerate(_sentences(text)):
        if _is_over(found, start):
            break
        if text[start:end] in said and _is_long(found, start):
            continue
        sentence = text[start:end]
        example = example or (kind == "prose" and _announces(text, start, end, number))
        if not (kind == "row" or _ITEM.match(sentence)):
            heading = frozenset()
        carried: set[str] = ({"example"} if example else set()) | heading
        pieces = list(_pieces(text, start, end, kind))
        for index, (left, right) in enumerate(pieces):
            piece = text[left:right]
            ends = index == 0, index == len(pieces) - 1
            if _is_over(found, left) or (piece in said and _is_long(found, left)):
                continue
            said.add(piece)
            if kind == "prose" and _COMMAND.search(piece):
                found.append(Clause(left, right, piece, "code", frozenset(carried), number, ends[0]))
                continue
            moods = _moods_of(piece, sentence, kind, ends=ends)
            if any(begin - 1 <= left and right <= end + 2 for begin, end in reported):
                moods -= _REPORTED_MOODS
            found.append(Clause(left, right, piece, kind, frozenset(moods | carried), number, ends[0]))
            carried |= _carried(moods, sentence, text[right : right + 1])
            if ends[1] and sentence.endswith((":", "：")):
                heading = moods & _HEADING
    return tuple(found)


_REPORTED = re.compile(
    r"(?:\b(?:said|says|wrote|writes|reads|noted?|notes|remark\w*|comment\w*|states?|stated)|写的?是?|写着|说|称|备注|注明|反馈|回复|留言|评语)"
    r"\W{0,3}[“\"「『]([^“”\"「」『』\n]{4,300})[”\"」』]",
    re.IGNORECASE,
)
"""What somebody is told to have said, word for word."""
_REPORTED_MOODS = frozenset(("suggestion", "intention", "condition", "general", "policy"))
"""Moods that are the speaker's, not the assistant's, inside what is reported."""
_SURE, _MOST, _LONGEST = 100, 400, 500
_EARLY, _LAST = 8000, 50_000
_HEADING = frozenset(("intention", "question", "user", "suggestion", "condition"))
_AFTER = ("intention", "user", "denial", "suggestion", "retract", "earlier")


def _is_long(found: list[Clause], place: int) -> bool:
    """Whether so much stands before a place that what was said before need not be judged again."""
    return len(found) >= _SURE or place >= _EARLY


def _is_over(found: list[Clause], place: int) -> bool:
    """Whether so much stands before a place that no more is judged."""
    return len(found) >= _MOST or place >= _LAST


def _announces(text: str, start: int, end: int, number: int) -> bool:
    """Whether a sentence makes an example of what follows it."""
    sentence = text[start:end]
    opens = sentence.rstrip().endswith((":", "：")) or text[end : end + 1] in (":", "：")
    bare = _TITLE.sub("“”", sentence)
    return (number < 2 and ANNOUNCED.search(bare) is not None) or (opens and EXAMPLE.search(bare) is not None)


def _carried(moods: frozenset[str], sentence: str, mark: str) -> set[str]:
    """The moods that reach on from a piece to the end of its sentence; `mark` stands after the piece."""
    carried = {"after_" + mood for mood in _AFTER if mood in moods}
    if "condition" in moods:
        carried.add("condition")
    if "question" in moods and sentence.endswith("?"):
        carried.add("question")
    if "earlier" in moods and mark in (":", "："):
        carried.add("earlier")
    return carried


def judged_part(text: str) -> str:
    """A text up to the end of its last clause where it has so many that not all of them are judged, else all of it."""
    clauses = clauses_of(text)
    return text if len(clauses) < _SURE and len(text) < _EARLY else text[: clauses[-1].end if clauses else 0]


def _moods_of(piece: str, sentence: str, kind: Kind, *, ends: tuple[bool, bool]) -> frozenset[str]:
    """A piece's own moods; the mark that ends its sentence counts for the last one, a gerund for the first."""
    if kind == "code":
        return frozenset()
    first, last = ends
    ending = re.sub(r"[\w\s]", "", sentence[-2:]) if last and kind == "prose" else ""
    moods = _moods(piece + ending)
    if kind == "row":
        return frozenset(moods & _ROW_MOODS)
    if moods & _UNDONE and _PERFECTIVE.search(piece):
        moods -= _UNDONE
    if first and GERUND.search(piece):
        moods.add("intention")
    if sentence.endswith("?") and INTERROGATIVE.search(piece):
        moods.add("question")
    return frozenset(moods)


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
    if not found.isdisjoint(_NAMED):
        bare = _TITLE.sub("“”", piece)
        found -= {name for name in _NAMED & found if not MOODS[name].search(bare)}
    return found


_NAMED = frozenset(("example", "retract", "policy", "general"))
"""Moods that a title or a quotation within a clause does not make."""


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


def _pieces(text: str, start: int, end: int, kind: Kind) -> Iterator[tuple[int, int]]:
    """The clauses of a sentence of prose; a row or a piece of code is one."""
    for left, right in _cut(_CLAUSE, text, start, end) if kind == "prose" else [(start, end)]:
        yield from _short(text, left, right)


def _short(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A piece, cut where it is too long: patterns that look back cost the square of what they look through."""
    for left in range(start, end, _LONGEST):
        yield from _stripped(text, left, min(end, left + _LONGEST))


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
