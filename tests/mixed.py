"""Runs of a model that is wrong in every way, now and then: every outcome is in them, and trials that differ."""

from __future__ import annotations

import zlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli import main
from harness.replies import answering
from harness.suite import load_suite
from harness.testing import MINIATURES, Faults, MockServer, status, write_suite
from harness.testing.sample import CASES, HEADER

if TYPE_CHECKING:
    from harness.suite import Decision
    from harness.testing import Miniature, Reply

NAMES = ("wrong_tool", "one_argument_off", "always_calls", "never_calls", "broken_json", "answers_empty", "cut_off")
NAMES += ("leaks_markup", "parser_drops_a_call", "invents_after_call", "parser_repairs")
COPIES = 12
ERRORED = "01-chat-3"


def invents(_: Decision) -> Reply:
    """Tells a result instead of calling."""
    return answering('<tool_response>{"city": "Oslo", "sky": "clear"}</tool_response>\nThe sky over Oslo is clear.')


WAYS = (*(MINIATURES[name] for name in NAMES), invents)


def mixed(seed: int, right: int) -> Miniature:
    """A model that is right at `right` decisions of a hundred at least, and else wrong in some way, differently each time."""
    asked: Counter[tuple[str, int]] = Counter()

    def reply(decision: Decision) -> Reply:
        asked[decision.key] += 1
        chance = zlib.crc32(f"{seed} {decision.key} {asked[decision.key]}".encode())
        way = MINIATURES["gold"] if chance % 100 < right else WAYS[chance // 100 % len(WAYS)]
        return way(decision)

    return reply


def mixed_suite(folder: Path, extra: str = "") -> Path:
    """The sample suite, its cases under several ids, some critical; `extra` goes into its suite.yaml."""
    documents = [
        case.replace("id: ", f"id: {copy:02}-", 1).replace(
            "tags: {", 'tags: {critical: "yes", ' if not copy else "tags: {"
        )
        for copy in range(COPIES)
        for case in CASES.split("---\n")
    ]
    return write_suite(folder, "---\n".join(documents), header=HEADER + extra)


def mixed_run(suite: Path | str, out: Path | str, seed: int, *words: str, right: int = 40, errors: bool = True) -> None:
    """A finished run of such a model, into a folder; with `errors` one case meets one."""
    faults = Faults(cases={ERRORED: status(403)}) if errors else None
    rollouts = "rollout" in words or "both" in words
    with MockServer(load_suite(Path(suite)), mixed(seed, right), faults=faults, rollouts=rollouts) as server:
        given = ["--base-url", server.base_url, "--model", "mock", "--dialect", "hermes", "--retries", "0"]
        code = main(["run", str(suite), *given, "--max-error-rate", "1", *words, "--out", str(out)])
    assert code in (0, 1), f"the run ended with {code}"
