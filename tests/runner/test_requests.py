"""What leaves the process: everything that a model needs, and nothing of what is expected of it."""

from __future__ import annotations

import hashlib
import json

import pytest

from harness.suite import load_suite
from harness.testing import MockServer, Reply, write_suite

SECRETIVE = """\
id: secretive
turns:
  - user: Book something.
  - expect: {calls: [{name: book_table, arguments: {place: SHOWN-CALL, guests: 2}}]}
    observations: [SHOWN-OBSERVATION]
  - expect: {no_call: true, min_words: 7}
    answer: FIRST-ANSWER that comes into the history only afterwards.
  - user: Another one.
  - expect:
      defaults_equal: true
      calls:
        - name: book_table
          arguments: {place: GOLD-VALUE, guests: 41517, note: GOLD-NOTE}
          match: {/note: {one_of: [RULE-A, RULE-B], optional: true}, /place: {regex: GOLD-.*}}
    observations: [LAST-OBSERVATION]
  - expect: {no_call: true}
    answer: LAST-ANSWER that no request ever holds.
"""
KEYS = [
    "expect",
    "match",
    "min_words",
    "defaults_equal",
    "no_call",
    "any_call",
    "one_of",
    "regex",
    "observations",
    "answer",
]


@pytest.fixture
def requests(tmp_path, go):
    """The chat requests of the secretive case, by decision; the model answers nonsense throughout."""
    suite = load_suite(write_suite(tmp_path / "secretive", SECRETIVE))
    with MockServer(suite, lambda _: Reply({"role": "assistant", "content": "No."}, "No.<|im_end|>", "stop")) as server:
        go(suite, server, thinking=True, template_arguments={"enable_thinking": True})
    assert server.complaints == []
    return {request.decision.index: request for request in server.chats}


def test_no_expectation_in_any_byte_sent(requests):
    for request in requests.values():
        sent = request.body.decode() + json.dumps(request.headers)
        assert not [word for word in (*KEYS, "RULE-A", "RULE-B", "LAST-ANSWER") if word in sent]
    for secret in ("GOLD-VALUE", "GOLD-NOTE", "41517"):
        holders = {index for index, request in requests.items() if secret in request.body.decode()}
        assert holders <= {3}, "a gold value stands only in the history after its own decision"


def test_history_grows_turn_by_turn(requests):
    shown = {
        "SHOWN-CALL": {1, 2, 3},
        "SHOWN-OBSERVATION": {1, 2, 3},
        "FIRST-ANSWER": {2, 3},
        "GOLD-VALUE": {3},
    }
    for text, expected in shown.items():
        assert {index for index, request in requests.items() if text in request.body.decode()} == expected


def test_the_models_own_answers_stay_out_of_the_history(requests):
    assert all("No." not in request.body.decode() for request in requests.values())


def test_every_sampling_parameter_is_said(requests):
    for request in requests.values():
        body = json.loads(request.body)
        sampling = {name: body[name] for name in body if name not in ("messages", "tools", "tool_choice", "model")}
        assert sampling == {
            "temperature": 0,
            "top_p": 1,
            "top_k": 0,
            "min_p": 0,
            "repetition_penalty": 1,
            "presence_penalty": 0,
            "frequency_penalty": 0,
            "max_tokens": 64,
            "seed": 0,
            "n": 1,
            "stream": False,
            "return_token_ids": True,
            "parallel_tool_calls": True,
            "chat_template_kwargs": {"enable_thinking": True},
        }


def test_tools_are_left_out_where_none_is_offered(suite, go):
    with MockServer(suite) as server:
        go(suite, server)
    bodies = {request.decision.case_id: json.loads(request.body) for request in server.chats}
    assert "tools" not in bodies["chat-3"]
    assert "tool_choice" not in bodies["chat-3"]
    assert "chat_template_kwargs" not in bodies["chat-3"]
    names = [tool["function"]["name"] for tool in bodies["table 2 für zwölf"]["tools"]]
    assert names == ["book_table", "get_route"]


def test_rows_tell_which_request_and_which_prompt(suite, go):
    with MockServer(suite) as server:
        rows = go(suite, server).by_key
    for request in server.chats:
        assert rows[request.decision.key].request_digest == hashlib.sha256(request.body).hexdigest()
    assert len({row.prompt_digest for row in rows.values()}) == len(rows)


def test_the_key_goes_into_a_header_and_into_no_file(suite, go):
    with MockServer(suite, api_key="s3cret-key") as server:
        done = go(suite, server, api_key="s3cret-key")
    assert done.result.metrics.errored == 0
    assert all(request.headers["Authorization"] == "Bearer s3cret-key" for request in server.chats)
    assert b"s3cret-key" not in (done.folder / "run.jsonl").read_bytes()
