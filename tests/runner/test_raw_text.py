"""Raw text is exactly what the server's tokenizer makes of the generated tokens, however few requests it takes."""

from __future__ import annotations

import asyncio
from itertools import repeat
from typing import TYPE_CHECKING, cast

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from harness import jsonvalue
from harness.client import Client, Detokenizer, Policy
from harness.runlog import LOG_NAME
from harness.testing import MINIATURES, Faults, MockServer, Received, sample_suite
from harness.testing.tokens import FIRST_SPECIAL, SPECIAL, decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

PROMPT = encode("<|im_start|>user\nGood morning!<|im_end|>\n<|im_start|>assistant\n")


def ask(server, responses, prompt=PROMPT):
    """The texts of many responses that finish at once."""

    async def texts():
        async with Client([server.base_url]) as client:
            detokenizer = Detokenizer(client, "mock")
            return await asyncio.gather(*(detokenizer.text(0, ids, prompt) for ids in responses))

    return asyncio.run(texts())


class Silent:
    """A client whose server never answers."""

    async def detokenize(self, *_: object) -> str:
        return await asyncio.get_running_loop().create_future()


def test_nothing_is_asked_any_more_once_it_is_closed():
    """What is under way when a run ends early would meet a closed connection."""

    async def left() -> int:
        detokenizer = Detokenizer(cast("Client", Silent()), "mock")
        waiting = [detokenizer.text(0, encode(f"number {number}"), PROMPT) for number in range(5)]
        waiting.append(detokenizer.tail(0, PROMPT))
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) > 1
        detokenizer.close()
        await asyncio.wait(waiting, timeout=5)
        await asyncio.sleep(0)
        assert all(future.cancelled() for future in waiting)
        return len(asyncio.all_tasks())

    assert asyncio.run(left()) == 1, "this one alone"


@given(st.lists(st.text() | st.sampled_from(SPECIAL)))
def test_toy_tokenizer_loses_nothing(parts):
    text = "".join(parts)
    assert decode(encode(text)) == text


@pytest.mark.parametrize("how", ["exact", "spacing"])
def test_many_at_once_are_what_each_alone_is(suite, how):
    texts = ["", " ", "plain", "<think>\na</think> b<|im_end|>", "<tool_call>\n{}\n</tool_call>", "你好 ﷺ\u200b"]
    responses = [encode(text) for text in texts] + [[FIRST_SPECIAL + len(SPECIAL) + 7], [0x110000 + 1]]
    responses += [encode(f"number {number}<|im_end|>") for number in range(150)]
    with MockServer(suite, faults=Faults(detokenizing=how)) as server:
        assert ask(server, responses) == [decode(ids, how) for ids in responses]
    if how == "exact":
        assert len(server.received) < 12, "150 responses in a few requests"
    else:
        assert len(server.received) > 150, "joined ids do not decode to joined texts here"


def test_a_response_that_holds_the_separator_is_still_exact(suite):
    """As a token of its own, and spelt out in plain characters."""
    spelt = [ord(character) for character in "<|im_start|>user"]
    responses = [encode("one<|im_end|>"), encode("<|im_start|>user"), spelt, encode("two<|im_end|>")]
    with MockServer(suite) as server:
        assert ask(server, responses) == [decode(ids) for ids in responses]


@pytest.mark.parametrize("prompt", [[], [65], [65, 65]], ids=["none", "no special token", "one token only"])
def test_without_a_fit_separator_each_is_asked_alone(suite, prompt):
    responses = [encode("Aha"), encode("BAB"), encode("")]
    with MockServer(suite) as server:
        assert ask(server, responses, prompt) == ["Aha", "BAB", ""]


@pytest.mark.parametrize("miniature", ["gold", "leaks_markup", "cut_off"])
def test_a_run_keeps_raw_text_as_the_server_decodes_it(tmp_path, go, miniature):
    suite = sample_suite(tmp_path / "many", copies=4)
    with MockServer(suite, miniature) as server:
        rows = go(suite, server).rows
    assert [row.response.raw for row in rows] == [decode(row.token_ids) for row in rows]
    assert len(asked(server)) < len(rows) or miniature == "leaks_markup"


def asked(server):
    """The /detokenize requests that a server got."""
    return [request for request in server.received if request.path == "/detokenize"]


class Decoding(MockServer):
    """Its /detokenize answers with the statuses given first, with None as it should."""

    statuses: Iterator[int | None] = iter(())

    async def _detokenize(self, request):
        if code := next(self.statuses, None):
            self.received.append(Received(request.path, dict(request.headers), await request.read()))
            return web.json_response({"error": "by plan"}, status=code)
        return await super()._detokenize(request)


QUICK = Policy(timeout=5.0, retries=2, backoff=0.001)


def test_a_server_without_the_endpoint_is_asked_once(tmp_path, go):
    suite = sample_suite(tmp_path / "many", copies=4)
    with MockServer(suite, faults=Faults(detokenizing="absent")) as server:
        done = go(suite, server, concurrency=1)
        assert len(asked(server)) <= 2
        assert {row.raw_fault.status for row in done.rows} == {404}
        assert done.result.footer.without_raw == {"no_detokenize": len(suite.decisions)}
        server.received.clear()
        before = (done.folder / LOG_NAME).read_bytes()
        go(suite, server, resume=True)
        assert server.received == []
    assert (done.folder / LOG_NAME).read_bytes() == before, "what no server has is nothing to resume for"


