"""Transcripts of chosen decisions (turns) of a run."""

from __future__ import annotations

from functools import partial
from io import StringIO
from itertools import groupby
from typing import TYPE_CHECKING

from harness.report.conversation import print_rollout
from harness.report.terminal import console
from harness.report.transcript import print_case
from harness.runlog import decisions_with_rows, suite_of
from harness.runner import Replay

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from rich.console import Console

    from harness.baseline import Entry
    from harness.runlog import RunLog


def entry_texts(log: RunLog, entries: Collection[Entry]) -> dict[tuple[str, int, int], str]:
    """Plain transcripts of these decisions (turns), each with the history before it, by their keys."""
    wanted = {entry.key for entry in entries}
    texts: dict[tuple[str, int, int], str] = {}
    if log.header.identity.mode == "rollout":
        replay = Replay(suite_of(log))
        for played in log.rollouts():
            for turn in replay.turns(played) if any(key[0] == played.case for key in wanted) else ():
                if (key := (played.case, turn.row.turn, played.trial)) in wanted:
                    with StringIO() as text:
                        print_rollout(played, [turn], console(text), full=False)
                        texts[key] = text.getvalue()
        return texts
    for decision, row in decisions_with_rows(log, wanted) if wanted else ():
        with StringIO() as text:
            print_case([(decision, row)], console(text), full=False)
            texts[row.key] = text.getvalue()
    return texts


def case_texts(log: RunLog, entries: Collection[Entry]) -> dict[str, str]:
    """Plain transcripts of these decisions (turns) by the ids of their cases, the history before them once a case."""
    texts: dict[str, str] = {}
    for case, print_to in _cases(log, entries):
        with StringIO() as text:
            print_to(console(text), full=False)
            texts[case] = texts.get(case, "") + text.getvalue()
    return texts


def print_entries(log: RunLog, entries: Collection[Entry], out: Console, *, full: bool) -> None:
    """Prints these decisions (turns) with the history before them, case by case."""
    for _, print_to in _cases(log, entries):
        print_to(out, full=full)


def _cases(log: RunLog, entries: Collection[Entry]) -> Iterator[tuple[str, Callable[..., None]]]:
    """For each case of these decisions, in order, what prints them; of rollouts for each trial of each case."""
    wanted = {entry.key for entry in entries}
    if log.header.identity.mode == "rollout":
        replay = Replay(suite_of(log))
        for row in sorted(log.rollouts(), key=lambda row: row.key):
            turns = [turn for turn in replay.turns(row) if (row.case, turn.row.turn, row.trial) in wanted]
            if turns:
                yield row.case, partial(print_rollout, row, turns)
        return
    found = sorted(decisions_with_rows(log, wanted), key=lambda pair: pair[1].key)
    for case, pairs in groupby(found, key=lambda pair: pair[1].case):
        yield case, partial(print_case, list(pairs))
