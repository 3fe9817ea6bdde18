"""Secrets and personal data that their own form tells, and harmless values of the same form to put in their place.

A form that many harmless numbers share is told by more than its digits: a card by its issuer and its check digit, an
IBAN by its country's length and its check digits, a Chinese id by its date of birth and its check digit.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import unicodedata
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_KEPT = 4
"""Last digits of a card, an account or a phone that stay: people refer to them, and alone they say nothing."""
EDGE = r"(?:(?<![\w.@/+-])|(?<=\\[nrt]))"
"""Where a value may begin; in JSON text an escaped line break ends in a letter."""
_END = r"(?![\w@-]|\.\d)"


class Form(NamedTuple):
    """One kind of value that is found by its form."""

    name: str
    pattern: re.Pattern[str]
    part: Callable[[str], str | None]
    """What at the beginning of a text of the pattern is a value of this kind; None where nothing is."""
    identity: Callable[[str], str]
    """What is the same in all ways to write it."""
    replaced: Callable[[str, int], str]
    """A harmless value in the shape of the text, another for each number."""
    bare: int = 0
    """At least so many digits are found again when they stand alone, or grouped in another way; 0: never."""

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where values of this kind stand in a text."""
        position = 0
        while found := self.pattern.search(text, position):
            part = self.part(found[0])
            position = found.start() + (len(part) if part else 1)
            if part:
                yield found.start(), position


def digits_of(text: str) -> str:
    """The ASCII digits of a text."""
    return re.sub(r"[^0-9]", "", text)


def _in_shape(text: str, digits: str) -> str:
    """Digits in the places of a text's own."""
    coming = iter(digits)
    return re.sub(r"[0-9]", lambda _: next(coming), text)


def _whole(is_one: Callable[[str], bool]) -> Callable[[str], str | None]:
    return lambda text: text if is_one(text) else None


def _always(text: str) -> str:
    return text


_CYCLES = {False: "masked", True: "decafb"}
"""Letters for what is hexadecimal, and for all else; none comes twice."""
_HEAD = re.compile(
    r"(?:sk|pk|rk)[-_](?:live_|test_|proj-|ant-)?|gh[pousr]_|github_pat_|xox[abprs]-|xapp-|A[KS]IA|AIza|hf_|glpat-|eyJ"
    r"|npm_|pypi-|whsec_|shpat_|SG\.|ya29\."
)


def stand_in(text: str, number: int) -> str:
    """A text of the same length, in which letters are letters of the same case, digits are digits, and all else stays.

    Hexadecimal stays hexadecimal, a number does not begin with 0, and a head that tells a token's kind is kept.
    """
    head = _HEAD.match(text)
    kept = head[0] if head else ""
    body = text[len(kept) :]
    places = [index for index, character in enumerate(body) if character.isalpha()]
    count = len(digits_of(body))
    cycle = _CYCLES[count > 0 and len(body) >= 8 and not re.search(r"[^\W0-9_a-fA-F]", body)]
    span = 9 * 10 ** (count - 1) if count else 1
    digits = str(10 ** (count - 1) + (8 * 10 ** (count - 1) + number) % span) if count else ""
    letters = [cycle[index % len(cycle)] for index in range(len(places))]
    more = number // span
    for index in reversed(range(len(letters))):
        letters[index] = cycle[(index + more) % len(cycle)]
        more //= len(cycle)
    made = list(_in_shape(body, digits))
    for place, letter in zip(places, letters, strict=True):
        made[place] = letter.upper() if body[place].isupper() else letter
    return kept + "".join(made)


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


_ISSUERS = re.compile(
    r"4(?:\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|(?:6011|64[4-9]\d|65\d\d|62\d\d|35[2-8]\d)\d{12,15}|3(?:0[0-5]|[689]\d)\d{11}"
    r"|(?:50|5[6-8]|63|67)\d{14,17}"
)
"""Numbers that Visa, Mastercard, American Express, Discover, UnionPay, JCB, Diners Club and Maestro issue."""


def _card_part(text: str) -> str | None:
    """The card number; three digits that follow may be its security code, or belong to it."""
    shorter = re.match(r"\d{4}([ -])(?:\d{4}\1){2}\d{4}(?=\1)", text)
    for part in (text, shorter[0] if shorter else ""):
        digits = digits_of(part)
        if _ISSUERS.fullmatch(digits) and len(set(digits)) > 1 and _luhn(digits):
            return part
    return None