@pytest.mark.parametrize("code", [500, 429, 503])
def test_passing_trouble_is_retried(suite, go, code):
    with Decoding(suite) as server:
        server.statuses = iter([code, code])
        done = go(suite, server, policy=QUICK)
    assert [row.response.raw for row in done.rows] == [decode(row.token_ids) for row in done.rows]
    assert {row.raw_fault for row in done.rows} == {None}
    assert done.result.footer.without_raw == {}


def test_raw_text_that_is_lost_is_counted_and_only_that_is_asked_for_again(suite, go):
    notices = []
    with MockServer(suite, "parser_drops_a_call", prompt_end="<think>\n\n</think>\n\n") as server:
        whole = go(suite, server, folder="whole")
    with Decoding(suite, "parser_drops_a_call", prompt_end="<think>\n\n</think>\n\n") as server:
        server.statuses = repeat(500)
        first = go(suite, server, policy=QUICK)
        assert {row.response.raw for row in first.rows} == {None}
        assert {(row.raw_fault.kind, row.raw_fault.status) for row in first.rows} == {("http", 500)}
        assert all(row.score.skipped for row in first.rows)
        assert first.result.footer.without_raw == {"detokenize_failed": 8}
        assert first.result.metrics != whole.result.metrics
        server.received.clear()
        again = go(suite, server, resume=True, policy=QUICK)
        assert again.result.footer.without_raw == {"detokenize_failed": 8}
        server.statuses = iter(())
        last = go(suite, server, resume=True, on_notice=notices.append)
        assert server.chats == [], "the model is not asked again"
        assert last.result.metrics == whole.result.metrics
        assert last.result.footer.without_raw == {}
        assert last.result.footer.rows == 16
        before = (last.folder / LOG_NAME).read_bytes()
        go(suite, server, resume=True)
    assert notices == [
        "resuming: 8 decisions are done, 0 errored are asked again; the raw text of 8 is asked for again"
    ]
    assert {key: row.score for key, row in last.by_key.items()} == {key: row.score for key, row in whole.by_key.items()}
    assert {row.response.prompt_think for row in last.rows} == {"closed"}
    assert (last.folder / LOG_NAME).read_bytes() == before


def test_an_endpoint_that_fails_again_and_again_is_left_alone_for_a_while(tmp_path, go):
    suite = sample_suite(tmp_path / "many", copies=12)
    with Decoding(suite) as server:
        server.statuses = repeat(503)
        done = go(suite, server, policy=QUICK, concurrency=4)
        assert len(asked(server)) < 40, "of 96 responses only the first few wait for it"
    assert done.result.footer.without_raw == {"detokenize_failed": 96}


def test_one_response_that_cannot_be_decoded_costs_the_others_nothing(tmp_path, go):
    """Whatever batch it is in: the others of it are asked for alone."""

    class Picky(MockServer):
        async def _detokenize(self, request):
            if ord("?") in jsonvalue.loads(await request.read())["tokens"]:
                return web.json_response({"error": "by plan"}, status=500)
            return await super()._detokenize(request)

    suite = sample_suite(tmp_path / "many", copies=4)
    one = suite.decisions[5]
    odd = MINIATURES["gold"](one)._replace(raw="Sure?")
    with Picky(suite, lambda decision: odd if decision is one else MINIATURES["gold"](decision)) as server:
        done = go(suite, server, policy=QUICK)
    assert {key for key, row in done.by_key.items() if row.raw_fault} == {one.key}


def test_another_replica_decodes_for_one_that_has_no_endpoint(suite, go):
    with MockServer(suite, faults=Faults(detokenizing="absent")) as one, MockServer(suite) as two:
        done = go(suite, one, two, concurrency=1)
    assert [row.response.raw for row in done.rows] == [decode(row.token_ids) for row in done.rows]
    assert len(asked(one)) <= 2


def test_without_the_endpoint_there_is_no_raw_text(suite, go):
    with MockServer(suite, faults=Faults(detokenizing="absent")) as server:
        rows = go(suite, server).rows
    assert {row.response.raw for row in rows} == {None}
    assert all(row.token_ids for row in rows)
    assert {row.score.channels_agree for row in rows} == {None}
    assert all(row.score.skipped for row in rows)


def test_without_token_ids_nothing_is_asked_and_nothing_invented(suite, go):
    with MockServer(suite, faults=Faults(token_ids=False)) as server:
        done = go(suite, server)
    assert done.result.metrics.metrics["tool_call_accuracy"].value == 1.0
    assert {(row.response.raw, row.token_ids, row.prompt_digest) for row in done.rows} == {(None, None, None)}
    assert not asked(server)
    assert done.result.footer.without_raw == {"no_token_ids": len(suite.decisions)}


@pytest.mark.parametrize(
    ("prompt_end", "expected"),
    [("", "none"), ("<think>\n", "open"), ("<think>\n\n</think>\n\n", "closed"), ("<think>", "open")],
)
def test_the_prompts_end_tells_where_thinking_stands(suite, go, prompt_end, expected):
    with MockServer(suite, prompt_end=prompt_end) as server:
        done = go(suite, server)
    assert {row.response.prompt_think for row in done.rows} == {expected}
    mismatched = {"think_mismatch"} if expected == "open" else set()
    assert set(done.result.metrics.quality_defects) - {"too_short"} == mismatched
