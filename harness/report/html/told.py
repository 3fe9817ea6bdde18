"""One decision as a page tells it: what was asked and expected, what came back, and where in it what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from harness import jsonvalue
from harness.exporters.material import Material, gold_message, is_wrong, wrong_message
from harness.judging import user_text
from harness.report.html.calls import lines
from harness.scorers.attribution import unreturned
from harness.scorers.channels import content_text, read_channels
from harness.scorers.parts import is_a_call_alone
from harness.scorers.quality import leaks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.exporters.material import Message
    from harness.records import Expectation, Finding, Response, Score
    from harness.runlog import Timing, Usage
    from harness.scorers.channels import Channels
    from harness.toolschema import Toolset

Kind: TypeAlias = Literal["invented", "thought", "ungrounded"]


class Told(NamedTuple):
    """What one request came to."""

    material: Material
    """With a response and a score."""
    usage: Usage
    timing: Timing
    url: str
    """The server that answered."""

    @property
    def score(self) -> Score:
        """The verdict."""
        assert self.material.score is not None, "it was judged"
        return self.material.score

    @property
    def response(self) -> Response:
        """What came back."""
        assert self.material.response is not None, "it was asked"
        return self.material.response


def answer(told: Told, tools: Toolset) -> dict[str, Any]:
    """What a model did at a decision and what is wrong with it; places in texts are counted as JavaScript counts them."""
    response, score = told.response, told.score
    quoted = user_text(told.material.decision)
    value: dict[str, Any] = {
        "message": response.message,
        "raw": response.raw,
        "error": response.error,
        "finish": response.finish_reason,
        "state": score.state,
        "outcome": score.outcome,
        "agree": score.channels_agree,
        "violations": [dict(violation) for violation in score.violations],
        "defects": score.quality_defects,
        "time": told.timing.latency,
        "usage": dict(told.usage),
        "url": told.url,
    }
    if response.error is not None:
        return value
    channels = read_channels(response, tools, quoted)
    value["findings"] = list(_findings(score, response))
    value["diff"] = [line.plain() for line in lines(told.material.decision.expect, channels.calls, tools)]
    value |= _spans(response, channels, quoted, marked="leaked_markup" in score.quality_defects)
    if response.message is not None and (content := content_text(response.message)) != response.message.get("content"):
        value["content"] = content
    if is_wrong(score):
        value |= _text_or_reason("rejected", wrong_message(told.material))
    return value


def chosen(material: Material) -> dict[str, Any]:
    """What would have been right at a decision, as a message; or why there is none to show."""
    return _text_or_reason("chosen", gold_message(material))


def _text_or_reason(name: str, found: Message | str) -> dict[str, Any]:
    return {f"no_{name}": found} if isinstance(found, str) else {name: jsonvalue.dumps(found)}


def expectation(expect: Expectation) -> dict[str, Any]:
    """What is expected; arguments and rules as JSON texts, so that no number changes its literal."""
    if expect.calls is None:
        return {expect.kind: True}
    calls = []
    for call in expect.calls:
        one = {"name": call.name, "arguments": jsonvalue.dumps(call.arguments)}
        if call.match:
            rules = {pointer: rule.model_dump(exclude_none=True) for pointer, rule in call.match.items()}
            one["match"] = jsonvalue.dumps(rules)
        calls.append(one)
    return {"calls": calls}


class _Texts:
    """The texts of a response that places are told in."""

    def __init__(self, response: Response) -> None:
        message = response.message or {}
        reasoning = message.get("reasoning") or message.get("reasoning_content")
        self.content = content_text(message)
        self.raw = response.raw or ""
        self.reasoning = reasoning if isinstance(reasoning, str) else ""

    def of(self, finding: Finding) -> tuple[str, str]:
        """The text in which a finding stands, and what it is called."""
        texts = {"content": self.content, "raw": self.raw, "reasoning": self.reasoning}
        first = finding.where if finding.where in texts else "raw"
        for name in (first, *texts):
            if texts[name][finding.start : finding.end] == finding.text:
                return name, texts[name]
        return first, texts[first]


def _findings(score: Score, response: Response) -> Iterable[dict[str, Any]]:
    if not (score.fabrication or score.in_reasoning or score.ungrounded_claims):
        return
    texts = _Texts(response)
    kinds: tuple[tuple[Kind, list[Finding]], ...] = (
        ("invented", score.fabrication),
        ("thought", score.in_reasoning),
        ("ungrounded", score.ungrounded_claims),
    )
    for kind, found in kinds:
        for finding in found:
            name, text = texts.of(finding)
            start, end = _units(text, [(finding.start, finding.end)])[0]
            yield {
                "kind": kind,
                "signal": finding.signal,
                "where": finding.where,
                "in": name,
                "start": start,
                "end": end,
                "text": finding.text,
                "reason": finding.reason,
            }


def _spans(response: Response, channels: Channels, quoted: str, *, marked: bool) -> dict[str, Any]:
    """Where raw text was lost on the way, and where markup reached the user."""
    raw, seen = response.raw or "", channels.raw
    found: dict[str, list[list[int]]] = {}
    if seen is not None and response.message is not None and not (channels.agree and is_a_call_alone(seen)):
        found["lost"] = _units(raw, unreturned(response.message, seen))
    if marked:
        text = content_text(response.message or {})
        found["leaked"] = _units(text, list(leaks(text, quoted)))
        # The tokens that end a generation are in every raw text; they are no leak.
        end = seen.stop if seen is not None else len(raw)
        found["markup"] = _units(raw, list(leaks(raw[:end], quoted)))
    return {name: spans for name, spans in found.items() if spans}


def _units(text: str, spans: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Places in a text in UTF-16 code units."""
    if text.isascii() or max(text, default="") <= "\uffff":
        return [list(span) for span in spans]

    def units(place: int) -> int:
        return place + sum(character > "\uffff" for character in text[:place])

    return [[units(start), units(end)] for start, end in spans]
