"""What the name of a value says of it: `DB_PASSWORD`, `clientSecret`, `x-api-key`, `手机号`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, TypeAlias

Told: TypeAlias = Literal["password", "secret", "token", "code", "header", "phone"]
"""What a name promises: a password may be any word; a secret may be one where it is given as data, while a token has to
look like one, because a message may speak of either; a code is of a few digits."""

_PASSWORDS = ("password", "passwd", "passwort", "kennwort", "passphrase", "passcode", "contraseña", "senha", "пароль")
_TOKENS = ("token", "jwt", "apikey", "secretkey", "accesskey", "privatekey", "credential", "credentials")
_KEY_OF = ("api", "access", "secret", "private", "signing", "encryption", "auth", "master", "ssh", "subscription")
_PAGES = ("page", "next", "prev", "previous", "continuation", "sync", "cursor", "resume")
"""What a token of these says is where to go on, which no one has to hide."""
_CODES = ("otp", "totp", "pin", "cvv", "cvv2", "cvc", "cvc2", "cvn", "csc")
_CODE_OF = ("verification", "security", "mfa", "2fa", "auth", "otp", "sms", "passcode", "confirmation")
_PHONES = (
    *("phone", "phones", "telephone", "tel", "mobile", "cellphone", "fax", "msisdn", "whatsapp", "telefon", "telefono"),
    *("teléfono", "celular", "handy", "mobil"),
)
_PHONE_ENDS = ("_no", "_nr", "_number", "_num", "_e164")
_WITHOUT = {
    "hash",
    "value",
    "plain",
    "plaintext",
    "text",
    "string",
    "confirm",
    "confirmation",
    "repeat",
    "again",
    "raw",
}
"""What may follow the word that counts."""
_CHINESE: dict[str, Told] = {
    **dict.fromkeys(("密码", "口令"), "password"),
    **dict.fromkeys(("密钥", "令牌"), "token"),
    **dict.fromkeys(("验证码", "校验码"), "code"),
    **dict.fromkeys(("电话", "电话号码", "手机", "手机号", "手机号码", "联系方式"), "phone"),
}


@lru_cache(maxsize=4096)
def told_by(name: str) -> Told | None:
    """What a key, a variable or a label says of its value; its last word counts (`token_type` is no token)."""
    for ending, told in _CHINESE.items():
        if name.endswith(ending):
            return told
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    words = [word for word in re.split(r"[\W_]+", apart.lower()) if word]
    while words and (words[-1].isdigit() or (words[-1] in _WITHOUT and len(words) > 1 and words[-2] != "otp")):
        words.pop()
    if not words:
        return None
    last, before = words[-1].rstrip("0123456789") or words[-1], words[:-1]
    return _secret(last, before) or _code(words[-1], before) or _phone(words)


def _secret(last: str, before: list[str]) -> Told | None:
    if "".join([*before[-1:], last]).endswith(_PASSWORDS) or (last.endswith("pwd") and last != "oldpwd"):
        return "password"
    if last == "pass" and (not before or before[-1] in ("user", "db", "smtp", "admin", "mysql")):
        return "password"
    if last.endswith("secret"):
        return "secret"
    if last == "authorization" or (last == "auth" and "header" in before):
        return "header"
    if last.endswith(_TOKENS):
        return None if before and before[-1] in _PAGES else "token"
    return "token" if last == "key" and any(word in _KEY_OF for word in before) else None


def _code(last: str, before: list[str]) -> Told | None:
    if last in _CODES:
        return "code"
    return "code" if last == "code" and before and before[-1] in _CODE_OF else None


def _phone(words: list[str]) -> Told | None:
    spelled = "_".join(words)
    for ending in _PHONE_ENDS:
        if spelled.endswith(ending) and len(words) > 1:
            words = words[:-1]
            if words[-1] in ("contact", "cell", "callback", "sms"):
                return "phone"
    return "phone" if words[-1] in _PHONES or spelled.endswith("cell_phone") else None
