"""`harness export`: rows to train the next stage on, out of suites and finished runs."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.exporters.contamination import Guard
from harness.exporters.files import manifest_of, refuse_taken, write_export
from harness.exporters.material import Source, of_run, of_suite
from harness.exporters.rows import balanced, conversation_rows, decision_rows, groupings, preference_rows
from harness.report.terminal import console, print_view
from harness.report.view import Table, View, counted
from harness.runlog import decisions_with_rows, log_path, read_log, suite_of
from harness.runner import Replay
from harness.suite import load_suite

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from harness.exporters.contamination import Found
    from harness.exporters.rows import Made, Row
    from harness.records import Response, Score
    from harness.runlog import RunLog
    from harness.runner.conversation import JudgedStep, JudgedTurn
    from harness.suite import Decision, Suite

_SHOWN = 5
"""Cases that share something with an evaluation suite and are named."""
_TITLES = {"sft": "Rows for SFTTrainer", "dpo": "Rows for DPOTrainer"}


def execute(arguments: argparse.Namespace) -> int:
    """Writes the rows and their manifest, and says what was left out."""
    by = arguments.balance
    if arguments.most is not None and not by:
        raise UsageError("--most needs --balance: so many rows of each group, and groups of what?")
    refuse_taken(arguments.out, replace=arguments.replace)
    found = [_source(path, arguments.kind) for path in arguments.sources]
    guards = [load_suite(path) for path in arguments.exclude]
    excluded = _excluded([source for source, _ in found], guards)
    made = _made(arguments, found, {(name, one.case) for _, cases in excluded for name, one in cases})
    rows = _balanced(made.rows, by, arguments.most)
    facts = []
    if rows:
        options: dict[str, Any] = {
            "unit": getattr(arguments, "unit", "decision"),
            "balance": by,
            "most": arguments.most,
        }
        manifest = manifest_of(arguments.kind, rows, made, [source for source, _ in found], excluded, options)
        path = write_export(rows, arguments.out, manifest)
        facts = [("written", f"{arguments.out}, {counted(len(rows), 'rows')} of {', '.join(manifest['columns'])}")]
        facts.append(("manifest", f"{path}: counts, sources, digests, what was left out and why"))
    print_view(_view(arguments.kind, made, len(made.rows) - len(rows), excluded, facts), console(sys.stdout))
    if not rows:
        raise UsageError("nothing is left to export; see above what was left out, and why")
    return 0


def _source(path: Path, kind: str) -> tuple[Source, RunLog | None]:
    """A finished run, or for SFT also a suite."""
    if (path / "suite.yaml").is_file() or (kind == "sft" and not path.exists()):
        if kind == "dpo":
            raise UsageError(f"{path} is a suite; what a model did wrong stands in a run: harness export dpo RUN")
        return Source(str(path), load_suite(path)), None
    log = read_log(log_path(path))
    identity = log.header.identity
    return Source(str(path), suite_of(log), identity.model, identity.mode, log.footer.sha256), log


def _excluded(sources: list[Source], guards: list[Suite]) -> list[tuple[Suite, list[tuple[str, Found]]]]:
    found = []
    for suite in guards:
        guard = Guard(suite)
        found.append((suite, [(source.name, one) for source in sources for one in guard.found(source.suite).values()]))
    return found


def _made(
    arguments: argparse.Namespace, found: list[tuple[Source, RunLog | None]], excluded: set[tuple[str, str]]
) -> Made:
    whole = arguments.kind == "sft" and arguments.unit == "conversation"
    material = (
        one
        for source, log in found
        for one in (of_suite(source) if log is None or whole else of_run(source, _judged(log)))
        if (source.name, one.decision.case_id) not in excluded
    )
    if arguments.kind == "dpo":
        return preference_rows(material)
    return conversation_rows(material) if whole else decision_rows(material)


def _balanced(rows: list[Row], by: list[str], most: int | None) -> list[Row]:
    """As many rows of each group; rows that have nothing to be grouped by would be one group."""
    known = groupings(rows) if by else []
    for name in by if rows else ():
        if name not in known:
            raise UsageError(f"--balance {name}: no row has such a thing; there are {', '.join(known)}")
    return balanced(rows, by, most) if by else rows


def _judged(log: RunLog) -> Iterator[tuple[Decision, int, Response, Score]]:
    """The decisions of a run as they were judged; sorted."""
    if log.header.identity.mode == "rollout":
        yield from _played(log)
        return
    pairs = sorted(decisions_with_rows(log), key=lambda pair: pair[1].key)
    yield from ((decision, row.trial, row.response, row.score) for decision, row in pairs)


def _played(log: RunLog) -> Iterator[tuple[Decision, int, Response, Score]]:
    """Of cases played through the steps up to the first wrong one: until then the model's own history is right.

    After it the script's next message and observations may no longer fit, and no action is right for sure.
    """
    replay = Replay(suite_of(log))
    for row in sorted(log.rollouts(), key=lambda row: (row.case, row.trial)):
        steps = (one for turn in replay.turns(row) for one in _counting(turn))
        for step, wrong in steps:
            yield step.decision, row.trial, step.response, step.score
            if wrong:
                break


def _counting(turn: JudgedTurn) -> Iterator[tuple[JudgedStep, bool]]:
    """The steps of a turn, each with whether it is wrong; not those of a right turn that went another way about it."""
    for step in turn.steps:
        wrong = step.score.call_correct is False
        if step.score.fabricated or not (wrong and turn.row.correct):
            yield step, wrong or step.score.fabricated


def _view(
    kind: str,
    made: Made,
    balanced_away: int,
    excluded: list[tuple[Suite, list[tuple[str, Found]]]],
    facts: list[tuple[str, str]],
) -> View:
    """What was written, what is not among it, and why."""
    rows = [*made.left_out.most_common(), ("said before, word for word", made.duplicates)]
    rows += [("in a group larger than --balance lets it be", balanced_away)]
    told = tuple((reason, str(count)) for reason, count in rows if count)
    tables = [Table("Left out", ("reason", "count"), told)] if told else []
    shared, notes = [], []
    for suite, cases in excluded:
        if not cases:
            shared.append(("held out", f"{suite.name}: nothing is shared with it"))
            continue
        shared.append(("held out", f"{suite.name}: {counted(len(cases), 'cases')} left out for what is shared with it"))
        counts = Counter(one.rule for _, one in cases)
        rules = tuple((rule, str(count)) for rule, count in counts.most_common())
        tables.append(Table(f"Shared with {suite.name}", ("rule", "cases"), rules))
        notes += [f"{one.case} of {name}: {one.rule} with {one.against} ({one.detail})" for name, one in cases[:_SHOWN]]
        if len(cases) > _SHOWN:
            notes.append(f"... and {len(cases) - _SHOWN} more" + (", all in the manifest" if facts else ""))
    return View(_TITLES[kind], (*facts, *shared), tuple(tables), tuple(notes))
