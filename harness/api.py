"""Runs and baselines for assertions of one's own: in tests, in notebooks, in scripts.

    run = load("reports/soc_triage-qwen3-8b-20260301-101500")
    assert run.where(language="zh").rate("tool_args_accuracy") >= 0.9
    assert not [one for one in run.decisions if one.fabricated]
    assert run.against("qwen3-8b-dpo2").verdict == "passed"

`load` is all there is to import; pytest's fixture `harness_run` gives the same object.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.baseline import FOLDER
from harness.comparison import diff, gate
from harness.errors import NotComparableError, UsageError
from harness.metrics import metrics_of
from harness.records import METRICS
from harness.report.transcripts import entry_texts
from harness.runlog import decisions_with_rows
from harness.runner import load_results
from harness.suite import load_policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.baseline import Entry, Results
    from harness.comparison import GateResult
    from harness.metrics import Metrics, Rate
    from harness.runlog import DecisionRow
    from harness.suite import Decision


class Run:
    """A finished run or a baseline, or those of its decisions that `where` selects."""

    def __init__(self, results: Results, baselines: Path = FOLDER, decisions: Sequence[Entry] | None = None) -> None:
        self.results = results
        self.decisions: Sequence[Entry] = results.entries if decisions is None else decisions
        """The verdict on each: case, index, trial, depth, outcome, right, codes, fabricated, defects; in rollouts of
        each user turn. One that met an error has the outcome `errored`."""
        self._baselines = baselines
        self._rows: Mapping[tuple[str, int, int], tuple[Decision, DecisionRow]] | None = None

    @property
    def name(self) -> str:
        """Its folder, or the baseline's name."""
        return self.results.name

    @property
    def cases(self) -> list[str]:
        """The ids of its cases, sorted."""
        return sorted({one.case for one in self.decisions})

    def tags(self, decision: Entry) -> dict[str, str]:
        """The tags of a decision's case, and its `depth`, `tools` and `expect`: what `where` selects by."""
        return dict(self.results.judged(decision).slices)

    def where(self, *, case: str | None = None, outcome: str | None = None, **tags: object) -> Run:
        """The decisions of one case, with one outcome, of cases with these tags; all that is named must hold.

        Raises:
            UsageError: no decision is left. An assertion over none would hold whatever the model does.
        """
        wanted = {name: str(value) for name, value in tags.items()}
        found = [
            one
            for one in self.decisions
            if case in (None, one.case)
            and outcome in (None, one.outcome)
            and (not wanted or wanted.items() <= self.tags(one).items())
        ]
        if not found and outcome is None:
            told = ", ".join(
                f"{name} {value}" for name, value in {**({"case": case} if case else {}), **wanted}.items()
            )
            raise UsageError(f"{self.name}: no decision of {told}")
        return Run(self.results, self._baselines, found)

    @property
    def metrics(self) -> Metrics:
        """Everything a summary holds: each metric with counts and interval, outcomes, violations, slices by tag."""
        return metrics_of(map(self.results.judged, self.decisions))

    def rate(self, metric: str) -> float:
        """A metric as a share from 0 to 1; counts and interval are in `metrics.metrics[metric]`.

        Raises:
            UsageError: there is no such metric.
            NotComparableError: nothing counts in it.
        """
        found: Rate | None = next((rate for name, rate in self.metrics.metrics.items() if name == metric), None)
        if found is None:
            raise UsageError(f"no metric is called {metric!r}; there are {', '.join(METRICS)}")
        if found.value is None:
            raise NotComparableError(f"{self.name}: nothing counts in {metric}")
        return found.value

    def row(self, decision: Entry) -> DecisionRow:
        """All that the log holds of a decision: `response` (message and raw text), `score`, `usage`, `timing`.

        Raises:
            UsageError: this is a baseline, which holds verdicts only, or a run of rollouts.
        """
        return self._row(decision)[1]

    def asked(self, decision: Entry) -> Decision:
        """What the model was asked: `messages`, `tools` and what is `expect`ed. Raises as `row`."""
        return self._row(decision)[0]

    def transcript(self, decision: Entry) -> str:
        """A decision as `harness show` prints it, with the history before it, expected against actual."""
        if self.results.log is None:
            raise UsageError(f"{self.name}: a baseline holds no transcripts")
        return entry_texts(self.results.log, [decision])[decision.key]

    def against(self, baseline: str, policy: str | Path | None = None) -> GateResult:
        """The whole run held against a baseline or another run, as `harness gate` does: `verdict`, `checks`, `broken`.

        Raises:
            UsageError: only some of the run's decisions are selected.
            NotComparableError: they have nothing in common.
        """
        if len(self.decisions) != len(self.results.entries):
            raise UsageError(f"{self.name}: a gate is over the whole run; only some of its decisions are selected")
        chosen = load_policy(Path(policy)) if policy is not None else None
        return gate(diff(load_results(baseline, self._baselines), self.results), chosen)

    def _row(self, decision: Entry) -> tuple[Decision, DecisionRow]:
        log = self.results.log
        if log is None or log.header.identity.mode == "rollout":
            kind = "a baseline, which holds verdicts only" if log is None else "a run of rollouts"
            raise UsageError(f"{self.name} is {kind}: there is no row of a decision")
        if self._rows is None:
            self._rows = {row.key: (asked, row) for asked, row in decisions_with_rows(log)}
        return self._rows[decision.key]


def load(run: str | Path, baselines: str | Path = FOLDER) -> Run:
    """A run by its folder or log, or a baseline by its file or its name in the folder `baselines`.

    Raises:
        UsageError: there is neither.
        NotComparableError: the run is unfinished, or either was edited.
    """
    return Run(load_results(str(run), Path(baselines)), Path(baselines))
