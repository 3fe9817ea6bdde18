"""Who may look: this machine's own browser, or whoever has the token; and what browsers are told to refuse.

On loopback any page that is open in the browser can send requests here, under a name of its own that it has made point to
this machine: the name in the Host header tells. Elsewhere every request needs the token, from the printed address or
from the cookie that came with the first page.
"""

from __future__ import annotations

import ipaddress
import secrets
from typing import TYPE_CHECKING

from aiohttp import web

from harness.viewer.manner import link

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Middleware

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
TEXT_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
REPORT_POLICY = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""A report may run its own script, which its own policy names, but not as this server's page: nobody knows who made it."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "harness",
    "X-Content-Type-Options": "nosniff",
}
_TOKEN = "token"  # noqa: S105 - the name of it


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own; a name is, if it is `localhost`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(32)


async def harden(request: web.Request, response: web.StreamResponse) -> None:
    """Puts on a response what every response must have."""
    del request
    response.headers.update(_HEADERS)
    response.headers.setdefault("Content-Security-Policy", TEXT_POLICY)


def guard(host: str, token: str | None) -> Middleware:
    """Lets through requests that only read, and that come from whom they may."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD"):
            raise web.HTTPMethodNotAllowed(request.method, ("GET", "HEAD"))
        if token is None:
            if _named(request.headers.get("Host", "")) not in {"localhost", "127.0.0.1", "::1", host.lower()}:
                raise web.HTTPForbidden(text="403: this server is asked for by its address only\n")
            return await handler(request)
        return await _with_token(request, handler, token)

    return check


def _named(host: str) -> str:
    """The name in a Host header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


async def _with_token(request: web.Request, handler: Handler, token: str) -> web.StreamResponse:
    # Cookies are shared between the ports of a host: each of several servers has its own.
    cookie = f"harness_view_{request.url.port}"
    given = request.query.get(_TOKEN)
    if given is not None and _same(given, token):
        asked = {name: value for name, value in request.query.items() if name != _TOKEN}
        moved = web.HTTPSeeOther(link(request.rel_url.raw_path, **asked))
        moved.set_cookie(cookie, token, httponly=True, samesite="Lax")
        raise moved
    if not _same(request.cookies.get(cookie, ""), token):
        raise web.HTTPForbidden(text="403: the address that was printed when the server began holds the token\n")
    return await handler(request)


def _same(given: str, token: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode())
