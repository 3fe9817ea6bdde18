"""The server: which address shows what, and how it begins and ends."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import shlex
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from harness import jsonvalue
from harness.errors import HarnessError, UsageError
from harness.viewer import pages
from harness.viewer.access import PAGE_POLICY, REPORT_POLICY, guard, harden, is_loopback, new_token
from harness.viewer.manner import ASSETS, keep_choices, manner_of
from harness.viewer.rows import live
from harness.viewer.runs import REPORT
from harness.viewer.shelf import Shelf, address, key_of
from harness.viewer.trends import suites

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from harness.viewer.access import Handler

Found = TypeVar("Found")

_ASSETS = {"view.css": "text/css", "view.js": "text/javascript"}
_LARGE = 20_000_000
"""Bytes from which on a text is offered to be kept rather than shown."""
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Options:
    """What to serve, and where."""

    folder: Path
    baselines: Path
    host: str = "127.0.0.1"
    port: int = 0
    """0: any that is free."""
    make_report: Callable[[Path], str] | None = None
    """Makes the report of a finished run's folder that has none; without it the page says which command does."""


def serve(options: Options, on_ready: Callable[[str], None]) -> None:
    """Serves until Ctrl-C or SIGTERM, which the handlers that stood before are then told.

    Args:
        options: what to serve, and where.
        on_ready: called with the address to open once it answers.

    Raises:
        UsageError: there is no such folder, or the address cannot be had.
    """
    if not options.folder.is_dir():
        raise UsageError(f"{options.folder}: no such folder; `harness run` makes one, or name another")
    caught: list[signal.Signals] = []
    with asyncio.Runner() as runner:
        runner.run(_serve(options, on_ready, caught))
    signal.raise_signal(caught[0])


async def _serve(options: Options, on_ready: Callable[[str], None], caught: list[signal.Signals]) -> None:
    token = None if is_loopback(options.host) else new_token()
    runner = web.AppRunner(application(options, token), access_log=None, logger=_logger(), shutdown_timeout=0.5)
    await runner.setup()
    try:
        port = await _listen(runner, options)
        address = f"http://{_shown(options.host)}:{port}/" + (f"?token={token}" if token else "")
        await _until_told(partial(on_ready, address), caught)
    finally:
        await runner.cleanup()


def _logger() -> logging.Logger:
    """Tells what went wrong here; what others send that is no HTTP is answered, and nothing to tell."""

    def ours(record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))

    logger = logging.getLogger(__name__)
    logger.addFilter(ours)
    return logger


def _shown(host: str) -> str:
    """A host as an address has it; where it stands for every address of this machine, this machine's name."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, and only what the user asked for
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


async def _listen(runner: web.AppRunner, options: Options) -> int:
    """Opens the port and says which it is."""
    # What a hosts file makes of the name is not asked: this one is loopback, and checked as such.
    host = "127.0.0.1" if options.host == "localhost" else options.host
    try:
        await web.TCPSite(runner, host, options.port).start()
    except (OSError, UnicodeError) as error:  # the latter of a name that can be none
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            told = f"port {options.port} on {options.host} is in use; choose another --port, or 0 for any that is free"
            raise UsageError(told) from None
        raise UsageError(f"cannot listen on {options.host}, port {options.port}: {error}") from None
    port: int = runner.addresses[0][1]
    return port


async def _until_told(ready: Callable[[], None], caught: list[signal.Signals]) -> None:
    """Waits for Ctrl-C or SIGTERM; the handlers that stood before are put back."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def end(number: signal.Signals) -> None:
        caught.append(number)
        stop.set()

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        loop.add_signal_handler(number, end, number)
    try:
        ready()
        await stop.wait()
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


def application(options: Options, token: str | None) -> web.Application:
    """The server's pages; with a token only for whoever has it."""
    viewer = _Viewer(options)
    app = web.Application(middlewares=[guard(options.host, token), _in_words])
    app.on_response_prepare.append(harden)
    app.cleanup_ctx.append(viewer.working)
    app.router.add_get("/", viewer.index)
    app.router.add_get("/trends", viewer.trends)
    app.router.add_get("/run/{rest:.*}", viewer.run)
    app.router.add_get("/baseline/{name}/", viewer.baseline)
    app.router.add_get("/live.json", viewer.live)
    app.router.add_get("/assets/{name}", _asset)
    return app


