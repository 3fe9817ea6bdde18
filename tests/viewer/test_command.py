"""`harness view` as people use it: a process, a port, a browser; Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import pytest

import harness as package
from harness.cli import main, view

ROOT = Path(package.__file__).parents[1]


@contextmanager
def viewing(place, *words):
    """The process, and the address that it says."""
    command = [sys.executable, "-m", "harness", "view", "reports", "--port", "0", *words]
    process = subprocess.Popen(
        command,
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        found = re.fullmatch(r"reports is shown at (http://\S+) \(Ctrl-C ends it\)\n", line)
        assert found, line + process.stderr.read()
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("number", "code", "told"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_it_serves_until_it_is_told_to_end(place, number, code, told):
    with viewing(place) as (process, address):
        with urlopen(address) as answer:
            assert "plain" in answer.read().decode()
        with socket.create_connection(("127.0.0.1", int(address.split(":")[2].rstrip("/")))):  # asks nothing, stays
            with socket.create_connection(("127.0.0.1", int(address.split(":")[2].rstrip("/")))) as other:
                other.sendall(b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n")  # what is no HTTP is no news either
                assert other.recv(99).split()[1] == b"400"
            begin = time.monotonic()
            process.send_signal(number)
            _, err = process.communicate(timeout=20)
        assert (process.returncode, err) == (code, f"harness: {told}\n")
        assert time.monotonic() - begin < 10


def test_elsewhere_than_on_loopback_only_the_printed_address_opens_it(place):
    with viewing(place, "--host", "0.0.0.0") as (_, printed):
        address = printed.replace(socket.gethostname(), "127.0.0.1")
        bare, _, token = address.partition("?token=")
        assert len(token) >= 43
        with pytest.raises(HTTPError, match="403"):
            urlopen(bare)
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        with browser.open(address) as answer:
            assert (answer.url, "plain" in answer.read().decode()) == (bare, True)
        with browser.open(bare + "run/plain/") as answer:
            assert answer.status == 200


def test_a_port_in_use_is_said(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["view", "--port", str(port)]) == 2
    assert f"port {port} on 127.0.0.1 is in use" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere"], "nowhere: no such folder"),
        (["reports/plain/run.jsonl"], "run.jsonl: no such folder"),
        (["--host", "192.0.2.1", "--port", "0"], "cannot listen on 192.0.2.1"),
        (["--host", "a..b", "--port", "0"], "cannot listen on a..b"),
    ],
)
def test_wrong_use_is_said(place, monkeypatch, capsys, words, told):
    monkeypatch.chdir(place)
    assert main(["view", *words]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--port", "-1"], ["--port", "65536"], ["--port", "http"]])
def test_ports_that_are_none_end_with_2(words):
    with pytest.raises(SystemExit) as end:
        main(["view", *words])
    assert end.value.code == 2


def test_a_browser_is_opened_on_request_and_is_not_waited_for(place, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(view.webbrowser, "open", lambda address: bool(opened.append(address)))
    monkeypatch.setattr(view.threading, "Thread", Now)
    monkeypatch.setattr(view, "serve", lambda _, ready: ready("http://127.0.0.1:1/"))
    assert main(["view", str(place / "reports"), "--open"]) == 0
    assert opened == ["http://127.0.0.1:1/"]
    assert "no browser could be opened" in capsys.readouterr().err
    assert main(["view", str(place / "reports")]) == 0
    assert len(opened) == 1


class Now:
    """A thread that is done at once."""

    def __init__(self, *, target, args, daemon):
        assert daemon
        self.start = lambda: target(*args)
