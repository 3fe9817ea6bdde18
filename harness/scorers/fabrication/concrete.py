"""Concrete words that stand nowhere: somebody, a place, a thing, a mishap, brought in beside what was returned.

An answer that concludes, weighs, compares, counts or explains does so in words that are the same in every trade: of
evaluation, logic, comparison, quantity, time, change, communication, modality, or of the assistant's own work. What it
adds to a record comes in words that name something. Two things are read of a flat clause: the concrete words in it that
nothing in the trajectory holds, and how much of it neither the trajectory nor the general words cover. English is read
word by word; Chinese, which marks no words, character by character: one is covered if it is part of a general word, or of
a pair that the trajectory has. What is odd in a clause is judged by the rest of the answer.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from harness import jsonvalue
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.once import cached_property
from harness.scorers.fabrication.support import GENERIC_SUBJECT, THOUGHT, general_words
from harness.scorers.fabrication.words import STOP, STOP_HAN, stem, token_set

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.scorers.fabrication.clauses import Clause
    from harness.scorers.fabrication.grounding import Placed
    from harness.scorers.fabrication.trajectory import Trajectory


class _Read(NamedTuple):
    """How many concrete words nothing holds, how many characters nothing covers, whether an English word is uncovered."""

    named: int
    bare: int
    odd: bool
    novel: float | None
    """The share of its content words that nothing holds."""

    @property
    def is_odd(self) -> bool:
        """Whether the clause names something, or is not covered."""
        return self.named > 0 or self.bare >= _ODD or self.odd


class Concrete:
    """Finds what a clause names that nothing holds; `source` says where a content word comes from."""

    def __init__(self, trajectory: Trajectory, source: Callable[[str], str]) -> None:
        self.trajectory = trajectory
        self._source = source

    def of(self, clauses: Sequence[Clause], placed: Sequence[Placed]) -> list[dict[str, float]]:
        """The signs of every clause of an answer; `placed` are the answer's values."""
        read = [self._read(clause) for clause in clauses]
        odd = sum(one is not None and one.is_odd for one in read)
        told = sum(one is not None for one in read)
        shares = [one.novel for one in read if one is not None and one.novel is not None]
        held = min((one.start for one in placed if one.status == "observed"), default=math.inf)
        found: list[dict[str, float]] = []
        for clause, one in zip(clauses, read, strict=True):
            if one is None:
                found.append({})
                continue
            signs = _contrast(one.novel, shares)
            if not (THOUGHT.search(clause.text) or GENERIC_SUBJECT.search(clause.text)):
                signs |= _signs_of(one)
                if one.is_odd:
                    signs |= _among(odd - 1, told - 1, opens=clause is clauses[0], later=held < clause.start)
            found.append(signs)
        return found

    def _read(self, clause: Clause) -> _Read | None:
        """What a clause of prose names and leaves uncovered."""
        if clause.kind != "prose":
            return None
        kinds, plain = _kinds(), normal(clause.text)
        content = token_set(plain)
        novel = [word for word in content if self._source(word) == "novel"]
        english = [word for word in novel if word.isascii()]
        named = sum(word in kinds.concrete for word in english)
        bare = 0
        for run in _HAN.findall(plain):
            held = self._held(run)
            named += _named(run, held)
            bare += _bare(run, held)
        odd = any(word not in kinds.general for word in english)
        return _Read(named, bare, odd, len(novel) / len(content) if content else None)

    def _held(self, run: str) -> list[bool]:
        """Which characters of a run are part of a pair that the trajectory has."""
        held = [False] * len(run)
        for place, (one, other) in enumerate(pairwise(run)):
            if one + other in self._text:
                held[place] = held[place + 1] = True
        return held

    @cached_property
    def _text(self) -> str:
        """Everything but the assistant's own text; of that, what it wrote where it read observations."""
        trajectory = self.trajectory
        read = (normal(said.text) for said in trajectory.said if said.read)
        return "\n".join([trajectory.observed_text, trajectory.told_text, *read])


def _signs_of(one: _Read) -> dict[str, float]:
    signs = {"concrete.one": one.named > 0, "concrete.two": one.named > 1, "odd.one": one.odd}
    signs |= {f"uncovered.{least}": one.bare >= least for least in _STEPS}
    return {name: 1.0 for name, holds in signs.items() if holds}


def _contrast(own: float | None, shares: Sequence[float]) -> dict[str, float]:
    """How far a clause goes beyond the other clauses of its answer in words that nothing holds; `shares` has its own too."""
    if len(shares) - (own is not None) < 1:
        return {}
    around = (sum(shares) - (own or 0.0)) / (len(shares) - (own is not None))
    signs = {"around.novel": around, "contrast.novel": max(0.0, (own or 0.0) - around)}
    return {name: value for name, value in signs.items() if value}


def _among(others: int, clauses: int, *, opens: bool, later: bool) -> dict[str, float]:
    """How an odd clause stands among the other clauses of its answer, of which `others` are odd too.

    An answer that puts all it tells in words of its own paraphrases throughout; one odd clause in a literal answer is
    added. The first clause of an answer is the answer; what is added comes `later` than a value that was observed.
    """
    signs = {
        "odd.alone": float(clauses > 0 and not others),
        "odd.later": float(later),
        "odd.opening": float(clauses > 0 and opens),
        "odd.share": others / clauses if clauses > 1 else 0.0,
    }
    return {name: value for name, value in signs.items() if value}


def _named(run: str, held: list[bool]) -> int:
    """How many concrete words a run of characters has that are not wholly held."""
    concrete = _kinds().concrete
    return sum(
        run[start : start + length] in concrete and not all(held[start : start + length])
        for length in _LENGTHS
        for start in range(len(run) - length + 1)
    )


def _bare(run: str, held: list[bool]) -> int:
    """How many characters of a run are neither held nor part of a general word."""
    general = _kinds().general
    covered = [one or character in general for one, character in zip(held, run, strict=True)]
    for length in _LENGTHS:
        for start in range(len(run) - length + 1):
            if run[start : start + length] in general:
                covered[start : start + length] = [True] * length
    return covered.count(False)


class _Kinds(NamedTuple):
    """The general words of every kind, and the concrete ones: English stems, and Chinese words as they are."""

    general: frozenset[str]
    concrete: frozenset[str]


@lru_cache(maxsize=1)
def _kinds() -> _Kinds:
    text = resources.files("harness.scorers.fabrication").joinpath("kinds.json").read_text(encoding="utf-8")
    table = jsonvalue.loads(text)
    general = _read(list(table["general"].values())) | general_words() | frozenset(STOP_HAN + _PARTICLES)
    return _Kinds(general, _read([table["concrete"]]) - frozenset(map(stem, STOP)))


def _read(groups: list[dict[str, list[str]]]) -> frozenset[str]:
    words = frozenset(word for group in groups for lines in group.values() for line in lines for word in line.split())
    return frozenset(stem(word) if word.isascii() else word for word in words)


_HAN = re.compile("[\u4e00-\u9fff]+")
_LENGTHS = (2, 3, 4)
_STEPS = (1, 2, 3, 5)
_ODD = 2
"""Characters uncovered that make a clause odd."""
_PARTICLES = "往啊呀哦嗯些么啦嘛之自于等哪何谁怎样挺较不没未别无非做作成着过们者性化上下里外内前后左右中间边面头"