@web.middleware
async def _in_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page for what is not there."""
    try:
        return await handler(request)
    except web.HTTPNotFound as error:
        return _html(request, pages.message_page(manner_of(request), error.status), error.status)


async def _asset(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in _ASSETS:
        raise web.HTTPNotFound
    return web.Response(body=(ASSETS / name).read_bytes(), content_type=_ASSETS[name], charset="utf-8")


def _html(request: web.Request, text: str, status: int = 200) -> web.Response:
    response = web.Response(text=text, content_type="text/html", status=status)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    keep_choices(request, response)
    return response


class _Viewer:
    """Answers requests; files are read in one thread beside the one that answers."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._folder = str(options.folder)
        self._shelf = Shelf(options.folder, options.baselines)

    async def working(self, _: web.Application) -> AsyncIterator[None]:
        """Has the thread while the server runs."""
        with ThreadPoolExecutor(1, thread_name_prefix="shelf") as self._reader:
            yield
            self._reader.shutdown(wait=False, cancel_futures=True)

    async def _read(self, work: Callable[..., Found], *about: Any, **more: Any) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._reader, partial(work, *about, **more))

    async def index(self, request: web.Request) -> web.Response:
        """All runs and baselines."""
        listing = await self._read(self._shelf.listing)
        return _html(request, pages.index_page(manner_of(request), listing, self._folder))

    async def trends(self, request: web.Request) -> web.Response:
        """A suite's runs over time; of the suite that was run last where none is named."""
        listing = await self._read(self._shelf.listing)
        named = request.query.get("suite")
        latest = (run.identity.suite for run in listing.runs if run.identity and run.identity.suite in suites(listing))
        suite = named if named is not None else next(latest, "")
        return _html(request, pages.trends_page(manner_of(request), listing, suite))

    async def baseline(self, request: web.Request) -> web.Response:
        """One baseline."""
        listing = await self._read(self._shelf.listing)
        name, _ = key_of(request.rel_url.raw_path.removeprefix("/baseline/"))
        found = next((one for one in listing.baselines if one.name == name), None)
        if found is None:
            raise web.HTTPNotFound
        return _html(request, pages.baseline_page(manner_of(request), found))

    async def live(self, request: web.Request) -> web.Response:
        """What changes: where unfinished runs stand, and whether the list is another by now."""
        listing = await self._read(self._shelf.listing, recent=True)
        manner = manner_of(request)
        changing = {address(run.key): found for run in listing.runs if (found := live(run, manner))}
        value = {"version": listing.version, "runs": changing}
        return web.Response(body=jsonvalue.dump_line(value), content_type="application/json")

    async def run(self, request: web.Request) -> web.StreamResponse:
        """A run's page, or one of its files."""
        key, name = key_of(request.rel_url.raw_path.removeprefix("/run/"))
        if not name:
            return await self._run_page(request, key)
        descriptor = await self._read(self._shelf.open, key, name)
        if descriptor is not None:
            return await _send(request, descriptor, name)
        run = await self._read(self._shelf.run, key) if name == REPORT else None
        if run is None or run.state != "finished":
            raise web.HTTPNotFound
        return await self._made_report(request, run.folder)

    async def _run_page(self, request: web.Request, key: str) -> web.Response:
        run = await self._read(self._shelf.run, key)
        if run is None:
            raise web.HTTPNotFound
        summary, problem = await self._read(self._shelf.summary, run)
        if problem:
            run = run._replace(state="damaged", problem=problem)
        above = await self._read(self._shelf.above, run)
        page = pages.run_page(manner_of(request), run, summary, above, self._command(run.folder))
        return _html(request, page)

    async def _made_report(self, request: web.Request, folder: Path) -> web.Response:
        """The report of a run that has none: made now, or what makes it."""
        command = self._command(folder)
        if command is not None or self._options.make_report is None:
            return _html(request, pages.missing_report_page(manner_of(request), command or ""))
        try:
            text = await self._read(self._options.make_report, folder)
        except HarnessError as error:
            return _html(request, pages.message_page(manner_of(request), 404, str(error)), 404)
        return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": REPORT_POLICY})

    def _command(self, folder: Path) -> str | None:
        """What makes a run's report by hand; None where it is made here."""
        return shlex.join(["harness", "report", str(folder)]) if self._options.make_report is None else None


async def _send(request: web.Request, descriptor: int, name: str) -> web.StreamResponse:
    """A file as it is now; of a log that grows what it holds when the answer begins."""
    with os.fdopen(descriptor, "rb") as file:
        left = os.fstat(descriptor).st_size
        response = web.StreamResponse()
        response.content_type = "text/html" if name == REPORT else "text/plain"
        response.charset = "utf-8"
        response.content_length = left
        if name == REPORT:
            response.headers["Content-Security-Policy"] = REPORT_POLICY
        elif left > _LARGE:
            response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        await response.prepare(request)
        while left and request.method != "HEAD":
            chunk = await asyncio.to_thread(file.read, min(left, _CHUNK))
            if not chunk:  # it was cut meanwhile: what was promised cannot be sent
                assert request.transport is not None
                request.transport.abort()
                break
            left -= len(chunk)
            await response.write(chunk)
    return response
