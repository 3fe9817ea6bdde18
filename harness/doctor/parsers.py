"""Checks of the tool-call parser: whether one is on, and whether it reads what this model writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.doctor import conversations as known
from harness.doctor.diagnosis import Check, fail, ok, unknown, warn
from harness.doctor.formats import TOOLSET, dialect_in_raw, is_swallowed, read
from harness.records import Response
from harness.scorers.attribution import attribute
from harness.scorers.channels import content_text, message_calls
from harness.scorers.fabrication import Trajectory
from harness.scorers.verdict import score

if TYPE_CHECKING:
    from harness.doctor.evidence import Evidence
    from harness.doctor.probe import Exchange
    from harness.records import Dialect, Score
    from harness.scorers.attribution import Attribution

_START = "start vLLM with --enable-auto-tool-choice --tool-call-parser"


def _right_parser(dialect: Dialect | None) -> str:
    return f"{_START} {known.PARSERS[dialect] if dialect is not None else 'NAME'}"


def tool_choice(evidence: Evidence) -> Check:
    """Whether the server accepts tools with `tool_choice: auto`."""
    name, did = "tool choice", "offered tools with tool_choice auto"
    fault = evidence.free.fault
    if fault is None:
        return ok(name, did, "the server accepts them")
    if "tool parser" in fault.message or "tool-call-parser" in fault.message:
        saw = "the server has no tool parser on: every call of the model would stay plain text"
        return fail(name, did, saw, _right_parser(evidence.dialect))
    return fail(name, did, f"the server refuses or fails: {fault.message}", "see the server's log")


def tool_parser(evidence: Evidence) -> Check:
    """Whether the parser reads the dialect that the model writes, whatever the model does of its own."""
    name = "tool parser"
    did = "put a known call into the model's mouth in every format, one after another, and looked for it in the message"
    if evidence.free.fault is not None:
        return unknown(name, did, "tools are not accepted: see tool choice")
    dialect = evidence.dialect
    reads = [reading.dialect for reading in evidence.readings if reading.returned]
    told = {reading.dialect: reading for reading in evidence.readings if reading.returned is not None}
    if not told:
        return _swallowed(name, did) if is_swallowed(evidence.free) else _without_dictation(name, did, evidence)
    where = " (by derender)" if any(reading.how == "derender" for reading in told.values()) else ""
    shown = f"the server's parser reads {', '.join(reads) or 'none of the formats that the harness knows'}{where}"
    if dialect is None:
        return _of_unknown_dialect(name, did, shown, evidence)
    if dialect in reads:
        return ok(name, did, f"{shown}, and so the model's calls are written")
    if dialect not in told:
        return unknown(name, did, f"{shown}; whether it reads {dialect} could not be tried")
    return fail(name, did, f"{shown}; the model's calls are written in {dialect}", _right_parser(dialect))


def _of_unknown_dialect(name: str, did: str, shown: str, evidence: Evidence) -> Check:
    if _calls(evidence.free):
        return ok(name, did, f"{shown}; a call that the model made of its own came back as a call")
    advice = "say with --dialect how the model writes calls"
    return unknown(name, did, f"{shown}; how the model writes calls is not known", advice)


def _swallowed(name: str, did: str) -> Check:
    return unknown(name, did, "the whole answer was taken for reasoning before any call was looked for")


def _without_dictation(name: str, did: str, evidence: Evidence) -> Check:
    """What calls of the model's own, or forced ones, tell of the parser."""
    did = f"{did}: the server does not take dictation (structured outputs); looked at other calls instead"
    own, forced, dialect = dialect_in_raw(evidence.free), dialect_in_raw(evidence.forced), evidence.dialect
    if own is not None:
        if _calls(evidence.free):
            return ok(name, did, f"a call that the model wrote in {own} came back")
        return fail(name, did, f"a call that the model wrote in {own} did not come back", _right_parser(own))
    if forced is None or dialect is None or not _calls(evidence.forced):
        advice = "raise --max-tokens where the model thinks long, or start vLLM with --enable-scale-out"
        return unknown(name, did, "none of them tells", advice)
    if forced == dialect:
        return ok(name, did, f"a forced call is written in {forced}, as the model's own are")
    saw = f"a forced call is written in {forced}, the parser's own format; the model's calls are written in {dialect}"
    return fail(name, did, saw, _right_parser(dialect))


