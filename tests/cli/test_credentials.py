"""Credentials in --base-url are used, and stand nowhere: no file, no line on the terminal."""

from __future__ import annotations

import base64
import sys

import pytest
from aiohttp import web

from harness.address import Address, redacted, split_addresses
from harness.cli import main
from harness.errors import UsageError
from harness.runlog import LOG_NAME, decision_rows, read_log
from harness.testing import DROP, NO_TOOL_PARSER, Faults, MockServer, Trouble, status

PASSWORD, KEY = "hunter2!x", "sk-4711-secret"
SECRETS = (PASSWORD, "hunter2%21x", KEY, "hunter2", base64.b64encode(f"robot:{PASSWORD}".encode()).decode())


class Guarded(MockServer):
    """Wants a user, a password and a key in the query, and repeats them in its refusals."""

    right = True

    def _refused(self, request):
        expected = "Basic " + base64.b64encode(f"robot:{PASSWORD}".encode()).decode()
        if self.right and request.headers.get("Authorization") == expected and request.query.get("api_key") == KEY:
            return None
        return web.json_response({"error": f"{PASSWORD} or {KEY} is wrong: {request.headers}"}, status=401)

    async def _detokenize(self, request):
        return self._refused(request) or await super()._detokenize(request)

    async def _version(self, request):
        return self._refused(request) or await super()._version(request)

    async def _metrics(self, request):
        return self._refused(request) or await super()._metrics(request)

    @property
    def guarded_url(self):
        return self.base_url.replace("://", "://robot:hunter2%21x@") + f"/?api_key={KEY}"


@pytest.fixture
def go(harness, place, monkeypatch):
    """Runs the suite with these words as the real command line; nothing secret may be left anywhere."""

    def command(*words):
        given = ["run", "suite", *words, "--dialect", "hermes", "--retries", "0", "--out", "out"]
        monkeypatch.setattr(sys, "argv", ["harness", *given])
        said = harness(*given)
        texts = {"out": said.out, "err": said.err}
        texts |= {
            str(path): path.read_text() for path in place.rglob("*") if path.is_file() and "suite" not in path.parts
        }
        assert not [(name, secret) for name, text in texts.items() for secret in SECRETS if secret in text]
        return said

    return command


@pytest.mark.parametrize("form", ["two words", "one word"])
def test_they_are_used_and_not_written(suite, go, place, form):
    with Guarded(suite) as server:
        words = ["--base-url", server.guarded_url] if form == "two words" else [f"--base-url={server.guarded_url}"]
        assert go(*words).code == 0
        url = server.base_url
    log = read_log(place / "out")
    assert log.header.base_urls == [url]
    assert any(f"http://***@{url.removeprefix('http://')}/?***" in word for word in log.header.command)
    assert log.header.identity.server["vllm_version"] == "0.32.0"
    assert log.footer.server_metrics["prompt_tokens"] > 0
    assert {row.response.raw is None for row in log.rows()} == {False}