def _card(text: str, number: int) -> str:
    """Another number of the same issuer, right by its check digit."""
    digits = digits_of(text)
    middle = f"{number:0{len(digits) - 5 - _KEPT}d}"[-(len(digits) - 5 - _KEPT) :]
    made = (f"{digits[:4]}{middle}{check}{digits[-_KEPT:]}" for check in range(10))
    return _in_shape(text, next(filter(_luhn, made)))


_IBANS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 "
    "FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 "
    "LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 "
    "SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
)
"""How many characters an IBAN has in each country."""
_IBAN_LENGTHS = {one[:2]: int(one[2:]) for one in _IBANS.split()}


def _bare(text: str) -> str:
    return re.sub(r"[ -]", "", text).upper()


def _iban_part(text: str) -> str | None:
    """As many characters as the country's have: what follows may be a BIC, or the next word."""
    wanted = _IBAN_LENGTHS.get(text[:2].upper())
    ends = [found.end() for found in re.finditer(r"[A-Za-z0-9]", text)]
    if wanted is None or len(ends) < wanted:
        return None
    part = text[: ends[wanted - 1]]
    return part if not text[len(part) : len(part) + 1].isalnum() and _iban_rest(_bare(part)) == 1 else None


def _iban_rest(bare: str) -> int:
    return int("".join(str(int(character, 36)) for character in bare[4:] + bare[:4])) % 97


def _iban(text: str, number: int) -> str:
    bare = _bare(text)
    account = stand_in(bare[4:-_KEPT], number) + bare[-_KEPT:]
    made = f"{bare[:2]}{98 - _iban_rest(f'{bare[:2]}00{account}'):02d}{account}"
    coming = iter(made.lower() if text[:2].islower() else made)
    return re.sub(r"[A-Za-z0-9]", lambda _: next(coming), text)


def is_phone(text: str) -> bool:
    """Whether a text has as many digits as a phone number has, and is no date and no address."""
    if re.search(r"\d{4}-\d\d-\d\d|\b\d\d?[./]\d\d?[./]\d{2,4}\b|^\d{1,3}(?:\.\d{1,3}){3}$|[A-Za-z]", text):
        return False
    return 7 <= len(digits_of(text)) <= 15


def _phone(text: str, number: int) -> str:
    """Counted from the end, so that it is the same with a country's code and without."""
    digits = digits_of(text)
    body, keep = f"{55200 + number}", max(len(digits) - _KEPT - 5, int(digits[0] == "0"))
    middle = body[-(len(digits) - _KEPT - keep) :]
    return _in_shape(text, digits[:keep] + middle + digits[-_KEPT:])


def _national(text: str) -> str:
    """A phone number without what is dialled before it: at most ten digits."""
    digits = digits_of(text)[-10:]
    return digits[1:] if digits[0] == "0" and len(digits) > 7 else digits


def _is_social(text: str) -> bool:
    area, group, serial = text.split("-")
    return area not in ("000", "666") and group != "00" and serial != "0000"


def _numbered(text: str, number: int) -> str:
    """The same shape, all nines but for the number at the end."""
    digits = digits_of(text)
    return _in_shape(text, f"{number:04d}".rjust(len(digits), "9")[-len(digits) :])


_CHINESE_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _chinese_check(digits: str) -> str:
    return "10X98765432"[sum(int(d) * weight for d, weight in zip(digits, _CHINESE_WEIGHTS, strict=True)) % 11]


def _is_chinese_id(text: str) -> bool:
    try:
        born = dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year < 2100 and _chinese_check(text[:17]) == text[17].upper()


def _chinese_id(text: str, number: int) -> str:
    """One that ends in X for one that does: where all are digits it may stand as a number."""
    bodies = (f"999999{1900 + serial // 1000}0101{serial % 1000:03d}" for serial in range(100_000))
    alike = (body for body in bodies if (_chinese_check(body) == "X") == (text[17] in "Xx"))
    body = next(islice(alike, number - 1, None))
    return body + _chinese_check(body)


def _is_cpf(text: str) -> bool:
    digits = digits_of(text)
    return len(set(digits)) > 1 and digits[9:] == _cpf_check(digits[:9])


def _cpf_check(body: str) -> str:
    for length in (9, 10):
        rest = sum(int(body[index]) * (length + 1 - index) for index in range(length)) * 10 % 11
        body += str(rest % 10)
    return body[9:]


def _cpf(text: str, number: int) -> str:
    body = f"999{number:06d}"
    return _in_shape(text, body + _cpf_check(body))


