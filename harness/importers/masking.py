"""Secrets and personal data in real conversations, replaced by harmless values of the same form.

The same value gets the same replacement throughout a conversation, however it is written (`4111 1111 1111 1111` and
4111111111111111), so that what an argument repeats from a message, it still repeats. Found by pattern only: names of
people, street addresses and whatever has no form of its own stay as they are.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.jsonvalue import JsonValue

_KEPT = 4
"""Last digits of a card, an account or a phone that stay: people refer to them, and alone they say nothing."""


class _Kind(NamedTuple):
    name: str
    pattern: re.Pattern[str]
    is_one: Callable[[str], bool]
    """Whether a text of the pattern's form is one, by its check digits."""
    identity: Callable[[str], str]
    """What is the same in all ways to write it."""
    replaced: Callable[[str, int], str]
    """The harmless value for the text, the n-th of its kind in the conversation."""


class Mask:
    """The replacements of one conversation."""

    def __init__(self, *, ips: bool = False) -> None:
        self.counts: Counter[str] = Counter()
        """How many different values of each kind were found."""
        self._ips = ips
        self._known: dict[tuple[str, str], int] = {}

    def text(self, text: str) -> str:
        """A text with everything replaced."""
        for kind in _KINDS:
            if kind.name != "ip" or self._ips:
                text = kind.pattern.sub(partial(self._found, kind), text)
        return text

    def value(self, value: JsonValue) -> JsonValue:
        """A JSON value with everything replaced in its texts, and in whole numbers of many digits; keys stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**9:
            return int(self.text(str(value)))
        return value

    def _found(self, kind: _Kind, found: re.Match[str]) -> str:
        text = found[0]
        if not kind.is_one(text):
            return text
        number = self._known.get((kind.name, kind.identity(text)))
        if number is None:
            self.counts[kind.name] += 1
            number = self._known[kind.name, kind.identity(text)] = self.counts[kind.name]
            # What was put in for one value is not found again as another.
            self._known[kind.name, kind.identity(kind.replaced(text, number))] = number
        return kind.replaced(text, number)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _in_shape(text: str, digits: str) -> str:
    """Digits in the places of a text's own."""
    coming = iter(digits)
    return re.sub(r"\d", lambda _: next(coming), text)


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _is_card(text: str) -> bool:
    digits = _digits(text)
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and _luhn(digits)


def _card(text: str, number: int) -> str:
    """A number that no bank has issued, right by its check digit."""
    digits = _digits(text)
    for check in range(10):
        middle = f"{number:0{len(digits) - 2 - _KEPT}d}"[-(len(digits) - 2 - _KEPT) :]
        made = f"{digits[0]}{check}{middle}{digits[-_KEPT:]}"
        if _luhn(made):
            return _in_shape(text, made)
    raise AssertionError("one of ten check digits is right")


def _is_iban(text: str) -> bool:
    bare = text.replace(" ", "")
    return 15 <= len(bare) <= 34 and _iban_rest(bare) == 1


def _iban_rest(bare: str) -> int:
    return int("".join(str(int(character, 36)) for character in bare[4:] + bare[:4])) % 97


def _iban(text: str, number: int) -> str:
    bare = text.replace(" ", "")
    account = f"{number:0{len(bare) - 4 - _KEPT}d}{bare[-_KEPT:]}"
    made = f"{bare[:2]}{98 - _iban_rest(f'{bare[:2]}00{account}'):02d}{account}"
    coming = iter(made)
    return re.sub(r"\S", lambda _: next(coming), text)


def _is_phone(text: str) -> bool:
    return 7 <= len(_digits(text)) <= 15


def _phone(text: str, number: int) -> str:
    digits = _digits(text)
    body = f"{number:03d}".rjust(len(digits) - _KEPT, "5")[-(len(digits) - _KEPT) :]
    return _in_shape(text, body + digits[-_KEPT:])


def _last_digits(text: str) -> str:
    return _digits(text)[-10:]


def _numbered(text: str, number: int) -> str:
    """The same shape, all nines but for the number at the end."""
    digits = _digits(text)
    return _in_shape(text, f"{number:04d}".rjust(len(digits), "9")[-len(digits) :])


_CHINESE_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _chinese_check(digits: str) -> str:
    return "10X98765432"[sum(int(d) * weight for d, weight in zip(digits, _CHINESE_WEIGHTS, strict=True)) % 11]


def _is_chinese_id(text: str) -> bool:
    return _chinese_check(text[:17]) == text[17].upper()


def _chinese_id(_: str, number: int) -> str:
    body = f"99999919000101{number:03d}"[:17]
    return body + _chinese_check(body)