def test_a_key_in_the_environment_does_not_take_their_place(suite, go, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    with Guarded(suite) as server:
        assert go("--base-url", server.guarded_url, "--model", "mock").code == 0


def test_a_server_that_repeats_them(suite, go, monkeypatch):
    with Guarded(suite) as server:
        server.right = False
        said = go("--base-url", server.guarded_url)
        assert said.code == 4
        assert "*** or *** is wrong" in said.err
    monkeypatch.setenv("OPENAI_API_KEY", "hunter2!x")
    with MockServer(suite, api_key="right") as server:
        assert go("--base-url", server.base_url).code == 4


def test_faults_and_the_way_on(suite, go, place):
    echo = Trouble("answer", 403, f'{{"error": "no, {PASSWORD} {KEY}"}}'.encode())
    page = Trouble("answer", 200, f"<html>{KEY}".encode())
    with Guarded(suite, faults=Faults(cases={"chat-3": echo, "route-4": DROP, "weather-1": page})) as server:
        assert go("--base-url", server.guarded_url).code == 3
        assert go("--base-url", server.guarded_url, "--resume").code == 3
        server.faults = Faults(always=status(404)._replace(body=b'{"error": "The model `mock` does not exist."}'))
        said = go("--base-url", server.guarded_url, "--resume")
    assert said.code == 2
    assert "--base-url 'http://***@127.0.0.1:" in said.err, "the way on"
    assert {row.fault.message for row in decision_rows(place / "out" / LOG_NAME) if row.case == "chat-3"} == {
        "no, *** ***"
    }


@pytest.mark.parametrize("key", ["a", "auto", "exist"])
def test_a_key_that_is_a_common_word_hides_no_hint(suite, run, monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with MockServer(suite, api_key=key, faults=Faults(always=NO_TOOL_PARSER)) as server:
        said = run(server)
    assert said.code == 2
    assert "--enable-auto-tool-choice --tool-call-parser NAME" in said.err


def test_replicas_that_differ(suite, go):
    with Guarded(suite) as one, Guarded(suite, version="0.31.0") as two:
        said = go("--base-url", f"{one.guarded_url},{two.guarded_url}")
    assert said.code == 2
    assert "the replicas differ" in said.err


@pytest.mark.parametrize(
    "url",
    [
        f"robot:{PASSWORD}@host:8000/v1",
        f"ftp://robot:{PASSWORD}@host/v1",
        f"http://robot:{PASSWORD}@/v1",
        f"http://robot:a,{PASSWORD}@host:1x/v1",
        f"http://robot:a?{PASSWORD}@host/v1",
        f"http://robot:1#{PASSWORD}@host/v1",
        f"http://robot:a {PASSWORD}@host/v1",
        f"http://host/v1?api_key=a@{KEY}",
        f"http://[host/v1?api_key={KEY}",
    ],
)
@pytest.mark.usefixtures("suite")
def test_what_is_no_url_is_not_shown(go, url):
    assert go("--base-url", url, "--model", "mock").code == 2


@pytest.mark.usefixtures("suite")
def test_a_host_that_is_not_there(go):
    assert go("--base-url", f"http://robot:{PASSWORD}@127.0.0.1:1/v1?api_key={KEY}").code == 4


def test_a_mistyped_option(capfd):
    with pytest.raises(SystemExit):
        main(["run", "suite", "--serve", "m", "--bass-url", f"http://robot:{PASSWORD}@host/v1?api_key={KEY}"])
    said = capfd.readouterr().err
    assert "unrecognized arguments: --bass-url http://***@host/v1?***" in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://host:8000/v1", "http://host:8000/v1"),
        ("--base-url=https://u:p@host/v1", "--base-url=https://***@host/v1"),
        ("http://u:p,q@a/v1,http://b/v1,HTTPS://u@c?x=1", "http://***@a/v1,http://b/v1,HTTPS://***@c?***"),
        ("http://a/v1?k=b@c", "http://***"),
        ("see http://u:p@a/v1 and user@example.org", "see http://***@a/v1 and user@example.org"),
        ("http://u:p@q@a/v1", "http://***@a/v1"),
    ],
)
def test_redacted(text, shown):
    assert redacted(text) == shown


def test_parts_of_an_address():
    address = Address.parse("https://u:p%40ss@[::1]:8000/v1/?api-version=1&key=abc%20d")
    assert address.shown == "https://[::1]:8000/v1"
    assert address.url("/models") == "https://[::1]:8000/v1/models?api-version=1&key=abc%20d"
    assert address.root_url("/version") == "https://[::1]:8000/version?api-version=1&key=abc%20d"
    assert address.authorization == "Basic " + base64.b64encode(b"u:p@ss").decode()
    assert {"p%40ss", "p@ss", "abc d"} <= address.secrets
    assert Address.parse("http://host/v1").authorization is None


def test_addresses_by_comma():
    assert split_addresses("http://u:p,q@a/v1, http://b/v1,") == ["http://u:p,q@a/v1", "http://b/v1"]
    assert split_addresses(",") == []
    with pytest.raises(UsageError, match="is no URL"):
        Address.parse(",")
