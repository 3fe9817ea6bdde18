"""`harness import`: cases that others have, as suite folders, with an account of every item."""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter, defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.options import ALL, LINTED
from harness.errors import UsageError
from harness.importers import importer
from harness.importers.drafts import Further, Note, Request
from harness.importers.wheels import fetched, unpacked
from harness.importers.writing import OUTCOMES, write_suites
from harness.lint import RULES, lint
from harness.report.terminal import console, print_view
from harness.report.view import Table, View
from harness.server.digests import cache_folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from harness.importers.drafts import Importer
    from harness.importers.writing import Written
    from harness.suite import Suite

_NAME = re.compile(r"[\w.-]+")


def execute(arguments: argparse.Namespace) -> int:
    """Imports a source; prints what became of its items."""
    chosen = importer(arguments.source_kind)
    unknown = set(arguments.category) - set(chosen.categories)
    if unknown:
        known = ", ".join(chosen.categories) or "none"
        raise UsageError(f"{chosen.name} has no category {min(unknown)!r}; known are: {known}")
    if arguments.name is not None and not _NAME.fullmatch(arguments.name):
        raise UsageError(f"--name {arguments.name!r}: a folder gets that name; letters, digits, _, - and . only")
    with _source(chosen, arguments) as (source, origin):
        request = Request(
            source=source,
            categories=frozenset(arguments.category),
            tools=arguments.tools,
            name=arguments.name,
            mask=not arguments.no_mask,
            mask_ips=arguments.mask_ips,
        )
        written = write_suites(
            chosen.read(request),
            chosen,
            arguments.out,
            origin,
            replace=arguments.replace,
            further=_linter(arguments.accept),
        )
        print_view(_view(chosen.name, written, origin, arguments.out), console(sys.stdout))
    return 0


def _linter(accepted: Sequence[str]) -> Further | None:
    """The linter's rules about gold that are not accepted; gold itself is replayed by the import."""
    wanted = [rule for rule in RULES if rule.name in LINTED and rule.name not in accepted and ALL not in accepted]
    if not wanted:
        return None

    def find(suite: Suite) -> dict[str, list[Note]]:
        found: dict[str, list[Note]] = {}
        for finding in lint(suite, [rule.name for rule in wanted]).findings:
            if finding.severity == "error":
                place = "" if finding.decision is None else f"decision {finding.decision}: "
                found.setdefault(finding.case, []).append(Note(finding.rule, place + finding.message))
        return found

    return Further(find, {rule.name: f"the linter: {rule.what}" for rule in wanted})


@contextmanager
def _source(chosen: Importer, arguments: argparse.Namespace) -> Iterator[tuple[Path, str]]:
    """Where the source lies, unpacked, and what to say of where it comes from."""
    path: Path | None = arguments.source
    if (path is None) != arguments.fetch:
        raise UsageError(f"name the source ({chosen.source}), or say --fetch to download it")
    if path is None:
        if chosen.wheel is None:
            raise UsageError(f"{chosen.name} cannot be fetched: {chosen.not_fetched}")
        version = arguments.release or chosen.wheel.version
        yield fetched(chosen.wheel, cache_folder(), version=arguments.release), f"{chosen.wheel.package} {version}"
    elif path.suffix == ".whl" and chosen.wheel is not None:
        with tempfile.TemporaryDirectory() as scratch:
            yield unpacked(path, chosen.wheel.parts, Path(scratch)), path.name
    elif path.exists():
        yield path, f"`{path.name}`"
    else:
        raise UsageError(f"{path}: there is no such file or folder; name {chosen.source}")


def _view(name: str, written: Sequence[Written], origin: str, out: Path) -> View:
    """What became of the items, and which rules said so."""
    rows = [
        (
            suite.name if len(suite.counts) == 1 else f"{suite.name}: {category}",
            *(str(counter[outcome]) for outcome in OUTCOMES),
            str(suite.decisions[category]),
        )
        for suite in written
        for category, counter in suite.counts.items()
    ]
    rules: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for suite in written:
        for (outcome, rule), count in suite.rules.items():
            rules[rule][outcome] += count
    ordered = sorted(rules.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    told = tuple((rule, *(str(counter[outcome] or "") for outcome in OUTCOMES)) for rule, counter in ordered)
    if len(rows) > 1:
        sums = (sum(suite.total(outcome) for suite in written) for outcome in OUTCOMES)
        rows.append(("all", *map(str, sums), str(sum(suite.decisions.total() for suite in written))))
    tables = [Table("What became of the items", ("suite", *OUTCOMES, "decisions"), tuple(rows))]
    if told:
        tables.append(Table("Rules that items met", ("rule", *OUTCOMES), told))
    facts = (("from", origin.strip("`")), ("written", f"{out}/; the README.md of each suite says what its rules mean"))
    some = next((suite for suite in written if suite.total("imported")), None)
    commands = (("run it", f"harness run {some.folder} ..."),) if some else ()
    return View(f"Imported: {name}", facts, tuple(tables), (), commands)
