"""`harness rescore`: judges a run again from its log."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from harness.cli.summary import publish, publish_page
from harness.memory import collect_rarely
from harness.report.html.report import Known
from harness.runlog import read_log
from harness.runner import rescore
from harness.visible import visible

if TYPE_CHECKING:
    import argparse


def execute(arguments: argparse.Namespace) -> int:
    """Replaces the verdicts, prints what changed and the new summary."""
    collect_rarely()
    log = read_log(arguments.run)
    before = log.header.identity.scorer_version
    result = rescore(log)
    publish(result.header, result.footer, result.metrics, log.path.parent, result.rollout)
    changed = f"{len(result.changed)} outcomes changed" if result.changed else "no outcome changed"
    print(visible(f"\njudged by scorers {before} before, {result.header.identity.scorer_version} now: {changed}"))
    for (was, now), count in Counter((was, now) for _, _, was, now in result.changed).most_common():
        print(f"  {was} -> {now}: {count}")
    return publish_page(log.path.parent, Known(result.metrics, result.rollout))
