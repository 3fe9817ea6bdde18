"""`harness stress`: a suite of variants that mean the same."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tabulate import tabulate

from harness import jsonvalue
from harness.cli.pages import write
from harness.errors import UsageError
from harness.stress import TRANSFORMS, stress, write_variants
from harness.suite import STRESS, load_suite

if TYPE_CHECKING:
    import argparse

    from harness.stress import Stressed
    from harness.suite import Suite

REPORT = "variants.json"


def execute(arguments: argparse.Namespace) -> int:
    """Writes the variants and says what was made, and what could not be."""
    names = list(dict.fromkeys(name for word in arguments.transforms or [] for name in word.split(",") if name))
    unknown = [name for name in names if name not in TRANSFORMS]
    if unknown:
        raise UsageError(f"no change is called {', '.join(unknown)}; there are {', '.join(TRANSFORMS)}")
    suite = load_suite(arguments.suite)
    names = names or list(TRANSFORMS)
    made = stress(suite, names, arguments.seed)
    write_variants(made.suite, arguments.out)
    write(arguments.out / REPORT, jsonvalue.dump_line(_plain(suite, made, arguments.seed)).decode())
    print(_table(made, names))
    print(f"\n{arguments.out}: {len(made.suite.cases)} cases, {len(made.suite.decisions)} decisions")
    print(f"next: harness run {arguments.out} ..., then harness table RUN")
    return 0


def _table(made: Stressed, names: list[str]) -> str:
    counts = Counter(case.tags[STRESS] for case in made.suite.cases)
    rows = []
    for name in names:
        reasons = Counter(one.reason for one in made.left_out if one.transform == name)
        told = "; ".join(f"{count}: {reason}" for reason, count in reasons.most_common(3))
        rows.append([name, counts[name], reasons.total(), told + ("; ..." if len(reasons) > 3 else "")])
    return tabulate(rows, headers=["change", "variants", "left out", "why"])


def _plain(suite: Suite, made: Stressed, seed: int) -> dict[str, object]:
    return {
        "suite": suite.name,
        "suite_digest": suite.digest,
        "seed": seed,
        "digest": made.suite.digest,
        "variants": dict(Counter(case.tags[STRESS] for case in made.suite.cases)),
        "left_out": [one._asdict() for one in made.left_out],
    }
