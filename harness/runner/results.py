"""What a finished run came to, decision by decision."""

from __future__ import annotations

import hashlib
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.baseline import DIGEST, FOLDER, Results, entry_from, entry_of, read, stored
from harness.errors import InputError, UsageError
from harness.runlog import HEADER, LOG_NAME, read_log, row_verdicts, suite_of
from harness.runner.replay import Replay
from harness.suite import asked_in, scripts_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from harness.baseline import Entry
    from harness.runlog import Mode, RunLog
    from harness.suite import Asked, Script, Suite


def load_results(named: str, folder: Path = FOLDER) -> Results:
    """A run by its folder or log, or a baseline by its file or its name in `folder`.

    Raises:
        UsageError: there is neither.
        NotComparableError: the run is unfinished, or either was edited.
        InputError: a line is neither a run's nor a baseline's.
    """
    path = Path(named)
    if not path.exists():
        path = folder / f"{named}.jsonl"
        if not path.is_file():
            known = ", ".join(found.stem for found in stored(folder)) or "none"
            raise UsageError(f"{named}: neither a run nor a baseline (baselines in {folder}: {known})")
    if path.is_file() and path.name != LOG_NAME and not _begins_run(path):
        return read(path)
    return results_of(read_log(path), named)


def _begins_run(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(HEADER)) == HEADER


def results_of(log: RunLog, name: str) -> Results:
    """The entries of a finished run, its log at hand; `name` is what it is called."""
    kept = _Cases(log)
    entries = _turns(log) if log.header.identity.mode == "rollout" else kept.entries()
    return Results(
        name=name,
        path=log.path,
        identity=log.header.identity,
        thresholds={name: float(value) for name, value in log.header.thresholds.items()},
        tags=kept.tags,
        entries=sorted(entries, key=itemgetter(0, 1, 2)),
        log=log,
        gate=log.header.gate,
    )


def digests_of(suite: Suite, mode: Mode) -> dict[tuple[str, int], str]:
    """By case and index, the digest that the entry of a run of this suite bears."""
    if mode == "rollout":
        turns = ((script, depth, digest) for script in scripts_of(suite).values() for depth, digest in _digests(script))
        return {(script.case_id, depth): digest[:DIGEST] for script, depth, digest in turns}
    return {decision.key: decision.digest[:DIGEST] for decision in suite.decisions}


class _Cases:
    """What entries need of the cases of a run."""

    def __init__(self, log: RunLog) -> None:
        self.tags: dict[str, dict[str, str]] = {}
        self._log = log
        self._asked: dict[str, tuple[str, tuple[Asked, ...]]] = {}
        tags: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
        asked: dict[tuple[Asked, ...], tuple[Asked, ...]] = {}
        offered = len({tool["function"]["name"] for tool in log.suite.tools})
        for case in log.cases():
            name, found, own = str(case.get("id")), _asked(log, case, offered), dict(case.get("tags") or {})
            # Most cases of a suite have the tags and the turns of another.
            self.tags[name] = tags.setdefault(tuple(own.items()), own)
            self._asked[name] = name, asked.setdefault(found, found)

    def entries(self) -> Iterator[Entry]:
        """The entries of a run with the scripted history."""
        latest: dict[tuple[str, int, int], Entry] = {}
        for row in row_verdicts(self._log.path):
            name, asked = self._asked.get(row.case, ("", ()))
            if row.index >= len(asked):
                raise InputError.single(self._log.path, f"no case of the log has a decision {row.case}#{row.index}")
            key = name, row.index, row.trial
            latest[key] = entry_from(key, row.digest, asked[row.index], row.score, row.prompt_digest)
        return iter(latest.values())


def _asked(log: RunLog, case: dict[str, Any], offered: int) -> tuple[Asked, ...]:
    try:
        return asked_in(case, offered)
    except (KeyError, TypeError, AttributeError):
        raise InputError.single(log.path, f"not a case of a suite: {case.get('id')}") from None


def _turns(log: RunLog) -> Iterator[Entry]:
    """A turn's digest is of its decisions and those before it: what the script can lead up to it with."""
    suite = suite_of(log)
    replay = Replay(suite)
    for row in log.rollouts():
        script = replay.script(row.case)
        for (depth, digest), found in zip(_digests(script), replay.counted(row), strict=True):
            yield entry_of(found, depth, digest, None)


def _digests(script: Script) -> Iterator[tuple[int, str]]:
    """The depth of each turn, and the SHA-256 (hex) of the canonical JSON of the digests of all decisions so far."""
    digests: list[str] = []
    for turn in script.turns:
        digests += [decision.digest for decision in turn.decisions]
        yield turn.depth, hashlib.sha256(jsonvalue.canonical(digests)).hexdigest()
