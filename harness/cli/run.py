"""`harness run`: a suite against one model, or against a base and its adapters one after another."""

from __future__ import annotations

import gc
import os
import re
import shlex
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from harness.address import Address, redacted, split_addresses
from harness.client import Policy
from harness.errors import HarnessError, UsageError
from harness.metrics import missed_thresholds
from harness.report.live import Live
from harness.runlog import LOG_NAME, Sampling, read_unfinished
from harness.runner import RunOptions, RunResult, Target, run, served_models
from harness.suite import Suite, load_suite

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from harness.records import Dialect

REPORTS = Path("reports")
DEFAULT_MAX_TOKENS = 1024


class _Served(NamedTuple):
    """A model that can be asked, and what is known of it."""

    name: str
    base_urls: list[str]
    dialect: str | None
    template_arguments: dict[str, bool]
    model_identity: dict[str, Any]
    server_identity: dict[str, Any]
    alive: Callable[[], None]


def execute(arguments: argparse.Namespace) -> int:
    """Runs the suite; the worst exit code of all runs is returned."""
    gc.disable()  # loading makes many objects and no garbage; collecting in between doubles its time
    suite = load_suite(arguments.suite)
    if not suite.decisions:
        raise UsageError(f"{arguments.suite}: the suite has no decision")
    gc.freeze()
    gc.enable()
    with ExitStack() as stack:
        folders = _folders(arguments, suite)
        models = _done(arguments, folders) or (
            _serve(arguments, stack, folders) if arguments.serve else _connect(arguments)
        )
        codes = [_run_one(arguments, suite, served, folders(served.name)) for served in models]
    return max(codes)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _folders(arguments: argparse.Namespace, suite: Suite) -> Callable[[str], Path]:
    """The run's folder for each model's name; the time is the same for all, also where they are resumed."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    names = [text.partition("=")[0] for text in arguments.adapter]
    if arguments.resume and arguments.out is None and names:
        stamp = _latest_stamp(suite, [_base_name(arguments), *names]) or stamp

    def folder(name: str) -> Path:
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "model"
        if arguments.out is not None:
            return arguments.out / plain if names else Path(arguments.out)
        # Runs of several models belong together: one that was finished, or not begun, is none to look for.
        if arguments.resume and not names and (found := _latest_unfinished(suite, name)) is not None:
            return found
        return REPORTS / f"{suite.name}-{plain}-{stamp}"

    return folder


def _base_name(arguments: argparse.Namespace) -> str:
    """The name of the model to serve, as requests and folders have it."""
    from harness.server import served_name

    return str(arguments.model or served_name(arguments.serve or ""))


def _latest_stamp(suite: Suite, names: list[str]) -> str | None:
    """The time in the folder name of the newest unfinished run of any of these models."""
    found = [folder for name in names if (folder := _latest_unfinished(suite, name)) is not None]
    stamps = [match[1] for folder in found if (match := re.search(r"-(\d{8}-\d{6})$", folder.name))]
    return max(stamps, default=None)


def _latest_unfinished(suite: Suite, model: str) -> Path | None:
    """The newest run of this suite and model under reports/ that is unfinished or has errors."""
    logs = sorted(REPORTS.glob(f"*/{LOG_NAME}"), key=lambda path: path.stat().st_mtime, reverse=True)
    for log in logs:
        try:
            found = read_unfinished(log)
        except HarnessError:
            continue
        identity = found.header.identity
        begun = identity.suite_digest == suite.digest and identity.model == model
        if begun and not found.complete:
            return log.parent
    return None


def _done(arguments: argparse.Namespace, folders: Callable[[str], Path]) -> list[_Served]:
    """The models to serve, if nothing is left to ask any of them: then none is served only to find that out."""
    if not (arguments.serve and arguments.resume):
        return []
    served = []
    for name in [_base_name(arguments), *(text.partition("=")[0] for text in arguments.adapter)]:
        log = folders(name) / LOG_NAME
        found = read_unfinished(log) if log.exists() else None
        if found is None or not (found.finished and found.complete):
            return []
        known = found.header.identity
        dialect = arguments.dialect or known.dialect
        served.append(_Served(name, [], dialect, {}, known.model_identity, known.server, lambda: None))
    return served


def _serve(arguments: argparse.Namespace, stack: ExitStack, folders: Callable[[str], Path]) -> list[_Served]:
    """Starts vLLM; it stops when `stack` closes."""
    from harness.server import Adapter, ServeOptions, VllmServer, detect_family

    adapters = tuple(Adapter.parse(text) for text in arguments.adapter)
    family = detect_family(
        arguments.serve,
        chat_template=arguments.chat_template,
        tool_call_parser=arguments.tool_call_parser,
        reasoning_parser=arguments.reasoning_parser,
    )
    template_arguments = family.template_arguments(thinking=_thinking(arguments))
    options = ServeOptions(
        model=arguments.serve,
        family=family,
        log_path=folders(_base_name(arguments)) / "server.log",
        served_name=arguments.model or "",
        adapters=adapters,
        chat_template=arguments.chat_template,
        tensor_parallel_size=arguments.tensor_parallel_size,
        extra_flags=tuple(arguments.vllm_flags),
        startup_timeout_s=arguments.startup_timeout,
    )
    server = stack.enter_context(VllmServer(options, on_status=_say))
    identity = server.identity()
    base, loaded = identity.pop("model"), identity.pop("adapters")
    dialect = arguments.dialect or family.dialect
    return [
        _Served(
            name,
            [server.base_url],
            dialect,
            template_arguments,
            {"model": base, "adapters": [adapter for adapter in loaded if adapter["name"] == name]},
            identity,
            server.check,
        )
        for name in server.model_names
    ]


def _connect(arguments: argparse.Namespace) -> list[_Served]:
    """A server that runs already."""
    if arguments.adapter or arguments.vllm_flags:
        raise UsageError("--adapter and vLLM's flags are for --serve; a server that runs has its own")
    urls = split_addresses(arguments.base_url)
    for url in urls or [arguments.base_url]:
        Address.parse(url)
    model = arguments.model or _only_model(urls, os.environ.get(arguments.api_key_env))
    dialect, template_arguments = _by_name(arguments, model)
    return [_Served(model, urls, dialect, template_arguments, {}, {}, lambda: None)]


def _only_model(urls: list[str], api_key: str | None) -> str:
    """The model that a server serves, where it is the only one."""
    names = served_models(urls, api_key)
    if len(names) != 1:
        choice = f"serves several: {', '.join(names)}" if names else "serves none"
        raise UsageError(f"--base-url needs --model NAME, for {Address.parse(urls[0]).shown} {choice}")
    _say(f"model {names[0]}, the only one served")
    return names[0]


def _by_name(arguments: argparse.Namespace, model: str) -> tuple[str | None, dict[str, bool]]:
    """Dialect and template arguments of a model of which only the name is known."""
    from harness.server import detect_family

    thinking = _thinking(arguments)
    try:
        family = detect_family(model)
    except UsageError:
        family = None
    if arguments.dialect is None:
        if family is None or family.dialect is None:
            _say(f"the dialect of {model!r} is unknown: raw calls are not read. Say it with --dialect.")
        else:
            _say(f"dialect {family.dialect}, by the model's name; --dialect overrides it")
    dialect = arguments.dialect or (family.dialect if family else None)
    if family is not None:
        return dialect, family.template_arguments(thinking=thinking)
    return dialect, {} if thinking is None else {"enable_thinking": thinking}


def _thinking(arguments: argparse.Namespace) -> bool | None:
    return None if arguments.thinking is None else bool(arguments.thinking == "on")


def _run_one(arguments: argparse.Namespace, suite: Suite, served: _Served, folder: Path) -> int:
    target = Target(
        base_urls=served.base_urls,
        model=served.name,
        sampling=_sampling(arguments, suite).model_dump(),
        thinking=_thinking(arguments),
        template_arguments=served.template_arguments,
        dialect=cast("Dialect | None", served.dialect),
        api_key=os.environ.get(arguments.api_key_env),
        concurrency=arguments.concurrency,
        policy=Policy(timeout=arguments.timeout, retries=arguments.retries),
    )
    live = Live()
    options = RunOptions(
        suite=suite,
        target=target,
        folder=folder,
        command=["harness", *sys.argv[1:]],
        trials=arguments.trials,
        resume=arguments.resume and (folder / LOG_NAME).exists(),
        model_identity=served.model_identity,
        server_identity=served.server_identity,
        on_progress=live,
        on_notice=_say,
        alive=served.alive,
    )
    _say(f"{served.name}: {len(suite.decisions) * arguments.trials} decisions of {suite.name} -> {folder}")
    before = _size(folder / LOG_NAME)
    try:
        result = run(options)
    except (KeyboardInterrupt, HarnessError):
        live.end()
        if _size(folder / LOG_NAME) != before:
            _say(f"stopped; what was done is in {folder}. Go on with: {_resume_command(arguments, folder)}")
        raise
    from harness.cli.summary import publish

    publish(result.header, result.footer, result.metrics, folder)
    return _exit_code(result, arguments.max_error_rate)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _resume_command(arguments: argparse.Namespace, folder: Path) -> str:
    command = ["harness", *(word for word in sys.argv[1:] if word != "--resume")]
    end = command.index("--") if "--" in command else len(command)
    # With adapters --out holds a folder for each model; the folders of one time are found without it.
    given = [] if arguments.out is not None or arguments.adapter else ["--out", str(folder)]
    return shlex.join(redacted(word) for word in [*command[:end], *given, "--resume", *command[end:]])


def _sampling(arguments: argparse.Namespace, suite: Suite) -> Sampling:
    return Sampling(
        temperature=arguments.temperature,
        top_p=arguments.top_p,
        top_k=arguments.top_k,
        min_p=arguments.min_p,
        repetition_penalty=arguments.repetition_penalty,
        presence_penalty=arguments.presence_penalty,
        frequency_penalty=arguments.frequency_penalty,
        max_tokens=arguments.max_tokens or suite.defaults.max_tokens or DEFAULT_MAX_TOKENS,
        seed=arguments.seed,
    )


def _exit_code(result: RunResult, max_error_rate: float) -> int:
    from harness.report.view import percent

    metrics = result.metrics
    if metrics.scored == 0:
        _say("nothing was scored: every decision met an error")
        return 3
    if metrics.errored > max_error_rate * metrics.decisions:
        share = metrics.errored / metrics.decisions
        _say(
            f"too many errors: {metrics.errored} of {metrics.decisions} ({share:.1%}; --max-error-rate {max_error_rate:g})"
        )
        return 3
    floors = {name: float(value) for name, value in result.header.thresholds.items()}
    missed = missed_thresholds(metrics, floors)
    for name, rate in missed.items():
        bound = "ceiling" if name == "fabrication_rate" else "floor"
        _say(
            f"threshold missed: {name} is {percent(rate.value)} ({rate.numerator}/{rate.denominator}), "
            f"the suite's {bound} is {percent(floors[name])}"
        )
    return 1 if missed else 0
