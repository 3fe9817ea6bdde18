"""What a model writes is shown, never obeyed: no escape sequence or direction override reaches a screen or a page."""

from __future__ import annotations

import io
import json
import re

import pytest

from harness.metrics import Confusion, Rate
from harness.records import Expectation, Response, Score, ToolSpec, Violation
from harness.report.markdown import markdown
from harness.report.terminal import console, print_view
from harness.report.transcript import print_case
from harness.report.view import run_view
from harness.runlog import DecisionRow, Timing
from harness.suite import Decision
from harness.visible import one_line, visible, visible_json

HOSTILE = {
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;pwned\x07",
    "link": "\x1b]8;;http://evil/\x1b\\click\x1b]8;;\x1b\\",
    "C1": "\x9b2Jgone",
    "back": "abc\b\b\bxyz",
    "return": "safe\rEVIL",
    "null": "a\0b",
    "delete": "a\x7fb",
    "right to left": "\u202egnp.exe",
    "isolate": "\u2066x\u2069",
    "marks": "a\u200e\u200f\u061cb",
    "surrogate": "a\ud800b",
    "clipboard": "\x1b]52;c;cm0gLXJmIH4K\x07",
    "clipboard by C1": "\x9d52;c;cm0gLXJmIH4K\x9c",
    "bell": "ding\x07",
    "no width": "pay\u200bpal\u2060\ufeff\u00ad",
    "separators": "one\u2028two\u2029three",
    "annotation": "\ufff9a\ufffab\ufffb",
    "tags": "ok\U000e0073\U000e0061\U000e007f",
    "rich markup": "[bold red]not bold[/] [link=http://evil]x[/link]",
}
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_made_visible(text):
    shown = visible(text)
    assert not FORBIDDEN.search(shown)
    assert shown == FORBIDDEN.sub(
        lambda match: f"\\u{ord(match[0]):04x}" if match[0] < "\U00010000" else f"\\U{ord(match[0]):08x}", text
    )
    assert json.loads(visible_json(json.dumps(text, ensure_ascii=False))) == text
    assert not FORBIDDEN.search(visible_json(json.dumps(text, ensure_ascii=False)))
    assert "\n" not in one_line(f"{text}\n{text}")


def test_plain_text_of_any_language_stays():
    text = "日本語 العربية עברית 한국어 emoji 👩\u200d💻 tab\tline\nend"
    assert visible(text) == text


def transcript(text, *, full=True):
    tool = ToolSpec.model_validate({"type": "function", "function": {"name": "look"}})
    expect = Expectation.model_validate({"calls": [{"name": "look", "arguments": {"q": text}}]})
    history = ({"role": "user", "content": text}, {"role": "tool", "tool_call_id": "c", "content": text})
    decision = Decision(text or "case", 0, 1, (tool,), history, expect, "d", {"kind": text})
    calls = [{"function": {"name": text, "arguments": text}}, {"function": 5}, "odd"]
    row = DecisionRow(
        case="case",
        index=0,
        digest="d",
        request_digest="r",
        response=Response(
            message={"content": text, "reasoning": text, "tool_calls": calls}, raw=FORBIDDEN.sub("?", text) + "\x1b[2J"
        ),
        score=Score(
            state="malformed",
            outcome="malformed_call",
            call_correct=False,
            name_correct=False,
            args_correct=False,
            violations=[Violation(code="invalid_json", path="/0/arguments/x", message="bad \x1b[31m")],
            channels_agree=False,
        ),
        timing=Timing(started=0, latency=0),
    )
    out = io.StringIO()
    print_case([(decision, row)], console(out), full=full)
    return out.getvalue()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_transcripts(text):
    shown = transcript(text)
    assert not FORBIDDEN.search(shown)
    assert visible(text) in shown


@pytest.fixture
def hostile_view(header, footer, metrics):
    """A view with hostile text wherever a model, a suite or a server can put some."""
    bad = " ".join(HOSTILE.values()) + " | a\nb <script> ![x](http://evil) `c` # d"
    identity = header.identity.model_copy(
        update={"model": bad, "suite": bad, "server": {"vllm_version": bad, "parent": bad, "tool_call_parser": bad}}
    )
    rate = Rate(numerator=1, denominator=1, value=1.0, low=0.2, high=1.0)
    slices = [
        found.model_copy(update={"dimension": bad, "value": f"{bad} {number}"})
        for number, found in enumerate(metrics.slices)
    ]
    assert rate.value
    confusions = [Confusion(expected=bad, actual=bad, count=3)]
    changed = metrics.model_copy(update={"confusions": confusions, "slices": slices})
    return run_view(header.model_copy(update={"identity": identity}), footer, changed, bad)


def test_summary_on_the_terminal(hostile_view):
    out = io.StringIO()
    print_view(hostile_view, console(out))
    assert not FORBIDDEN.search(out.getvalue())


def test_summary_as_markdown(hostile_view):
    document = markdown(hostile_view)
    assert not FORBIDDEN.search(document)
    assert not re.search(r"(?<!\\)<script|(?<!\\)!?\[x\]|\n# d", document)
    for line in document.splitlines():
        if line.startswith("|"):
            bars = len(re.findall(r"(?<!\\)\|", line))
            assert bars in (4, 5, 6, 7), line
