"""How a page is shown: its language and its theme, as the browser, or the person at it, wants them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias, cast
from urllib.parse import urlencode

from harness import jsonvalue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

Language: TypeAlias = Literal["en", "zh"]
Theme: TypeAlias = Literal["", "light", "dark"]
"""Empty: as the system has it."""

ASSETS = Path(__file__).parent / "assets"
CHOICES: Final = {"lang": ("en", "zh"), "theme": ("auto", "light", "dark")}
"""What the switches of a page choose from; a choice is kept in a cookie of the same name."""


@cache
def words() -> dict[str, dict[Language, str]]:
    """Every word of the pages that is not a name, in both languages."""
    return cast("dict[str, dict[Language, str]]", jsonvalue.loads((ASSETS / "words.json").read_bytes()))


class Manner(NamedTuple):
    """Where a page is, and how it is shown."""

    language: Language
    theme: Theme
    path: str
    query: Mapping[str, str]

    def word(self, key: str, **values: Any) -> str:
        """A word of the page, with values put into it."""
        return words()[key][self.language].format(**values)

    def here(self, **changes: Any) -> str:
        """This page's address with some of its questions changed; None takes one away."""
        return link(self.path, **{**self.query, **changes})


def link(path: str, **query: Any) -> str:
    """A path with questions; those that are None are left out."""
    asked = urlencode({name: value for name, value in query.items() if value is not None}, errors="surrogatepass")
    return f"{path}?{asked}" if asked else path


def manner_of(request: web.Request) -> Manner:
    """How a request wants its page."""
    asked = {name: request.query.get(name, request.cookies.get(name, "")) for name in CHOICES}
    language: Language = "zh" if asked["lang"] == "zh" or (not asked["lang"] and _chinese(request)) else "en"
    theme = cast("Theme", asked["theme"] if asked["theme"] in ("light", "dark") else "")
    query = {name: value for name, value in request.query.items() if name not in CHOICES}
    return Manner(language, theme, request.rel_url.raw_path, query)


def keep_choices(request: web.Request, response: web.StreamResponse) -> None:
    """Has the browser remember a language or a theme that was chosen just now."""
    for name, values in CHOICES.items():
        if (value := request.query.get(name)) in values:
            response.set_cookie(name, value, max_age=365 * 86400, samesite="Lax", httponly=True)


def _chinese(request: web.Request) -> bool:
    """Whether the browser wants Chinese rather than English."""
    for wanted in request.headers.get("Accept-Language", "").lower().split(","):
        if wanted.strip().startswith(("zh", "en")):
            return wanted.strip().startswith("zh")
    return False
