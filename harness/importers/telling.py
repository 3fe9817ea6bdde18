"""Secrets and phone numbers that have no form of their own, told by what stands before them.

In data that is a key, a column or an element with a telling name; in a text a label (`password: ...`), a sentence
(`my password is ...`), a header, or the place in a URL. A sentence about a password mostly tells none (`the password is
wrong`): there a value counts only if it looks like one.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from harness import jsonvalue
from harness.importers.forms import is_phone
from harness.importers.naming import told_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.importers.naming import Told
    from harness.jsonvalue import JsonValue


class Found(NamedTuple):
    """A value that something before it tells."""

    kind: str
    """`secret` or `phone`."""
    text: str


_SAID = (
    "a an and are as ask at be been but by can cannot changed correct empty enter error expired expires failed false for "
    "forgot forgotten found has hidden if in incorrect invalid is it known long masked match matches may mismatch missing "
    "must my n/a need needed needs never new nil no none not null of ok old on only optional or outdated pass password "
    "passwort please protected provide provided received redacted removed required reset same secret secure see sent set "
    "short should so string strong temporary that the this to token too true undefined unknown unset updated use user "
    "valid was weak will with wrong yes you your default text number code phone"
)
"""Words of messages about secrets, which are none."""
_TALK = frozenset(_SAID.split())
_FORMED = re.compile(
    r"\d{4}-\d\d-\d\d.*|\d{1,2}[:./-]\d{1,2}[:./-]\d{2,4}|\d{1,2}:\d\d.*|v?\d+(?:\.\d+)+|https?://.*|[\w.+-]+@[\w.-]+\.\w+"
    r"|\W*\d+(?:st|nd|rd|th|x|%|ms|s|h|d|min|kb|mb)?\W*|[A-Z]+-\d+",
    re.IGNORECASE | re.ASCII,
)
"""Dates, times, versions, addresses, amounts and ticket numbers: what a sentence about a secret may name beside it."""
_ABOUT = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}:\d\d|https?://|\d{1,2}-\d{1,2}\Z", re.ASCII)
"""What a label may be followed by that says something of the secret: since when it is, how long, where to get it."""
_PARTS = ("old", "new", "current", "value", "number", "home", "work", "main", "primary", "private", "business")
"""Keys within a password or a phone number that say which one."""
_TRAIL = ".,:;!?)]}*\"'`»”’"


def told_in(value: JsonValue, told: Told | None = None) -> Iterator[Found]:
    """Every secret and phone number that something tells in a JSON value, and in JSON within its texts.

    `told` is what the key says that the value stands under.
    """
    if isinstance(value, dict):
        named = value.get("name", value.get("key", value.get("header")))
        for key, item in value.items():
            by_pair = told_by(named) if key == "value" and isinstance(named, str) else None
            yield from told_in(item, by_pair or told_by(key) or (told if key.lower() in _PARTS else None))
    elif isinstance(value, list):
        for item in value:
            yield from told_in(item, told)
    elif isinstance(value, str):
        if told is not None:
            yield from _as_data(value, told)
        yield from _told_in_text(value)
    elif isinstance(value, int) and not isinstance(value, bool) and told in ("password", "code", "phone"):
        yield from _as_data(str(value), told)


def _as_data(text: str, told: Told) -> Iterator[Found]:
    """What a value that has a telling name is; a message of what is wrong with it may stand in its place."""
    text = text.strip()
    if told == "phone":
        if is_phone(text):
            yield Found("phone", text)
        return
    if told == "header":
        text = text.split(" ", 1)[-1] if re.match(r"[A-Za-z]+ \S+$", text) else text
        told = "secret"
    if len(text) < 3 or not any(map(str.isalnum, text)):
        return
    words = text.lower().split()
    if any(word.strip(_TRAIL) in _TALK for word in words) or (len(words) > 1 and told != "password"):
        return
    if told == "code" and not re.fullmatch(r"\d{3,8}", text, re.ASCII):
        return
    if told == "token" and not (len(text) >= 6 and (any(map(str.isdigit, text)) or len(text) >= 16)):
        return
    if re.match(r"~?/[\w.-]+/|~\Z", text) and told == "password":  # PWD is where a shell stands
        return
    yield Found("secret", text)


def _told_in_text(text: str) -> Iterator[Found]:
    """What a text tells, read as what it is: JSON, a table, or words."""
    if text.lstrip()[:1] in ("{", "["):
        with suppress(jsonvalue.JsonError):
            yield from told_in(jsonvalue.loads(text))
    yield from _columns(text)
    yield from _elements(text)
    yield from _labelled(text)
    yield from _said(text)
    yield from _dialled(text)
    for pattern in _SURE:
        for found in pattern.finditer(text):
            yield Found("secret", found["value"])


def _columns(text: str) -> Iterator[Found]:
    """The cells of a table whose column has a telling name."""
    lines = text.splitlines()
    if len(lines) < 2:
        return
    for mark in ("\t", "|", ";", ","):
        names = [told_by(cell.strip("\"' ")) for cell in lines[0].split(mark)]
        if len(names) > 1 and any(names):
            for line in lines[1:]:
                cells = line.split(mark)
                if len(cells) == len(names):
                    for told, cell in zip(names, cells, strict=True):
                        yield from _as_data(cell.strip("\"' "), told) if told else ()
            return


def _elements(text: str) -> Iterator[Found]:
    for found in re.finditer(r"<([A-Za-z][\w.:-]{0,60})(?: [^<>]{0,200})?>([^<>]{3,200})</\1>", text):
        told = told_by(found[1])
        if told is not None:
            yield from _as_data(found[2], told)


_WORD = r"[A-Za-zÀ-ɏ][\wÀ-ɏ.-]{0,60}"
_QUOTED = r'(?:"(?P<json>(?:[^"\\\n]|\\.){1,400})"|\'(?P<single>[^\'\n]{1,200})\'|`(?P<ticks>[^`\n]{1,200})`)'
_BARE = r"(?P<bare>[^\s\"'`,;<>\\|\u2e80-\uffff]{3,400})"
_NUMBER = (
    r"(?!\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{2,4}\b|\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d))"
    r"(?:\+?\d{8,15}|\+?\(?\d(?:[ ().\-/]{0,2}\d){4,12}[ ().\-/]{0,2}\d\d)(?![\w-]|\.\d)"
)
_PHONE_NUMBER = re.compile(_NUMBER, re.ASCII)
_LABELLED = re.compile(
    rf"(?<![\w.])(?P<name>(?:{_WORD} ){{0,2}}{_WORD})\\*[\"'`*]{{0,3}}[ \t]*(?P<sign>:=|=>|[=:：])\*{{0,2}}[ \t]*\n?[ \t]*"
    rf"(?=(?:{_QUOTED}|\\+[\"'](?P<deep>.{{1,200}}?)\\+[\"']|(?:Basic |Bearer |Token )?{_BARE}))",
    re.ASCII,
)


def _labelled(text: str) -> Iterator[Found]:
    """What stands after a name and `:` or `=`."""
    for found in _LABELLED.finditer(text):
        told = told_by(found["name"])
        if told is None:
            continue
        if told == "phone":
            number = _PHONE_NUMBER.match(text, found.end())
            yield from _as_data(number[0], told) if number else ()
            continue
        quoted = found["json"] or found["single"] or found["ticks"] or found["deep"]
        if quoted is not None:
            yield from _as_data(_unescaped(quoted) if found["json"] else quoted, told)
            continue
        value = found["bare"].split("&")[0] if found["sign"] == "=" else found["bare"]
        value = value.rstrip(_TRAIL)
        if _is_given(text, found, value, told):
            yield from _as_data(value, told)


def _is_given(text: str, found: re.Match[str], value: str, told: Told) -> bool:
    """Whether what stands bare after a label is its value, not the next word of a message."""
    if told == "header":
        return _looks_secret(value, 6)
    if told in ("token", "secret"):
        return _looks_secret(value, 8) or (
            len(value) >= 8 and found["sign"] != ":" and not found["bare"].startswith("/")
        )
    if not value.isalpha():
        return not _ABOUT.match(value)
    following = text[found.end("bare") :].lstrip(" \t")
    return found["sign"] == "=" or following[:1] in ("", "\n", "\r", ",", ";", '"', "'", "\\", "|")


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


def _looks_secret(value: str, least: int) -> bool:
    """Whether a word in a sentence is no word."""
    if len(value) < least or _FORMED.fullmatch(value):
        return False
    letters, figures = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    signs = bool(re.search(r"[!@#$%^&*~+=]", value)) and letters
    return (letters and figures) or signs or bool(re.search(r"[a-z][A-Z]", value))


_NAMED = r"(?P<name>passwords?|passwort|kennwort|passphrase|passcode|pwd|contraseña|(?:api|access|secret) key|token|secret)\b"
_VALUE = rf"(?:{_QUOTED}|{_BARE})"
_SENTENCES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_NAMED}(?: (?:for|of|on|to) \S+(?: \S+){{0,2}}?)? (?:is|was|ist|es|est|are)(?: now| still)?:?\s+{_VALUE}",
        rf"\b(?:chang|set|reset|updat|mak|switch)\w* (?:\S+ ){{0,4}}?{_NAMED}(?: (?:for|of) \S+)? (?:to|as):?\s+{_VALUE}",
        rf"\b{_NAMED}\s+{_VALUE}",
    )
)
_CHINESE = re.compile(
    r"(?P<name>密码|口令|密钥|令牌|验证码|校验码)(?:设置|修改|更改|重置)?(?:是|为|成|改成|改为|设为|设成)?了?\s*[:：=]?\s*[“\"'「`]?"
    r"(?P<bare>[^\s\"'`,;<>\\|\u2e80-\uffff“”]{3,200})"
)
_CODE = re.compile(
    r"\b(?:(?:verification|security|one[- ]time|mfa|2fa|sms|auth(?:entication)?) ?code|passcode|otp|pin(?! code)|cvv2?|cvc2?)"
    r"(?: number| code)?(?: is| was)?\s*[:=#]?\s*(?P<value>\d{3,8})(?![\w-]|[.,/:]\d)",
    re.IGNORECASE | re.ASCII,
)


def _said(text: str) -> Iterator[Found]:
    """What a sentence tells."""
    for pattern in _SENTENCES:
        for found in pattern.finditer(text):
            told = told_by(found["name"].rstrip("s"))
            quoted = found["json"] or found["single"] or found["ticks"]
            if quoted is not None and told is not None:
                yield from _as_data(quoted, told)
                continue
            value = (found["bare"] or "").rstrip(_TRAIL)
            direct = pattern is _SENTENCES[-1]
            least = (6 if direct else 4) if told == "password" else 8
            number = told == "password" and value.isdigit() and len(value) >= (6 if direct else 4)
            if number or _looks_secret(value, least):
                yield Found("secret", value)
    for found in _CHINESE.finditer(text):
        told = told_by(found["name"])
        value = found["bare"].rstrip(_TRAIL)
        if told is not None and (told != "password" or len(value) >= 4):
            yield from _as_data(value, told)
    for found in _CODE.finditer(text):
        yield Found("secret", found["value"])


_SURE = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<value>\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)",
        r"(?i:\bbearer\s+)(?P<value>[\w.~+/-]{16,}=*)",
        r"(?i)\bauthorization\\*[\"']?\s*[:=]\s*\\*[\"']?(?:basic|bearer|token|digest|negotiate|apikey) (?P<value>[\w.~+/:-]{6,}=*)",
        (
            r"(?P<value>\b(?:sk|pk|rk)-(?=[\w-]{0,200}\d)[\w-]{16,}|\b(?:sk|pk|rk)_(?:live|test)_\w{10,}|\bgh[pousr]_[A-Za-z0-9]{20,}"
            r"|\bgithub_pat_\w{20,}|\bxox[abeprs]-[\w-]{10,}|\bxapp-[\w-]{10,}|\bA[KS]IA[A-Z0-9]{16}\b|\bAIza[\w-]{30,}"
            r"|\bhf_[A-Za-z0-9]{20,}|\bglpat-[\w-]{16,}|\bnpm_[A-Za-z0-9]{30,}|\bpypi-[\w-]{16,}|\bwhsec_[\w+/=]{16,}"
            r"|\bshpat_\w{20,}|\bSG\.[\w-]{16,}\.[\w-]{16,}|\bya29\.[\w-]{20,})"
        ),
        r"://[^\s:/@\"']{0,100}:(?P<value>[^\s/@\"'\\]{3,200})@",
    )
)
"""Tokens that say by their beginning what they are, and what stands where only a secret does."""

_DIALLED = re.compile(
    r"(?<![A-Za-z])(?:(?:cell |mobile )?phones?|mobile|telephone|tel|fax|whatsapp|sms|hotline|call|dial|handy|telefon"
    r"|(?:text|reach|ring|contact) (?:me|us|him|her|them)|(?:cell|contact|callback) (?:number|no)"
    r"|电话(?:号码)?|手机(?:号码?)?|联系方式)\.?\\*[\"'*]{0,3}"
    r"(?: (?:number|no|nr|me|us|him|her|them|is|was|at|on|back|under|to|now|please|my|the|this)\b\.?){0,4}"
    rf"(?:是|为)?\s*[:=#：]?\s*\\*[“\"']?(?P<all>{_NUMBER}(?:(?:,| or| and| oder|/|;|或|和|、) ?{_NUMBER})*)",
    re.IGNORECASE | re.ASCII,
)


def _dialled(text: str) -> Iterator[Found]:
    """Numbers that somebody is said to have or to be reached at."""
    for found in _DIALLED.finditer(text):
        for number in _PHONE_NUMBER.finditer(found["all"]):
            if is_phone(number[0]):
                yield Found("phone", number[0])