def _mail_identity(text: str) -> str:
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return unicodedata.normalize("NFC", plain).lower()


def _is_address(text: str) -> bool:
    """Of the colons that times and hardware addresses have too, only those of an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(character.isalnum() for character in text)


def _address(text: str, number: int) -> str:
    if ":" in text:
        return f"2001:db8::{number:x}"
    block = ("192.0.2", "198.51.100", "203.0.113")[(number - 1) // 254 % 3]
    return f"{block}.{(number - 1) % 254 + 1}"


def _key_block(text: str, number: int) -> str:
    first, last = re.match(r"-----[A-Z ]+-----", text), re.search(r"-----[A-Z ]+-----\Z", text)
    return f"{first[0] if first else ''}MASKED{number:04d}{last[0] if last else ''}"


def _compiled(pattern: str) -> re.Pattern[str]:
    """Words end where ASCII does: a number stands between Chinese characters without blanks."""
    return re.compile(pattern, re.ASCII)


_LETTER = r"\w\u00c0-\u024f\u0300-\u052f"
_BEGIN, _KEY_END = r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----", r"-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----"
KEY_BLOCK = Form(
    "secret",
    _compiled(rf"{_BEGIN}[\s\S]+?{_KEY_END}"),
    _always,
    lambda text: re.sub(r"\\[nr]|\s", "", text),
    _key_block,
)
PHONE = Form(
    "phone",
    _compiled(
        rf"{EDGE}(?:\+1[ .-]?\(?\d{{3}}\)?[ .-]?\d{{3}}[ .-]?\d{{4}}|\+86[ -]?1[3-9]\d(?:[ -]?\d{{4}}){{2}}"
        r"|\+[2-9](?:[ ().-]{0,2}\d){5,11}[ ().-]{0,2}\d\d|\(\d{3}\) ?\d{3}[ .-]\d{4}"
        rf"|\d{{3}}[ .-]\d{{3}}[ .-]\d{{4}}|1[3-9]\d(?:[ -]?\d{{4}}){{2}}|0\d{{2,3}}-\d{{7,8}}){_END}"
    ),
    _whole(is_phone),
    _national,
    _phone,
    bare=7,
)
FORMS = (
    Form(
        "mail",
        _compiled(
            rf"(?<!\\)(?:[{_LETTER}.+%-]|\\u[0-9a-fA-F]{{4}}){{1,64}}@[{_LETTER}-]+(?:\.[{_LETTER}-]+)*\.[A-Za-z]{{2,}}"
        ),
        _always,
        _mail_identity,
        lambda _, number: f"person{number}@example.com",
    ),
    Form("iban", _compiled(rf"{EDGE}[A-Za-z]{{2}}\d\d(?:[ -]?[A-Za-z0-9]){{11,32}}"), _iban_part, _bare, _iban),
    Form("chinese id", _compiled(rf"{EDGE}[1-9]\d{{16}}[\dXx]{_END}"), _whole(_is_chinese_id), str.upper, _chinese_id),
    Form(
        "card",
        _compiled(
            rf"{EDGE}(?:\d{{4}}([ -])\d{{4}}\1\d{{4}}\1\d{{4}}(?:\1\d{{1,3}})?|\d{{4}}([ -])\d{{6}}\2\d{{4,5}}|\d{{14,19}})"
            r"(?!\w|@|\.\d)"
        ),
        _card_part,
        digits_of,
        _card,
        bare=14,
    ),
    Form("cpf", _compiled(rf"{EDGE}\d{{3}}\.\d{{3}}\.\d{{3}}-\d\d{_END}"), _whole(_is_cpf), digits_of, _cpf, bare=11),
    Form(
        "social security number",
        _compiled(rf"{EDGE}\d{{3}}-\d\d-\d{{4}}{_END}"),
        _whole(_is_social),
        digits_of,
        _numbered,
        bare=9,
    ),
    PHONE,
    Form(
        "ip",
        _compiled(
            rf"{EDGE}(?:\d{{1,3}}(?:\.\d{{1,3}}){{3}}{_END}|(?<!:)(?:[0-9a-fA-F]{{0,4}}:){{2,7}}[0-9a-fA-F]{{0,4}}\b(?!:))"
        ),
        _whole(_is_address),
        lambda text: str(ipaddress.ip_address(text)),
        _address,
    ),
)
"""In the order in which they are looked for: the surest first."""
