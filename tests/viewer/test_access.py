"""Who may look, and at what: this machine or whoever has the token; the files of runs and nothing else."""

from __future__ import annotations

import asyncio
import os

import pytest
from aiohttp.test_utils import TestServer

from harness.viewer.access import REPORT_POLICY, is_loopback, new_token
from harness.viewer.runs import FILES
from harness.viewer.server import Options, application
from harness.viewer.shelf import Shelf

TOKEN = "t0ken-of-this-test"
PAGES = ("/", "/trends", "/run/plain/", "/baseline/first/", "/live.json", "/assets/view.css", "/run/plain/run.jsonl")


def raw(options, *requests, token=None):
    """Sends bytes as they are; a client would put paths in order before it asks. The first lines of the answers."""

    async def asking():
        found = []
        async with TestServer(application(options, token)) as server:
            for request in requests:
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                writer.write(request)
                found.append(await asyncio.wait_for(reader.read(), 10))
                writer.close()
                await writer.wait_closed()
        return found

    return asyncio.run(asking())


def get(path, host=b"localhost"):
    return b"GET " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.9", False),
        ("localhost.example.com", False),
        ("example.com", False),
    ],
)
def test_what_counts_as_this_machine(host, ours):
    assert is_loopback(host) is ours


def test_every_page_is_there(ask):
    assert [answer.status for answer in ask(*PAGES)] == [200] * len(PAGES)


@pytest.mark.parametrize("host", [b"localhost", b"LOCALHOST:1", b"127.0.0.1:8350", b"[::1]:8350", b"[::1]"])
def test_on_loopback_its_own_names_are_answered(options, host):
    assert raw(options, get(b"/live.json", host))[0].startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "host", [b"evil.example", b"localhost.evil.example", b"127.0.0.1.evil.example:80", b"", b"[::2]"]
)
@pytest.mark.parametrize("path", [b"/", b"/run/plain/run.jsonl", b"/nothing"])
def test_on_loopback_no_other_name_is_answered(options, host, path):
    """A page elsewhere can have its own name point to this machine, and would then read what is answered."""
    assert raw(options, get(path, host))[0].startswith(b"HTTP/1.1 403")


def test_a_request_that_names_no_host_is_not_answered(options):
    assert raw(options, b"GET / HTTP/1.0\r\n\r\n")[0].split()[1] in (b"400", b"403")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_but_reading_is_answered(ask, method):
    found = ask(*PAGES, "/nothing", method=method)
    assert {answer.status for answer in found} == {405}
    assert {answer.headers["Allow"] for answer in found} == {"GET,HEAD"}


def test_head_is_answered_without_a_body(ask, place):
    for answer, path in zip(ask(*PAGES, method="HEAD"), PAGES, strict=True):
        assert (answer.status, answer.text) == (200, ""), path
    size = (place / "reports" / "plain" / "run.jsonl").stat().st_size
    assert ask("/run/plain/run.jsonl", method="HEAD")[0].headers["Content-Length"] == str(size)


def test_elsewhere_the_token_is_needed(options, ask):
    elsewhere = Options(options.folder, options.baselines, host="0.0.0.0")
    wrong = ["", "?token=", "?token=wrong", f"?token={TOKEN}x", "?token=%C3%BC", "?token=%ED%B3%BF"]
    for path in PAGES:
        found = ask(*(path + query for query in wrong), options=elsewhere, token=TOKEN)
        assert {answer.status for answer in found} == {403}, path
    assert "reports" not in ask("/", options=elsewhere, token=TOKEN)[0].text


def test_with_the_token_a_cookie_comes_and_the_address_forgets_it(options, ask):
    elsewhere = Options(options.folder, options.baselines, host="0.0.0.0")
    moved, *others = ask(f"/?suite=sample&token={TOKEN}", *PAGES, options=elsewhere, token=TOKEN, allow_redirects=False)
    assert (moved.status, moved.headers["Location"]) == (303, "/?suite=sample")
    cookie = moved.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert [answer.status for answer in others] == [200] * len(PAGES)


def test_tokens_are_long_and_never_the_same():
    assert len({new_token() for _ in range(50)}) == 50
    assert min(len(new_token()) for _ in range(50)) >= 43


def test_every_answer_tells_the_browser_what_to_refuse(options, ask):
    elsewhere = Options(options.folder, options.baselines, host="0.0.0.0")
    found = ask(*PAGES, "/nothing", "/run/plain/report.html") + ask("/", options=elsewhere, token=TOKEN)
    found += ask("/", method="POST")
    for answer in found:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Python" not in answer.headers["Server"]


