"""What a clause tells in words that stand nowhere: a particular of the present case, or a thought about it.

An answer may use words that nobody used before it: it draws conclusions, weighs, advises and explains. It does so in
general words, or it marks that it does. A particular (what happened, why, who, where, when, what a record says) comes
in particular words, told flatly: as an event that took place, as a cause, as what a record shows, as one more thing
beside values that were observed. So a word is strange if nothing in the trajectory holds it and it is no word of the
general vocabulary, and strange words weigh by how the clause tells them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.scorers.fabrication import asking
from harness.scorers.fabrication.bilingual import Bilingual
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.values import keys_of
from harness.scorers.fabrication.words import STOP, stem, token_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.scorers.fabrication.clauses import Clause
    from harness.scorers.fabrication.trajectory import Trajectory


class Support:
    """Finds the strange words of clauses, and how they are told; `source` says where a content word comes from."""

    def __init__(self, trajectory: Trajectory, source: Callable[[str], str]) -> None:
        self.trajectory = trajectory
        self._source = source
        self._why = _WHY.search(trajectory.last_user)
        self._general = asking.ASKED_GENERAL.search(trajectory.last_user) is not None

    def of(self, clause: Clause, *, known: bool) -> dict[str, float]:
        """The signs of a clause; `known` where the text also tells values that were observed."""
        if clause.kind != "prose":
            return {}
        text = clause.text
        plain = normal(text)
        strange = self.strange(plain)
        signs: dict[str, float] = {}
        if "user" in clause.moods and self._unsaid(plain):
            signs["user.unsaid"] = 1.0
        if not strange:
            return signs
        content = token_set(plain)
        if strange >= _ASTRAY and all(self._source(word) == "novel" for word in content):
            signs["astray"] = 1.0
        if self._general or "general" in clause.moods or THOUGHT.search(text) or GENERIC_SUBJECT.search(text):
            return signs | {"thought.strange": 1.0, "thought.strange.many": float(strange >= _MANY)}
        signs["strange.one"] = 1.0
        signs["strange.two"] = float(strange >= _MANY)
        signs["strange.three"] = float(strange > _MANY)
        marks = {
            "event": _EVENT.search(text),
            "cause": _CAUSE.search(text),
            "credited": _CREDITED.search(text),
            "person": _PERSON.search(text),
            "detail": known and _DETAIL.search(text),
            "why": self._why,
            "beside": known and strange >= _MANY,
        }
        signs |= {f"{name}.strange": 1.0 for name, holds in marks.items() if holds}
        return {name: value for name, value in signs.items() if value}

    def strange(self, plain: str) -> int:
        """How many strange words a text in normal form has; two pairs of Han characters count as one word."""
        common = general_words()
        words = [
            word
            for word in token_set(plain)
            if word not in common and _JOINS.isdisjoint(word) and self._source(word) == "novel"
        ]
        han = sum(not word.isascii() for word in words)
        return len(words) - han + han // 2

    def _unsaid(self, plain: str) -> bool:
        """Whether a clause that credits the user with something holds words or values that no message of the user has."""
        words = token_set(plain)
        said = self.trajectory.user_words | token_set(normal(self.trajectory.last_user))
        return sum(self._source(word) == "novel" for word in words - said) >= _MANY or not (
            keys_of(plain) <= self.trajectory.told_keys | self.trajectory.observed_keys
        )


@lru_cache(maxsize=1)
def general_words() -> frozenset[str]:
    """The general vocabulary of both languages, as `token_set` cuts it."""
    text = resources.files("harness.scorers.fabrication").joinpath("vocabulary.json").read_text(encoding="utf-8")
    table = jsonvalue.loads(text)
    english, chinese = (" ".join(table[name]).split() for name in ("english", "chinese"))
    return frozenset(map(stem, english)) | frozenset(chinese) | frozenset(map(stem, STOP))


_MANY, _ASTRAY = 2, 4
"""Strange words that make many; words without any link to the trajectory that make a clause one about something else."""
_JOINS = frozenset("一二三四五六七八九十两几半第按里没已才约每共各该此未")
"""Numerals and particles: a pair of characters that holds one straddles two words, or tells no particular."""
THOUGHT = Bilingual(
    r"\b(?:I['’]d|I would|you['’](?:d|ll)|we['’](?:d|ll)|may|might|could|can|cannot|can['’]t|should|would|must|unlikely|"
    r"presumab\w+|evidently|apparent\w*|seem\w*|appear\w*|suggest\w*|impl(?:y|ies)|meaning|means|i\.e|likely|probabl\w+|possib\w+|"
    r"looks? like|sounds? like|as I read|I (?:think|read|take|guess|assume|suspect|expect)|so (?:it|that|they|he|she|this|the) |in other words|"
    r"typical\w*|usual\w*|common\w*|often|always|in general|whichever|enough|either way|don['’]t)\b",
    r"多半|大概|可能|也许|或许|应该|应当|估计|看来|看起来|看样子|似乎|好像|像是|说明|意味|可见|推测|推断|换句话|也就是|相当于|"
    r"建议|可以|可先|不妨|最好|需要|要不|常见|一般|通常|往往|有些|某些|多数|如果|"
    r"请[您先]|不一定|未必|分不清|看不出|难说",
)
"""Inference, advice and weighing: modals, words of likelihood, what one does in general, the second person."""
GENERIC_SUBJECT = re.compile(
    r"^\W*(?:(?:and|but|or|so|that|while)\s)?(?:an?\s(?:\w+\s){1,4}(?:is|are|comes|means|has|starts|needs|takes|can|may|will)\b|people\b|[a-z]+s\s(?:are|have|need|come|take|start|slow|tend)\b)"
)
"""A subject in general: an indefinite or a bare plural in the present tense."""
_WHY = Bilingual(
    r"\bwhy\b|\bhow come\b|\bwhat (?:went|is|was|happened|caused)\b|\breason\b",
    r"为[啥何]|为什么|怎么(?:会|回事|了)|咋|原因|啥情况|啥毛病",
)
_EVENT = Bilingual(
    r"\b(?:has|have|had|was|were|been|got|is|are)\s(?:\w+ly\s|already\s|just\s|since\s|now\s|also\s|not\s|both\s|all\s|only\s)*[a-z]+(?:ed|en|wn|ght|ade|one|ept|ent|eld|old|et|ut|un|ung|id)\b",
    r"\b(?:already|since|yesterday|ago|again|still|no longer|meanwhile|meantime|afterwards|recently|earlier)\b",
    r"\b(?:he|she|they|it|who|which|that|[A-Z][a-z]+)\s(?:\w+ly\s|also\s|then\s|just\s|since\s)*(?:[a-z]{3,}ed|came|went|got|took|gave|made|said|told|sent|left|put|paid|ran|fell|broke|began|wrote|found|lost|held|kept|met|had|was|were|rang|brought|bought|sold|won|saw|knew|let|hit|cut|shut|set|asked)\b",
    r"已|了(?!解|吗|么)|过(?!程|期|去|滤|大|小|高|低|多|少|长|短|快|慢|来|敏|户)|曾|刚|随后|后来|目前|正在|仍",
)
"""An event told as having taken place, or a state as holding by now."""
_CAUSE = Bilingual(
    r"\b(?:because|due to|owing to|caused by|the cause|the reason|which is why|that is why|that['’]s why|after (?:an?|the|his|her|its|their|our)|as (?:he|she|it|they|the)|thanks to|on account of|following|from the|by (?:hand|mistake|the))\b",
    r"因为|由于|所致|导致|原因|因(?!此|而|子|素)|引起|造成|系(?!统|列|数)|受.{1,8}影响|出于|为此|之所以",
)
"""Why something is so."""
_CREDITED = Bilingual(
    r"\b(?:shows?|showed|says?|said|notes?|noted|lists?|listed|records?|recorded|mentions?|states?|reports?|reporting|reported|flags?|flagged|marked|annotated|tagged|registered|logged|on (?:file|record)|entered|filed|carries|holds|confirms?|confirmed)\b",
    r"显示|备注|注明|标注|标记|记录|记着|登记|写着|写的是|写明|说(?!明)|表示|反馈|称|回复|承诺|确认|报(?:的|了|过)|来自|提到|载明|列(?:为|入)",
)
"""What a record or a person is said to say."""
_PERSON = Bilingual(
    r"\b(?:he|she|they|his|her|their|him|them|who|someone|somebody|staff|the (?:team|customer|manager|owner|supplier|driver|client|patient|parents?|family|crew|office|staff|police|doctor|engineer|technician|operator|vendor|user|guest|landlord|tenant))\b",
    r"[他她]|对方|客户|家长|患者|用户|经理|主管|老师|医生|师傅|同事|供应商|厂家|商家|卖家|买家|司机|工程师|负责人|审批[员人]|值班[员人]|家属|顾客|房东|租客|单位|公司",
)
"""Somebody of whom something is told."""
_DETAIL = Bilingual(
    r"^\W*(?:and|but|with|by|for|from|at|in|on|after|including|also|plus|besides|except|who|which|whose|where)\b|\b(?:also|too|as well|on top|besides|another|in addition|extra|one of them|of which|of it|of them)\b",
    r"^\W*(?:另|还|并|且|同时|其中|不过|但|也|此外|含|由|在|从|附|以及|而且)|另外|还有|其中",
)
"""One more thing, added."""
