"""The address of a server: what requests need of it, and what may be shown of it.

People put credentials into URLs (`http://user:password@host`, `?api_key=...`). They are used, and never
written anywhere: what logs, summaries and messages hold is `Address.shown`, or text that went through `redacted`.
"""

from __future__ import annotations

import base64
import re
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from harness.errors import UsageError

_URL = re.compile(r"([a-z][a-z0-9+.-]*://)((?:(?!,[a-z][a-z0-9+.-]*://)\S)*)", re.IGNORECASE)
SHORTEST_SECRET = 4
"""Characters; shorter values occur in any text by chance, and are no secrets."""


class Address(NamedTuple):
    """Where a server is, its credentials apart from the rest."""

    shown: str
    """Scheme, host, port and path, without a slash at the end: safe to write down."""
    query: str = ""
    """What stands after the `?`; it goes with every request."""
    userinfo: str = ""
    """What stands before the `@`, percent-encoded as it came."""

    @classmethod
    def parse(cls, text: str) -> Address:
        """Reads an `http` or `https` URL.

        Raises:
            UsageError: it is none; the message shows nothing that may be secret.
        """
        try:
            parts = urlsplit(text)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            parts, good = urlsplit(""), False
        if not good or re.search(r"\s", text):
            raise UsageError(f"--base-url {_quoted(text)} is no URL; it looks like http://host:8000/v1")
        if "#" in text or "@" in parts.query:
            raise UsageError("--base-url: write # as %23 in it, and @ after the ? as %40")
        userinfo, _, host = parts.netloc.rpartition("@")
        return cls(f"{parts.scheme}://{host}{parts.path.rstrip('/')}", parts.query, userinfo)

    def url(self, path: str) -> str:
        """The address of something below this one."""
        return f"{self.shown}{path}?{self.query}" if self.query else self.shown + path

    def root_url(self, path: str) -> str:
        """The address of something beside `/v1`: /version, /detokenize and /metrics live there."""
        return self._replace(shown=self.shown.removesuffix("/v1")).url(path)

    @property
    def authorization(self) -> str | None:
        """The header that the user and password before the `@` come to."""
        if not self.userinfo:
            return None
        user, _, password = self.userinfo.partition(":")
        return "Basic " + base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()

    @property
    def secrets(self) -> set[str]:
        """Every text that may be a credential, as it came and decoded."""
        found = {self.query, self.userinfo, *self.userinfo.split(":"), self.authorization or ""}
        found |= {value for _, value in parse_qsl(self.query)} | {
            pair.partition("=")[2] for pair in self.query.split("&")
        }
        return {text for secret in found for text in (secret, unquote(secret)) if len(text) >= SHORTEST_SECRET}


def split_addresses(text: str) -> list[str]:
    """A list of URLs separated by commas; a comma inside a password separates nothing."""
    return [part.strip(" ,") for part in re.split(r",(?=\s*https?://)", text) if part.strip(" ,")]


def redacted(text: str) -> str:
    """Text with the credentials of every URL in it replaced by `***`."""
    return _URL.sub(lambda match: match[1] + _redacted(match[2]), text)


def _redacted(rest: str) -> str:
    userinfo, at, place = rest.rpartition("@")
    if re.search("[?#]", userinfo):
        return "***"
    bare = re.split("[?#]", place)[0]
    return ("***@" if at else "") + bare + ("" if bare == place else "?***")


def _quoted(text: str) -> str:
    """Text that is no URL as a message may show it."""
    return "(not shown: it may hold a password)" if re.search("[@?#]", text) else repr(text)
