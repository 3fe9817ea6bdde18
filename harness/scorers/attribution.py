"""Where message and raw text disagree: whether that is the server's parser's doing or the model's."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from harness.dialects import scan
from harness.dialects.markup import UNSAID
from harness.scorers.channels import content_text, message_calls
from harness.toolschema import Toolset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.dialects import Scan
    from harness.records import Response, Score
    from harness.scorers.channels import MessageCall

Attribution: TypeAlias = Literal["lost", "repaired", "changed", "dropped", "broken", "untold"]
"""The parser lost a well-formed call, repaired a broken one, returned another one than was written, or dropped
text beside a call; the model wrote broken call markup; or it cannot be told, for the dialect is unknown."""

ATTRIBUTIONS: tuple[Attribution, ...] = get_args(Attribution)
PARSERS: tuple[Attribution, ...] = ("lost", "repaired", "changed", "dropped")
"""Those that are the parser's doing; `broken` is the model's."""

_NO_TOOLS = Toolset([])


def attribute(response: Response, score: Score, *, quoted: str) -> Attribution | None:
    """Whose doing it is that message and raw text of a response disagree; None where they do not.

    One cause a response, the gravest first. A response recorded through one channel only has none.
    `quoted` is what the user wrote.
    """
    message, raw = response.message, response.raw
    if message is None or raw is None or score.state not in ("called", "malformed"):
        return None
    if score.state == "malformed" and response.dialect is None:
        return "untold"
    # Types do not matter here, only where calls stand and what they are named.
    seen = scan(raw, response.dialect, _NO_TOOLS, prompt_think=response.prompt_think, quoted=quoted)
    if score.state == "malformed":
        return _of_malformed(seen, message_calls(message))
    if score.channels_agree is False:
        return "repaired" if _broken(seen) else "changed"
    return "dropped" if score.channels_agree and _drops_text(seen, content_text(message)) else None


def _of_malformed(seen: Scan, entries: Sequence[MessageCall]) -> Attribution:
    """Whose doing a malformed response is; a well-formed call that a broken one beside it took along is lost."""
    written = Counter[str | None](attempt.call.name for attempt in seen.attempts if attempt.call is not None)
    if written - Counter(entry.name for entry in entries):
        return "lost"
    mangled = any(entry.call is None for entry in entries) and bool(seen.attempts) and not _broken(seen)
    return "changed" if mangled else "broken"


def _broken(seen: Scan) -> bool:
    return any(attempt.call is None for attempt in seen.attempts)


def _drops_text(seen: Scan, content: str) -> bool:
    """Whether words that stand beside the calls, outside the reasoning, are not in the message."""
    said = _plain(content)
    return any(_plain(seen.text[start:end]) not in said for start, end in _beside(seen))


def _beside(seen: Scan) -> Iterator[tuple[int, int]]:
    """Where text stands before, between and after the calls, reasoning aside."""
    cuts = [*seen.thinking, *((attempt.start, attempt.end) for attempt in seen.attempts)]
    if seen.unclosed is not None:
        cuts.append((seen.unclosed, len(seen.text)))
    position = 0
    for start, end in [*sorted(cuts), (seen.stop, seen.stop)]:
        if start > position:
            yield position, start
        position = max(position, end)


def unreturned(message: dict[str, Any], seen: Scan) -> list[tuple[int, int]]:
    """Where raw text holds what its message does not: words beside the calls, and calls.

    Well-formed calls pair by name; broken ones by number, because a server may have repaired them.
    """
    content = content_text(message)
    if not seen.attempts and seen.text[: seen.stop] == content:
        return []
    reasoning = message.get("reasoning") or message.get("reasoning_content")
    said = _plain(f"{content} {reasoning if isinstance(reasoning, str) else ''}")
    names = Counter(entry.name for entry in message_calls(message))
    spans, broken = list(_beside(seen)), []
    for attempt in seen.attempts:
        if attempt.call is None:
            broken.append((attempt.start, attempt.end))
        elif names[attempt.call.name]:
            names[attempt.call.name] -= 1
        else:
            spans.append((attempt.start, attempt.end))
    if len(broken) > names.total():
        spans += broken
    return sorted((start, end) for start, end in spans if _plain(seen.text[start:end]) not in said)


def _plain(text: str) -> str:
    return " ".join(UNSAID.sub(" ", text).split())
