"""Where a run is written, and where one that stopped is found again."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from harness.errors import HarnessError, UsageError
from harness.runlog import LOG_NAME, Mode, read_unfinished

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from harness.suite import Suite

REPORTS = Path("reports")


def modes_of(arguments: argparse.Namespace) -> tuple[Mode, ...]:
    """The modes to run in, one after another."""
    both: tuple[Mode, ...] = get_args(Mode)
    return both if arguments.mode == "both" else (arguments.mode,)


def log_folders(folder: Path, modes: tuple[Mode, ...]) -> dict[Mode, Path]:
    """The folder of each mode's run: the one given, or where there are several one inside it for each."""
    return {mode: folder / mode if len(modes) > 1 else folder for mode in modes}


def both_folders(run: str) -> tuple[Path, Path] | tuple[None, None]:
    """The runs with the scripted history and with the model's own that `--mode both` leaves in a folder; else nothing."""
    modes: tuple[Mode, ...] = get_args(Mode)
    scripted, own = log_folders(Path(run), modes).values()
    if all((folder / LOG_NAME).is_file() for folder in (scripted, own)) and not (Path(run) / LOG_NAME).exists():
        return scripted, own
    return None, None


def base_name(arguments: argparse.Namespace) -> str:
    """The name of the model to serve, as requests and folders have it."""
    from harness.server import served_name

    return str(arguments.model or served_name(arguments.serve or ""))


def plain_name(model: str) -> str:
    """A model's name as folders have it."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", model).strip("-.") or "model"


def folders_of(arguments: argparse.Namespace, suite: Suite) -> Callable[[str], Path]:
    """The folder for each model's name; the time is the same for all, also where they are resumed."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    names = [text.partition("=")[0] for text in arguments.adapter]
    modes = modes_of(arguments)
    if arguments.resume and arguments.out is None and names:
        stamp = _latest_stamp(suite, [base_name(arguments), *names], modes) or stamp

    def folder(name: str) -> Path:
        plain = plain_name(name)
        if arguments.out is not None:
            return arguments.out / plain if names else Path(arguments.out)
        # Runs of several models belong together: one that was finished, or not begun, is none to look for.
        if arguments.resume and not names and (found := _latest_unfinished(suite, name, modes)) is not None:
            return found
        return REPORTS / f"{suite.name}-{plain}-{stamp}"

    return folder


def latest_run() -> Path:
    """The folder of the newest run under reports/, finished or not: which one it is must not depend on how it went.

    Raises:
        UsageError: there is none.
    """
    logs = [*REPORTS.glob(f"*/{LOG_NAME}"), *REPORTS.glob(f"*/*/{LOG_NAME}")]
    if not logs:
        raise UsageError(f"no run in {REPORTS}/; name one, or make one with `harness run`")
    return max(logs, key=lambda path: path.stat().st_mtime).parent


def _latest_stamp(suite: Suite, names: list[str], modes: tuple[Mode, ...]) -> str | None:
    """The time in the folder name of the newest unfinished run of any of these models."""
    found = [folder for name in names if (folder := _latest_unfinished(suite, name, modes)) is not None]
    stamps = [match[1] for folder in found if (match := re.search(r"-(\d{8}-\d{6})$", folder.name))]
    return max(stamps, default=None)


def _latest_unfinished(suite: Suite, model: str, modes: tuple[Mode, ...]) -> Path | None:
    """The newest folder of this suite, model and modes under reports/ whose runs are not all finished without errors."""
    logs = REPORTS.glob(f"*/{modes[0]}/{LOG_NAME}" if len(modes) > 1 else f"*/{LOG_NAME}")
    for log in sorted(logs, key=lambda path: path.stat().st_mtime, reverse=True):
        folder = log.parents[1] if len(modes) > 1 else log.parent
        states = [_state(path / LOG_NAME, suite, model, mode) for mode, path in log_folders(folder, modes).items()]
        if "other" not in states and not all(state == "finished" for state in states):
            return folder
    return None


def _state(log: Path, suite: Suite, model: str, mode: Mode) -> str:
    """Whether a log is one of this suite, model and mode, and finished, unfinished, not begun; `other` if it is none."""
    if not log.exists():
        return "not begun"
    try:
        found = read_unfinished(log)
    except HarnessError:
        return "other"
    identity = found.header.identity
    if (identity.suite_digest, identity.model, identity.mode) != (suite.digest, model, mode):
        return "other"
    return "finished" if found.complete else "unfinished"
