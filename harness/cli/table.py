"""`harness table`: several stages of one model side by side."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.cli.pages import put, write
from harness.comparison import stages
from harness.errors import UsageError
from harness.report.stages import stages_view
from harness.runner import load_results

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from harness.baseline import Results
    from harness.comparison import Stages


def execute(arguments: argparse.Namespace) -> int:
    """Prints the tables, or writes them."""
    found = stages(_named(arguments.stages, arguments.folder))
    put(stages_view(found, only=arguments.only, full=arguments.full), arguments.format, arguments.out)
    if arguments.json:
        write(arguments.json, jsonvalue.dump_line(_plain(found)).decode())
    return 0


def _named(words: Sequence[str], folder: Path) -> list[tuple[str, Results]]:
    """The stages as they are asked for: NAME=RUN, or a run alone, whose model then names it."""
    if len(words) < 2:
        raise UsageError("a stage table needs two stages or more: harness table base=RUN sft=RUN")
    found = []
    for word in words:
        name, equals, run = word.partition("=")
        if not equals or Path(word).exists():
            results = load_results(word, folder)
            found.append((results.identity.model, results))
        elif name and run:
            found.append((name, load_results(run, folder)))
        else:
            raise UsageError(f"{word!r} is no stage: NAME=RUN, or a run or baseline alone")
    twice = [name for name, count in Counter(name for name, _ in found).items() if count > 1]
    if twice:
        raise UsageError(f"several stages are called {', '.join(twice)}: give each a name of its own, as NAME=RUN")
    return found


def _plain(found: Stages) -> dict[str, object]:
    return {
        "mode": found.mode,
        "shared": found.shared,
        "stages": [
            {
                "name": stage.name,
                "run": stage.results.name,
                "model": stage.results.identity.model,
                "scored": stage.metrics.scored,
                "errored": stage.metrics.errored,
                "unshared": stage.unshared,
                "repeated": stage.repeated,
                "metrics": {name: rate.model_dump() for name, rate in stage.metrics.metrics.items()},
                "trials": stage.trials and stage.trials._asdict(),
            }
            for stage in found.stages
        ],
        "against_first": [
            {
                "name": other.name,
                "differing": [one._asdict() for one in other.differing],
                "metrics": [one.model_dump() for one in other.changes],
            }
            for other in found.against
        ],
        "steps": [{**step._asdict(), "flows": [flow._asdict() for flow in step.flows]} for step in found.steps],
    }
