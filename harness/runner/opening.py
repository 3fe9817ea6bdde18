"""The log of a run: begun anew, or taken up where an earlier process stopped."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import harness
from harness import runlog
from harness.address import Address, redacted
from harness.errors import NotComparableError
from harness.runlog import Header, Identity, RunWriter, Unfinished

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.runlog import Mode
    from harness.runner.session import RunOptions
    from harness.suite import Case, NullScores, Policy, Suite


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class OpenLog(NamedTuple):
    """A log ready for rows."""

    writer: RunWriter
    header: Header
    found: Unfinished | None
    """What an earlier process left; None in a new log."""
    places: list[int]
    """For each address that is asked, the index by which rows name it."""


def open_log(options: RunOptions, identity: Identity) -> OpenLog:
    """A new log with header and tools written, or an earlier one to go on with."""
    suite, urls = options.suite, [Address.parse(url).shown for url in options.target.base_urls]
    if options.resume and (found := RunWriter.begun(options.folder)) is not None:
        check_same(found.header.identity, identity)
        added = [url for url in dict.fromkeys(urls) if url not in found.base_urls]
        line = runlog.ResumedRow(
            started=now(),
            command=[redacted(word) for word in options.command],
            harness_version=harness.__version__,
            base_urls=added,
        )
        writer = RunWriter.resume(options.folder, found)
        try:
            writer.write(runlog.encode(line))
        except BaseException:
            writer.close()
            raise
        known = [*found.base_urls, *added]
        return OpenLog(writer, found.header, found, [known.index(url) for url in urls])
    header = Header(
        identity=identity,
        description=suite.description,
        # A suite sets its thresholds for decisions with the scripted history, not for turns.
        thresholds=dict(suite.thresholds) if options.mode == "teacher_forced" else {},
        gate=_policy(suite, options.mode),
        nulls=_nulls(suite, identity),
        started=now(),
        command=[redacted(word) for word in options.command],
        base_urls=urls,
        platform=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
    )
    writer = RunWriter(options.folder, replace=options.resume)
    writer.write(runlog.encode(header))
    writer.write(runlog.encode(runlog.ToolsRow(licence=suite.licence, tools=[tool.to_json() for tool in suite.tools])))
    return OpenLog(writer, header, None, list(range(len(urls))))


def _policy(suite: Suite, mode: Mode) -> Policy | None:
    """The suite's gate; as its thresholds, its bounds for rates are of decisions and not of turns."""
    if suite.gate is None or mode == "teacher_forced":
        return suite.gate
    return suite.gate.model_copy(update={"floors": {}, "max_fabrication_rate": None})


def _nulls(suite: Suite, identity: Identity) -> NullScores | None:
    """What null models score, where that was found out on just these cases and by these rules."""
    known = suite.nulls is not None and suite.nulls.fits(identity.suite_digest, identity.scorer_version)
    return suite.nulls if known else None


def write_cases(writer: RunWriter, cases: Sequence[Case]) -> None:
    """The cases, a few hundred a write: once the first requests are on their way, before their rows."""
    for begin in range(0, len(cases), 500):
        writer.write(b"".join(runlog.case_line(case.to_json()) for case in cases[begin : begin + 500]))


def check_same(earlier: Identity, later: Identity) -> None:
    """Refuses to go on with a run that was another one (NotComparableError)."""
    was, is_now = earlier.model_dump(), later.model_dump()
    if _roots(later) <= _roots(earlier):  # some of the replicas that were asked before: where weights lie is known
        was["server"].pop("root", None)
        is_now["server"].pop("root", None)
    differences = differing(was, is_now)
    if differences:
        raise NotComparableError(
            "cannot resume: this is not the run that was begun.\n" + "\n".join(f"  {line}" for line in differences)
        )


def _roots(identity: Identity) -> set[str]:
    root = identity.server.get("root")
    return {str(path) for path in root} if isinstance(root, list) else {str(root)}


def differing(earlier: Any, now: Any, path: str = "") -> list[str]:
    """The places where two identities differ, in words."""
    if isinstance(earlier, dict) and isinstance(now, dict):
        lines = []
        for key in sorted(earlier.keys() | now.keys()):
            lines += differing(earlier.get(key), now.get(key), f"{path}.{key}" if path else key)
        return lines
    return [] if earlier == now else [f"{path}: was {earlier!r}, is {now!r}"]
