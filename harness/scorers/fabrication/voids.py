"""Fields that a record leaves void or says no to, and clauses that fill or affirm them.

A void field is null, blank, a dash, `缺`, `to be named`. A clause fills it where it names what no other field of the record
is called or holds, denies and defers nothing, and tells of it a value or a word that the record does not hold. A field that is false or zero is
affirmed where it is named so, whatever is told of it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.once import cached_property
from harness.scorers.fabrication.words import GENERIC, supported, token_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.scorers.fabrication.clauses import Clause
    from harness.scorers.fabrication.fields import Fields
    from harness.scorers.fabrication.grounding import Placed
    from harness.scorers.fabrication.record import Field, Record

_VOID = re.compile(
    r"\W*(?:null|none|nil|n/?a|tb[adc]|to be \w+|unknown|unassigned|not (?:yet )?\w+|空缺?|无|缺失?|未[\u4e00-\u9fff]{1,3}|待[\u4e00-\u9fff]{1,3}|暂无)?\W*"
)
_INLINE = re.compile(
    r"([a-z\u4e00-\u9fff]{2,12})\s(?:空|缺|无|未[\u4e00-\u9fff]|null|none|tbd|n/a|-)(?=\s*(?:[;；，,。\n]|$))"
)
_NO = frozenset(("false", "no", "否", "off", "n", "never", "0", "0.0", "0.00"))
_LITTLE = re.compile(
    r"\b(?:off|false|closed|inactive|dis\w+ed|0|free of|sold out|gone|full|out of|cannot|in[a-z]+able|rejected|refused|failed|fails?|long past|over|"
    r"must|should|may|might|can|could|will|would|when|once|before|after|than|whether|how|needs?|want\w*|ask\w*|plan\w*)\b|['’](?:ll|d)\b|"
    r"[零0免罄满断若要须]|失败|拒|需|应[该当]|可[以能]|(?<!申)请(?!假)|如果|[再才将想就]|[之以]前|之后|是否|规定"
)
"""What tells of little or none, or of another time, in other words than a denial."""
_NAY = re.compile(
    r"\b(?:not?|none|nobody|never|nothing|neither|nor|without|un[a-z]+ed|unknown|empty|blank|missing|lacks?|zero|null|open|pending|"
    r"yet|until|unless|only|if|waiting|awaits?|to be)\b|n['’]t\b|[不没无未非否空缺待尚暂等?？]|以外",
)


class Voids:
    """Judges what clauses tell of void fields against one trajectory."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields

    def of(self, clause: Clause, values: Sequence[Placed]) -> dict[str, float]:
        """The signs of a clause."""
        if clause.kind != "prose" or not self.fields.records:
            return {}
        plain = normal(clause.text)
        if _NAY.search(plain):
            return {}
        words = token_set(plain)
        about = self.fields.about(plain)
        if self._affirmed(plain, words, about):
            return {"no.told": 1.0}
        told = self.fields.trajectory.fresh and self._told(words, values, about)
        return {"void.told": 1.0} if told else {}

    def _told(self, words: frozenset[str], values: Sequence[Placed], about: Sequence[Record]) -> bool:
        """Whether a clause names a void field of the records it can be about, and tells what they do not hold."""
        void = [
            label for record in about for label in voids_of(record) if any(supported(word, words) for word in label)
        ]
        held = frozenset().union(*(_filled(record) for record in about))
        label = next((one for one in void if not one & held), None)
        if label is None:
            return False
        known = frozenset().union(*(record.keys for record in about))
        told = {key for one in values if one.status != "free" for key in one.value.keys}
        return bool(told - known) or any(not supported(word, self._known) for word in words - label)

    def _affirmed(self, plain: str, words: frozenset[str], about: Sequence[Record]) -> bool:
        """Whether a clause names a field that is false or zero in every record it can be about, and is called like no other."""
        named = {
            field.label
            for record in about
            for field in record.fields
            if field.value in _NO and _is_called(field, words) and _alone(field, record)
        }
        if not named or _LITTLE.search(plain):
            return False
        return any(
            all(field.value in _NO for record in about for field in record.fields if field.label == label)
            for label in named
        )

    @cached_property
    def _known(self) -> frozenset[str]:
        trajectory = self.fields.trajectory
        return trajectory.observed_words | trajectory.tool_words


def _is_called(field: Field, words: frozenset[str]) -> bool:
    """Whether a clause of these words names a field by all that its label says."""
    own = field.words - GENERIC
    return bool(own) and all(supported(word, words) for word in own)


def _alone(field: Field, record: Record) -> bool:
    """Whether no other field of the record is called, or holds, what a field is called."""
    own = field.words - GENERIC
    return not any(own & (other.words | other.told) for other in record.fields if other is not field)


@lru_cache(maxsize=4096)
def _filled(record: Record) -> frozenset[str]:
    """The words of the labels of the fields that are not void."""
    return frozenset().union(*(token_set(field.label) for field in record.fields if not _VOID.fullmatch(field.value)))


@lru_cache(maxsize=4096)
def voids_of(record: Record) -> tuple[frozenset[str], ...]:
    """The words of the label of each void field that stand for it alone."""
    void = [field for field in record.fields if _VOID.fullmatch(field.value)]
    labels = [token_set(field.label) for field in void] + [token_set(one) for one in _INLINE.findall(record.text)]
    if not labels:
        return ()
    others = [field for field in record.fields if field not in void]
    taken = frozenset().union(GENERIC, _filled(record), *(field.told for field in others))
    return tuple(label for one in labels if (label := frozenset(word for word in one if not supported(word, taken))))