def test_a_report_is_a_page_of_nobody_and_other_files_are_text(place, ask):
    """Whoever wrote a report does not read the other runs with it."""
    (place / "reports" / "plain" / "report.html").write_text("<script>1</script>")
    report, *texts = ask(*(f"/run/plain/{name}" for name in FILES if name != "server.log"))
    assert (report.text, report.headers["Content-Security-Policy"]) == ("<script>1</script>", REPORT_POLICY)
    assert "sandbox allow-scripts" in REPORT_POLICY
    assert "allow-same-origin" not in REPORT_POLICY
    assert report.headers["Content-Type"] == "text/html; charset=utf-8"
    for answer in texts:
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert "sandbox;" in answer.headers["Content-Security-Policy"]


def test_files_come_as_they_are(place, ask):
    for name in ("run.jsonl", "summary.json", "summary.md"):
        assert ask(f"/run/both/rollout/{name}")[0].text == (place / "reports/both/rollout" / name).read_text()
    assert ask("/run/both/gap.md")[0].text == (place / "reports/both/gap.md").read_text()


def test_a_large_text_is_kept_rather_than_shown(place, ask):
    log = place / "reports" / "plain" / "server.log"
    with log.open("wb") as file:
        file.truncate(20_000_001)
    (answer,) = ask("/run/plain/server.log", method="HEAD")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="server.log"'


OUTSIDE = [
    "/run/plain/../../secret.txt",
    "/run/plain/..%2f..%2fsecret.txt",
    "/run/%2e%2e/secret.txt",
    "/run/../secret.txt",
    "/run/..%5c..%5csecret.txt",
    "/run//secret.txt",
    "/run/plain//run.jsonl",
    "/run//plain/run.jsonl",
    "/run/./plain/run.jsonl",
    "/run/plain/%00run.jsonl",
    "/run/plain/run.jsonl%00",
    "/run/both/../plain/run.jsonl",
    "/run/plain/secret.txt",
    "/run/plain/other.html",
    "/run/linked/run.jsonl",
    "/run/linked/",
    "/run/file/run.jsonl",
    "/run/plain/server.log",
    "/run/both/",
    "/run/both",
    "/run/plain",
    "/run/",
    "/run/both/run.jsonl",
    "/run/pipe/run.jsonl",
    "/run/gap.md",
    "/assets/../server.py",
    "/assets/..%2fserver.py",
    "/assets/",
    "/assets/index.html.j2",
    "/assets/words.json",
    "/baseline/../first/",
    "/baseline/none/",
    "/baseline/first.jsonl",
    "//etc/passwd",
    "/etc/passwd",
]


def test_nothing_outside_the_folder_is_served_and_no_folder_is_listed(place, options):
    reports = place / "reports"
    (place / "secret.txt").write_text("SECRET")
    (reports / "plain" / "secret.txt").write_text("SECRET")
    (reports / "plain" / "other.html").write_text("SECRET")
    (reports / "linked").symlink_to(place / "reports" / "plain")
    (reports / "file").mkdir()
    (reports / "file" / "run.jsonl").symlink_to(place / "secret.txt")
    (reports / "plain" / "server.log").symlink_to(place / "secret.txt")
    (reports / "pipe").mkdir()
    os.mkfifo(reports / "pipe" / "run.jsonl")
    found = raw(options, *(get(path.encode()) for path in OUTSIDE))
    for path, answer in zip(OUTSIDE, found, strict=True):
        assert answer.split()[1] in (b"404", b"400"), path
        assert b"SECRET" not in answer, path
        assert b"root:" not in answer, path


def test_a_file_exchanged_for_a_link_after_it_was_listed_is_not_followed(place, options):
    (place / "secret.txt").write_text("SECRET")
    page = place / "reports" / "plain" / "summary.md"
    shelf = Shelf(options.folder, options.baselines)
    os.close(shelf.open("plain", page.name))
    page.unlink()
    page.symlink_to(place / "secret.txt")
    assert shelf.open("plain", page.name) is None


def test_a_folder_exchanged_for_a_link_is_not_followed(place, options):
    shelf = Shelf(options.folder, options.baselines)
    shelf.listing()
    (place / "reports" / "plain").rename(place / "moved")
    (place / "reports" / "plain").symlink_to(place / "moved")
    assert shelf.open("plain", "run.jsonl") is None


def test_what_is_no_http_is_refused(options):
    for answer in raw(
        options,
        b"\x16\x03\x01\x00\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: " + b"y" * 99999 + b"\r\n\r\n",
    ):
        assert answer.split()[1] == b"400"
