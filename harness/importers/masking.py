"""Secrets and personal data in real conversations, replaced by harmless values of the same form.

The same value gets the same replacement throughout a conversation, however it is written (`4111 1111 1111 1111` and
4111111111111111) and wherever it stands, so that what an argument repeats from a message, it still repeats. For that a
conversation is read first, whole: a password that one message labels is then found where nothing tells it. A
replacement has the type and the shape of what it replaces. What is neither told nor has a form of its own stays as it
is: names of people, street addresses.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING

from harness.importers.forms import FORMS, KEY_BLOCK, PHONE, stand_in
from harness.importers.telling import told_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.importers.forms import Form
    from harness.jsonvalue import JsonValue

_TRIES = 1000
"""After so many numbers a replacement is taken that another value has already: three digits have no more of them."""
_DIALLED_BEFORE = re.compile(
    r"(?:(?:\+|00)[0-9]{1,3}[ ().-]{0,3}(?:\(0\) ?)?|(?<![0-9])[01][ ().-]{0,2}|(?<![0-9])[0-9]{1,4}|\()\Z"
)
"""A country's code, or what is dialled for one's own country, right before a number."""


class Mask:
    """The replacements of one conversation.

    What `public` holds, the declarations of the tools, stays wherever it stands: what everybody is told is no secret,
    and an argument has to be one that its schema allows.
    """

    def __init__(self, *, ips: bool = False, public: JsonValue = None) -> None:
        self.counts: Counter[str] = Counter()
        """How many different values of each kind were replaced."""
        self._forms = (KEY_BLOCK, *(form for form in FORMS if ips or form.name != "ip"))
        self._public = dict.fromkeys(_texts(public))  # in their order, which a set would not keep
        self._known: set[tuple[str, str]] = set()
        """Kind and identity of every value that was found."""
        self._numbers: dict[tuple[str, str], int] = {}
        """By them, the number of the replacement; and of the replacement itself, which is not replaced again."""
        self._secrets: dict[str, str] = {}
        """What no form tells: what is put in its place, in JSON text too; longest first."""
        self._waiting: list[str] = []
        """Secrets that have no replacement yet: it must be none of the values that are read later."""
        self._bare: dict[str, Form] = {}
        """Digits that are looked for where they stand without their form."""
        self._phones: dict[str, str] = {}
        """Of each phone number the first that was read of those that end alike."""
        self._given: Counter[str] = Counter()
        self._read: set[str] = set()
        self._public_values = {
            (form.name, self._identity(form, text[start:end]))
            for text in self._public
            for form in self._forms
            for start, end in form.places(text)
        }

    def read(self, value: JsonValue) -> None:
        """Looks for what has to be masked, in all texts that are masked from now on."""
        if isinstance(value, str) and value in self._read:
            return
        texts = [*_texts(value)]
        self._read.update(texts)
        for found in told_in(value):
            if found.kind == "phone":
                self._note(PHONE, found.text)
            elif found.text not in self._public and found.text not in self._secrets:
                self._secrets[found.text] = found.text
                self._waiting.append(found.text)
        for text in texts:
            for form in self._forms:
                for start, end in form.places(text):
                    self._note(form, text[start:end])

    def text(self, text: str) -> str:
        """A text with everything replaced."""
        self.read(text)
        return self._replaced(text)

    def value(self, value: JsonValue) -> JsonValue:
        """A JSON value with everything replaced in texts, whole numbers and keys; what the tools declare stays."""
        self.read(value)
        return self._within(value)

    def _within(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            return self._replaced(value)
        if isinstance(value, list):
            return [self._within(item) for item in value]
        if isinstance(value, dict):
            return {self._replaced(key): self._within(item) for key, item in value.items()}
        if isinstance(value, int) and not isinstance(value, bool):
            return int(self._replaced(str(value)))
        return value

    def _replaced(self, text: str) -> str:
        self._settle()
        taken, changes = bytearray(len(text)), []
        for start, end, kind in self._places(text):
            if 1 not in taken[start:end]:
                taken[start:end] = b"\1" * (end - start)
                value = text[start:end]
                made = self._secrets[value] if kind is None else self._made(kind, value)
                changes.append((start, end, made))
        position, parts = 0, []
        for start, end, made in sorted(changes):
            parts += [text[position:start], made]
            position = end
        return "".join([*parts, text[position:]])

    def _places(self, text: str) -> Iterator[tuple[int, int, Form | None]]:
        """Where something may be to replace, and its form; where two overlap, the first counts."""
        key_block, *forms = self._forms
        for start, end in key_block.places(text):
            yield start, end, key_block
        for secret in self._secrets:
            start = text.find(secret)
            while start >= 0:
                end = start + len(secret)
                if _stands_alone(text, start, end):
                    yield start, end, None
                start = text.find(secret, end)
        for form in forms:
            for start, end in form.places(text):
                yield start, end, form
        yield from self._bare_numbers(text)

    def _bare_numbers(self, text: str) -> Iterator[tuple[int, int, Form]]:
        """Where known digits stand alone, or grouped in another way than their form has them."""
        if not self._bare:
            return
        places = [found.start() for found in re.finditer("[0-9]", text)]
        run = "".join(text[place] for place in places)
        for digits, form in self._bare.items():
            at = run.find(digits)
            while at >= 0:
                start, end = places[at], places[at + len(digits) - 1] + 1
                if not re.search(r"[^0-9 ().\-/]|[ ().\-/]{4}", text[start:end]):
                    if form is PHONE and (before := _DIALLED_BEFORE.search(text, max(0, start - 10), start)):
                        start = before.start()
                    if _stands_alone(text, start, end):
                        yield start, end, form
                at = run.find(digits, at + 1)

    def _identity(self, form: Form, text: str) -> str:
        """What is the same in all ways to write a value; a phone number may lack the code of its area or country."""
        own = form.identity(text)
        if form is not PHONE:
            return own
        if own not in self._phones:
            near = (
                one
                for one in self._phones
                if abs(len(one) - len(own)) <= 3 and (one.endswith(own) or own.endswith(one))
            )
            self._phones[own] = self._phones.get(next(near, own), own)
        return self._phones[own]

    def _note(self, form: Form, text: str) -> None:
        key = form.name, self._identity(form, text)
        if key in self._numbers or key in self._public_values:
            return
        if form.bare:
            self._bare.setdefault(form.identity(text), form)
        self._known.add(key)

    def _made(self, form: Form, text: str) -> str:
        """What is put in the place of a value, itself where it stays."""
        key = form.name, self._identity(form, text)
        if key not in self._numbers:
            if key not in self._known:
                return text
            self.counts[form.name] += 1
            self._given[form.name] += 1
            first = self._given[form.name]
            free = (
                number for number in range(first, first + _TRIES) if self._is_free(form, form.replaced(text, number))
            )
            self._numbers[key] = self._given[form.name] = next(free, first)
        made = form.replaced(text, self._numbers[key])
        own = form.identity(made)
        if form is PHONE:
            self._phones.setdefault(own, own)
        self._numbers.setdefault((form.name, own), self._numbers[key])
        return made

    def _is_free(self, form: Form, made: str) -> bool:
        """Whether a replacement is no value of the conversation's own, and no other's."""
        key = form.name, form.identity(made)
        return key not in self._known and key not in self._numbers

    def _settle(self) -> None:
        """Gives every secret that waits for one its replacement."""
        if not self._waiting:
            return
        taken = set(self._secrets)
        for secret in self._waiting:
            self.counts["secret"] += 1
            self._given["secret"] += 1
            first = self._given["secret"]
            tried = (stand_in(secret, number) for number in range(first, first + _TRIES))
            made = next((one for one in tried if one not in taken), stand_in(secret, first))
            taken.add(made)
            for plain, harmless in zip(_spellings(secret), _spellings(made), strict=True):
                self._secrets[plain] = self._secrets[harmless] = harmless
        self._waiting.clear()
        self._secrets = dict(sorted(self._secrets.items(), key=lambda pair: -len(pair[0])))


def _texts(value: JsonValue) -> Iterator[str]:
    """Every text in a JSON value, keys and whole numbers included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)


def _spellings(text: str) -> tuple[str, ...]:
    """A text as it is, and as JSON text has it, with and without letters beyond ASCII, and JSON within that."""
    plain, ascii_only = (json.dumps(text, ensure_ascii=only)[1:-1] for only in (False, True))
    return text, plain, ascii_only, json.dumps(plain, ensure_ascii=False)[1:-1]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a value is no part of a longer word; a short one or a number, no part of a name with hyphens either."""
    value, before, after = text[start:end], text[start - 1 : start], text[end : end + 1]
    if text[max(0, start - 2) : start] in (r"\n", r"\r", r"\t"):
        before = ""
    if (_is_word(value[0]) and _is_word(before)) or (_is_word(value[-1]) and _is_word(after)):
        return False
    if len(value) >= 6 and not value.isdigit():
        return True
    return before not in ("-", ".") and after != "-" and not re.match(r"[.,]\d", text[end : end + 2])


def _is_word(character: str) -> bool:
    return character == "_" or (character.isascii() and character.isalnum())
