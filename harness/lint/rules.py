"""All rules, and a suite held against them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from harness.lint.ambiguity import Ambiguous
from harness.lint.answers import honest_answer, sound_answer
from harness.lint.duplicates import NearDuplicates
from harness.lint.findings import SEVERITIES, Finding, Remark, Rule, each_case
from harness.lint.grounded import grounded
from harness.lint.missing import missing_parameter
from harness.lint.nulls import StoredNulls
from harness.lint.observations import fits_call, same_call
from harness.lint.replay import GoldReplay, GoldScore, KindScore, Mutants
from harness.lint.tags import tags
from harness.lint.views import reason_at, views
from harness.suite import ExpectTurn
from harness.suite.shape import near

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from harness.lint.findings import Check, Severity
    from harness.suite import Case, Suite

RULES = (
    Rule("grounded", "error", "every gold value is told by then, implied by the schema, or free", each_case(grounded)),
    Rule("missing_parameter", "error", "what the assistant asks for had not been told", each_case(missing_parameter)),
    Rule(
        "observation_fits", "error", "no observation tells of another thing than its call names", each_case(fits_call)
    ),
    Rule("same_call", "error", "the same call returns the same until something changes", each_case(same_call)),
    Rule("honest_answer", "error", "no gold answer tells an invented result", each_case(honest_answer)),
    Rule("answer_quality", "error", "no gold answer has a defect of quality", each_case(sound_answer)),
    Rule("tags", "error", "language and kind are tagged; tags say what is so", each_case(tags)),
    Rule("near_duplicate", "error", "no case is an earlier one with other names and numbers", NearDuplicates),
    Rule("ambiguous", "hint", "no other offered tool could be meant", Ambiguous),
    Rule("gold_replay", "error", "gold is judged right, decision by decision and played through", GoldReplay),
    Rule("mutants", "error", "no mutated gold is judged right", Mutants),
    Rule("nulls", "error", "what null models score is stored, and of this version of the suite", StoredNulls),
)
"""Every rule, in the order in which they are told."""
SILENCED = "silenced"
"""The name under which the linter tells what is wrong with silencing itself."""


class Report(NamedTuple):
    """What the linter has to say of one suite."""

    suite: Suite
    rules: tuple[str, ...]
    """The rules it was held against."""
    findings: tuple[Finding, ...]
    """By rule; what is silenced is not among them."""
    silenced: tuple[Finding, ...]
    """Each with its reason."""
    distinct: int | None
    """Cases that are like no earlier one; None where that was not looked at, as in what follows."""
    gold: GoldScore | None
    mutated: int | None
    """Decisions that were mutated."""
    mutants: tuple[KindScore, ...]

    @property
    def counts(self) -> dict[Severity, int]:
        """How many findings there are, by severity."""
        found = Counter(finding.severity for finding in self.findings)
        return {severity: found[severity] for severity in SEVERITIES}

    @property
    def clean(self) -> bool:
        """Whether nothing was found that fails a suite."""
        return not self.counts["error"]


def lint(suite: Suite, rules: Collection[str] | None = None) -> Report:
    """Holds a suite against the rules of these names; None is all of them.

    Raises:
        KeyError: there is no such rule.
    """
    by_name = {rule.name: rule for rule in RULES}
    wanted = by_name.keys() if rules is None else set(rules)
    for unknown in wanted - by_name.keys():
        raise KeyError(unknown)
    checks = {rule: rule.start(suite) for rule in RULES if rule.name in wanted}
    remarks: dict[Rule, list[Remark]] = {rule: [] for rule in checks}
    for view in views(suite):
        for rule, check in checks.items():
            remarks[rule] += check.case(view)
    for rule, check in checks.items():
        remarks[rule] += check.end()
    cases = {case.id: case for case in suite.cases}
    told = [_finding(suite, cases, rule, remark) for rule, found in remarks.items() for remark in found]
    silenced = [finding for finding in told if finding.reason is not None]
    left = [finding for finding in told if finding.reason is None]
    left += _idle(suite, {rule.name for rule in checks}, silenced)
    return _report(suite, {rule.name: check for rule, check in checks.items()}, left, silenced)


def _report(suite: Suite, checks: dict[str, Check], left: list[Finding], silenced: list[Finding]) -> Report:
    twins, gold, mutants = checks.get("near_duplicate"), checks.get("gold_replay"), checks.get("mutants")
    return Report(
        suite=suite,
        rules=tuple(checks),
        findings=tuple(left),
        silenced=tuple(silenced),
        distinct=twins.distinct if isinstance(twins, NearDuplicates) else None,
        gold=gold.score if isinstance(gold, GoldReplay) else None,
        mutated=mutants.decisions if isinstance(mutants, Mutants) else None,
        mutants=tuple(mutants.scores) if isinstance(mutants, Mutants) else (),
    )


def _finding(suite: Suite, cases: Mapping[str, Case], rule: Rule, remark: Remark) -> Finding:
    file, line = suite.places.get(remark.case, ("", 0))
    case = cases.get(remark.case)
    return Finding(
        rule.name,
        remark.severity or rule.severity,
        remark.case,
        remark.decision,
        remark.path,
        remark.message,
        str(file),
        line,
        reason_at(case, rule.name, remark.path) if case is not None else None,
    )


def _idle(suite: Suite, rules: Collection[str], silenced: Sequence[Finding]) -> Iterator[Finding]:
    """What is silenced in vain: a rule that there is not, or that finds nothing there."""
    known = [rule.name for rule in RULES]
    used = {(one.case, one.rule, _where(suite, one)) for one in silenced}
    for case in suite.cases:
        turns = (
            (f"/turns/{place}", turn.lint) for place, turn in enumerate(case.turns) if isinstance(turn, ExpectTurn)
        )
        for path, given in (("", case.lint), *turns):
            for name in given or ():
                if name not in known:
                    message = f"unknown rule {name!r}; {near(name, known)}"
                elif name in rules and (case.id, name, path) not in used:
                    message = f"silences {name}, which finds nothing here; take it away"
                else:
                    continue
                remark = Remark(case.id, f"{path}/lint/{name}", message)
                yield _finding(suite, {}, _SILENCING, remark)


def _where(suite: Suite, finding: Finding) -> str:
    """Where a finding was silenced: in its turn, or in the case as a whole."""
    case = next(case for case in suite.cases if case.id == finding.case)
    turn = "/".join(finding.path.split("/")[:3])
    own = case.turns[int(turn.rpartition("/")[2])] if turn.startswith("/turns/") else None
    return turn if isinstance(own, ExpectTurn) and finding.rule in (own.lint or {}) else ""


_SILENCING = Rule(SILENCED, "warning", "what a case silences would be found", each_case(lambda _: ()))
