"""A tool and what it was asked for: another value of the same parameter is another question, answered only by a call.

That the new value stands in some other record (`5号厅` in a list of shows, a date beside a fault code) answers nothing: what
the tool said of the first entity is told of the second one all the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from harness import jsonvalue
from harness.scorers.fabrication import asking
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.lexicon import ASKED_BACK, NEGATION, REWORK
from harness.scorers.fabrication.once import cached_property
from harness.scorers.fabrication.values import keys_of, values_of
from harness.scorers.fabrication.words import GENERIC, supported, token_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.scorers.fabrication.clauses import Clause
    from harness.scorers.fabrication.grounding import Placed
    from harness.scorers.fabrication.trajectory import Observation, Trajectory

_LATEST, _ROWS = 12, 40
_SAME = re.compile(
    r"\b(?:same|likewise|identical\w*|alike|no different)\b|同样|同一|一样|相同|一致|差不多|照旧", re.IGNORECASE
)
_TOO = re.compile(r"\b(?:too|as well)\W*$|\balso\b|也(?!许)", re.IGNORECASE)
_PLAIN = re.compile(r"[\d.]{1,3}|(?:19|20)\d\d|[\d.]+")


class Form(NamedTuple):
    """How the values of one parameter of one tool are written, and which of them were called for."""

    tool: str
    pattern: re.Pattern[str] | None
    called: frozenset[str]


class Pairs:
    """Finds what is told of values that a tool was not asked for, against one trajectory."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory
        self._carried: tuple[int, int, frozenset[tuple[str, str]]] = (0, -1, frozenset())

    def of(self, clause: Clause, values: Sequence[Placed], text: str, *, new: bool) -> dict[str, float]:
        """The signs of a clause beside no call; `new` where the request names an entity that was not looked up."""
        if self.trajectory.fresh or not self.forms or "earlier" in clause.moods:
            return {}
        signs: dict[str, float] = {}
        plain = normal(clause.text)
        peers = self._peers(plain)
        if peers is not None:
            where, sentence, carried = self._carried
            if not peers and (where, sentence) == (id(text), clause.sentence):
                peers = carried
        peers = peers or frozenset()
        self._carried = (id(text), clause.sentence, peers)
        told = _SAME.search(plain) or (_TOO.search(plain) and (peers or self._names_new(plain)))
        if (new or self._asked) and told and not NEGATION.search(plain):
            signs["same.unlooked"] = 1.0
        if any(self._strays(tool, peer, plain, values) for tool, peer in peers):
            signs["pair.told"] = 1.0
        return signs

    def _names_new(self, plain: str) -> bool:
        """Whether a clause holds a word or a value that the latest user message brought in."""
        trajectory = self.trajectory
        return bool(keys_of(plain) & trajectory.new_keys or token_set(plain) & trajectory.new_words)

    @cached_property
    def forms(self) -> list[Form]:
        """The forms of what tools were called for."""
        called: dict[tuple[str, str], dict[str, str]] = {}
        for seen in self.trajectory.observations[-_LATEST:]:
            arguments = jsonvalue.loads_plain(seen.arguments)
            if arguments is None or not isinstance(arguments[0], dict):
                continue
            for name, leaf in arguments[0].items():
                if isinstance(leaf, str | int) and not isinstance(leaf, bool):
                    called.setdefault((seen.tool, name), {})[normal(str(leaf)).strip()] = str(leaf)
        found = []
        for (tool, _), leaves in called.items():
            if any(_is_day(leaf) for leaf in leaves.values()):
                found.append(Form(tool, None, frozenset().union(*map(keys_of, leaves))))
            plain = [leaf for leaf, told in leaves.items() if not _is_day(told)]
            shapes = {_RUN.sub("0", leaf) for leaf in plain if len(leaf) <= _LONGEST and not _PLAIN.fullmatch(leaf)}
            found += [Form(tool, _form(shape), frozenset(leaves)) for shape in sorted(shapes) if "0" in shape]
        return found

    @cached_property
    def _asked(self) -> bool:
        """Whether the latest user message names a value that the tool asked last was not asked for."""
        trajectory = self.trajectory
        asked = trajectory.last_user
        if REWORK.search(asked) or ASKED_BACK.search(asked) or asking.COMPUTE_ASKED.search(asked):
            return False
        last = trajectory.observations[-1].tool
        plain = normal(asked)
        told = [seen for seen in trajectory.observations if seen.tool == last]
        return any(
            tool == last and not any(peer in seen.body.text or peer in seen.body.keys for seen in told)
            for tool, peer in self._peers(plain) or ()
        )

    def _peers(self, plain: str) -> frozenset[tuple[str, str]] | None:
        """The values of called forms that no call had; None where one is named that a call had."""
        found: set[tuple[str, str]] = set()
        days = [one.keys for one in values_of(plain) if one.kind == "date"]
        for form in self.forms:
            if form.pattern is None:
                peers = {keys[-1] for keys in days if form.called.isdisjoint(keys)}
                known = len(peers) < len({keys[-1] for keys in days})
            else:
                named = set(form.pattern.findall(plain))
                peers = named - form.called
                known = len(peers) < len(named)
            if known:
                return None
            found |= {(form.tool, peer) for peer in peers}
        return frozenset(found)

    def _strays(self, tool: str, peer: str, plain: str, values: Sequence[Placed]) -> bool:
        """Whether a clause tells of a value what only the tool's observations of others hold."""
        held = [seen for seen in self.trajectory.observations if seen.tool == tool]
        own = self._own(peer)
        keys = frozenset().union(*(keys_of(text) for text in own))
        strange = [one.value for one in values if one.status == "observed" and keys.isdisjoint(one.value.keys)]
        if any(seen.tool == tool for value in strange for seen in self.trajectory.holding(value.keys)):
            return True
        known = frozenset().union(*(token_set(text) for text in own)) | token_set(normal(self.trajectory.last_user))
        told = frozenset().union(*(seen.body.words for seen in held))
        words = token_set(plain) - GENERIC - token_set(peer)
        return any(supported(word, told) and not supported(word, known) for word in words)

    def _own(self, peer: str) -> list[str]:
        """What the records that hold a value say, and the calls made with it."""
        found = [seen.asked for seen in self.trajectory.observations if peer in seen.asked]
        named = peer.isascii() and sum(map(str.isalpha, peer)) > 1  # such a key stands in the text as it is
        seen: Observation
        for seen in self.trajectory.observations[-_LATEST:]:
            for entry in seen.body.entries[:_ROWS]:
                text = normal(entry.text)
                if peer in text or (not (named and entry.text.isascii()) and peer in entry.keys):
                    found.append(text + " " + normal(" ".join(name for name, _ in entry.fields)))
            if peer in seen.asked:
                found.append(seen.body.text)
        return found


def _is_day(leaf: str) -> bool:
    """Whether a value is a date and hardly anything else."""
    values = values_of(leaf)
    return len(values) == 1 and values[0].kind == "date" and len(leaf.strip()) <= len(values[0].text) + 1


@lru_cache(maxsize=2048)
def _form(shape: str) -> re.Pattern[str]:
    """What matches the values of one shape, in which a zero stands for a run of digits."""
    pattern = _MARK.sub(r"\\\1", shape).replace("0", r"\d+")
    return re.compile(rf"(?<![\w/.\-]){pattern}(?![\w/\-])", re.ASCII)


_RUN, _MARK = re.compile(r"\d+"), re.compile(r"([^\w\s])")
_LONGEST = 40