def _is_cpf(text: str) -> bool:
    digits = _digits(text)
    return len(set(digits)) > 1 and digits[9:] == _cpf_check(digits[:9])


def _cpf_check(body: str) -> str:
    for length in (9, 10):
        rest = sum(int(body[index]) * (length + 1 - index) for index in range(length)) * 10 % 11
        body += str(rest % 10)
    return body[9:]


def _cpf(text: str, number: int) -> str:
    body = f"999{number:06d}"
    return _in_shape(text, body + _cpf_check(body))


def _secret(text: str, number: int) -> str:
    """The beginning that tells what it is, then as many characters that are no secret."""
    head = re.match(
        r"(?i)(bearer\s+|(?:api[_-]?key|secret|token|password|密码|口令|密钥)[\"']?\s*[:=：]\s*[\"']?|[a-z]{2,6}[-_]|[A-Z]{4})?",
        text,
    )
    kept = head[0] if head else ""
    body = f"MASKED{number:04d}"
    return kept + body.ljust(len(text) - len(kept), "x")


def _same(text: str) -> str:
    return text


def _always(_: str) -> bool:
    return True


def _mail(_: str, number: int) -> str:
    return f"person{number}@example.com"


def _address(text: str, number: int) -> str:
    if ":" in text:
        return f"2001:db8::{number:x}"
    block = ("192.0.2", "198.51.100", "203.0.113")[(number - 1) // 254 % 3]
    return f"{block}.{(number - 1) % 254 + 1}"


def _is_address(text: str) -> bool:
    return ":" in text or all(int(part) <= 255 for part in text.split("."))


_EDGE, _END = r"(?<![\w.@/-])", r"(?![\w@-]|\.\d)"
_SECRETS = (
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|(?i:\bbearer\s+)[\w.~+/-]{16,}=*"
    r"|\b(?:sk|pk|rk)-[\w-]{16,}|\b(?:sk|pk|rk)_(?:live|test)_\w{10,}|\bgh[pousr]_\w{20,}|\bxox[abprs]-[\w-]{10,}"
    r"|\bA(?:KIA|SIA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}|\bhf_\w{20,}|\bglpat-[\w-]{16,}"
    r"|(?i:\b(?:api[_-]?key|secret|token|password)|密码|口令|密钥)[\"']?\s*[:=：]\s*[\"']?[^\s\"',;}]{8,}"
)


def _compiled(pattern: str) -> re.Pattern[str]:
    """Words end where ASCII does: a number stands between Chinese characters without blanks."""
    return re.compile(pattern, re.ASCII)


_KINDS = (
    _Kind("secret", _compiled(_SECRETS), _always, _same, _secret),
    _Kind("mail", _compiled(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"), _always, str.lower, _mail),
    _Kind(
        "iban",
        _compiled(rf"{_EDGE}[A-Z]{{2}}\d{{2}}(?: ?[A-Z0-9]){{11,30}}{_END}"),
        _is_iban,
        lambda text: text.replace(" ", ""),
        _iban,
    ),
    _Kind("card", _compiled(rf"{_EDGE}[3-6]\d(?:[ -]?\d){{11,17}}{_END}"), _is_card, _digits, _card),
    _Kind("chinese id", _compiled(rf"{_EDGE}[1-9]\d{{16}}[\dXx]{_END}"), _is_chinese_id, str.upper, _chinese_id),
    _Kind("cpf", _compiled(rf"{_EDGE}\d{{3}}\.\d{{3}}\.\d{{3}}-\d\d{_END}"), _is_cpf, _digits, _cpf),
    _Kind("social security number", _compiled(rf"{_EDGE}\d{{3}}-\d\d-\d{{4}}{_END}"), _always, _digits, _numbered),
    _Kind(
        "phone",
        _compiled(
            rf"(?<![\w.@/+-])(?:\+\d(?:[ ().-]{{0,2}}\d){{7,13}}|\(\d{{3}}\) ?\d{{3}}[ .-]\d{{4}}"
            rf"|\d{{3}}[ .-]\d{{3}}[ .-]\d{{4}}|1[3-9]\d(?:[ -]?\d{{4}}){{2}}|0\d{{2,3}}-\d{{7,8}}){_END}"
        ),
        _is_phone,
        _last_digits,
        _phone,
    ),
    _Kind(
        "ip",
        _compiled(
            rf"{_EDGE}(?:\d{{1,3}}(?:\.\d{{1,3}}){{3}}{_END}|(?:[0-9a-fA-F]{{1,4}}:){{3,7}}[0-9a-fA-F]{{1,4}}\b)"
        ),
        _is_address,
        str.lower,
        _address,
    ),
)
"""In the order in which they are looked for: the surest first."""