def own_call(evidence: Evidence) -> Check:
    """Whether a call that the model makes of its own accord reaches the user, and whose fault it is if not."""
    name, did = "call of its own", "asked for a call in plain words"
    free, dialect = evidence.free, evidence.dialect
    if free.message is None or is_swallowed(free):
        return _swallowed(name, did) if free.message else unknown(name, did, "tools are not accepted: see tool choice")
    writes = dialect_in_raw(free)
    if writes is not None and dialect is not None and writes != dialect and not _calls(free):
        saw = f"the model writes calls in {writes}, while {dialect} was expected; the server did not return this one"
        return fail(name, did, saw, f"if the model was trained so: {_right_parser(writes)}, with a template to match")
    response = Response(
        message=free.message,
        raw=free.raw,
        finish_reason=free.finish_reason,
        prompt_think=free.prompt_think,
        dialect=dialect,
    )
    verdict = score(
        None,
        TOOLSET,
        response,
        quoted=known.REQUEST,
        history=lambda: Trajectory(known.ASKED, known.TOOLS),
    )
    cause = attribute(response, verdict, quoted=known.REQUEST)
    if verdict.state == "called":
        return _called(name, did, free, cause, agree=verdict.channels_agree is True)
    if verdict.state == "malformed":
        reads = any(reading.returned and reading.dialect == dialect for reading in evidence.readings)
        advice = "the parser reads this format, but lost this call: compare raw text and message" if reads else ""
        return _malformed(name, did, response, verdict, cause, advice or _right_parser(dialect))
    words = ", ".join(_calls(evidence.forced))
    saw = f"the model made no call of its own, which blames nobody; forced calls: {words or 'none came back'}"
    return unknown(name, did, saw)


def _malformed(
    name: str, did: str, response: Response, verdict: Score, cause: Attribution | None, advice: str
) -> Check:
    codes = ", ".join(sorted({violation.code for violation in verdict.violations}))
    if cause in ("lost", "changed"):
        saw = f"the model wrote a well-formed call that the server did not return as one ({codes})"
        return fail(name, did, saw, advice)
    if cause == "broken":
        advice = "that is the model's doing, not the parser's"
        return warn(name, did, f"the model wrote a call that is not well-formed ({codes})", advice)
    saw = f"call markup that is no call stands in {'the content' if response.raw is None else 'what the model wrote'}"
    return warn(name, did, saw, "say with --dialect how the model writes calls")


def _called(name: str, did: str, free: Exchange, cause: Attribution | None, *, agree: bool) -> Check:
    names = ", ".join(entry.name or "?" for entry in message_calls(free.message or {}))
    if cause == "repaired":
        advice = "the parser hides what the model does wrong: a run counts it as repaired"
        return warn(name, did, f"the server returned {names}, but mended what the model had written", advice)
    if cause == "changed":
        return fail(name, did, f"the server returned {names} with other values than the model wrote", "see its parser")
    if cause == "dropped":
        advice = "what a model writes beside its calls is often an invented result; a run reads it from raw text"
        return warn(name, did, f"the server returned {names}, and dropped text that the model wrote beside it", advice)
    against = ", as the model wrote it" if agree else ""
    return ok(name, did, f"the model called {names}, and the server returned it{against}")


def forced_call(evidence: Evidence) -> Check:
    """Whether `tool_choice: required` ends in a call."""
    name, did = "forced call", "asked with tool_choice required"
    forced = evidence.forced
    if forced.fault is not None:
        advice = "agents that force calls will not work on this server; runs of the harness never force"
        return warn(name, did, f"the server refuses or fails: {forced.fault.message}", advice)
    calls = _calls(forced)
    form = dialect_in_raw(forced)
    if calls:
        written = f", written in {form}" if form else ", written as JSON by the grammar" if _is_list(forced) else ""
        return ok(name, did, f"{', '.join(calls)} came back{written}")
    if is_swallowed(forced):
        return _swallowed(name, did)
    if forced.finish_reason == "length":
        return unknown(name, did, "the call did not end within 160 tokens")
    advice = _right_parser(evidence.dialect)
    return fail(name, did, f"no call came back, but {content_text(forced.message or {})[:80]!r}", advice)


def _calls(exchange: Exchange) -> list[str]:
    """The names of the well-formed calls that the server returned."""
    return [entry.call.name for entry in message_calls(exchange.message or {}) if entry.call is not None]


def _is_list(exchange: Exchange) -> bool:
    return (
        exchange.raw is not None
        and exchange.raw.lstrip().startswith(("[", "{"))
        and not read(exchange.raw, None).attempts
    )
