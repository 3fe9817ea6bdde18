"""Raw text is exactly what the server's tokenizer makes of the generated tokens, however few requests it takes."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.client import Client, Detokenizer
from harness.testing import Faults, MockServer, sample_suite
from harness.testing.tokens import FIRST_SPECIAL, SPECIAL, decode, encode

PROMPT = encode("<|im_start|>user\nGood morning!<|im_end|>\n<|im_start|>assistant\n")


def ask(server, responses, prompt=PROMPT):
    """The texts of many responses that finish at once."""

    async def texts():
        async with Client([server.base_url]) as client:
            detokenizer = Detokenizer(client, "mock")
            return await asyncio.gather(*(detokenizer.text(0, ids, prompt) for ids in responses))

    return asyncio.run(texts())


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
    asked = [request for request in server.received if request.path == "/detokenize"]
    assert len(asked) < len(rows) or miniature == "leaks_markup"


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
    assert not [request for request in server.received if request.path == "/detokenize"]


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
