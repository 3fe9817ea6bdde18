"""`harness run`: a suite against one model, or against a base and its adapters one after another."""

from __future__ import annotations

import gc
import os
import shlex
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.address import Address, redacted, split_addresses
from harness.cli.folders import base_name, folders_of, log_folders, modes_of
from harness.cli.saying import say
from harness.client import Policy
from harness.errors import HarnessError, NotComparableError, UsageError
from harness.memory import collect_rarely
from harness.metrics import missed_thresholds
from harness.report.live import Live
from harness.runlog import LOG_NAME, Sampling, read_unfinished
from harness.runner import RunOptions, RunResult, Target, run, served_models
from harness.suite import Suite, load_suite

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.records import Dialect
    from harness.runlog import Mode

DEFAULT_MAX_TOKENS = 1024


class _Served(NamedTuple):
    """A model that can be asked, and what is known of it."""

    name: str
    base_urls: list[str]
    dialect: Dialect | None
    template_arguments: dict[str, bool]
    model_identity: dict[str, Any]
    server_identity: dict[str, Any]
    alive: Callable[[], None]


def execute(arguments: argparse.Namespace) -> int:
    """Runs the suite; the worst exit code of all runs is returned."""
    collect_rarely()
    suite = load_suite(arguments.suite)
    if not suite.decisions:
        raise UsageError(f"{arguments.suite}: the suite has no decision")
    gc.freeze()  # the suite stays
    return carry_out(arguments, suite)


def carry_out(arguments: argparse.Namespace, suite: Suite) -> int:
    """Runs a suite that is loaded; the worst exit code of all runs is returned."""
    with ExitStack() as stack:
        folders = folders_of(arguments, suite)
        models = _done(arguments, folders) or (
            _serve(arguments, stack, folders) if arguments.serve else _connect(arguments)
        )
        codes = [_run_modes(arguments, suite, served, folders(served.name)) for served in models]
    if len(models) > 1:
        _tell_stages(arguments, {served.name: folders(served.name) for served in models})
    return max(codes)


def _tell_stages(arguments: argparse.Namespace, folders: Mapping[str, Path]) -> None:
    """Base and adapters side by side, in every mode asked for; what cannot be compared is said, and fails no run."""
    from harness.cli.summary import publish_stages

    base, *adapters = folders
    names = ["base" if "base" not in adapters else base, *adapters]
    for mode in modes_of(arguments):
        above = zip(names, folders.values(), strict=True)
        try:
            publish_stages([(name, log_folders(folder, modes_of(arguments))[mode]) for name, folder in above])
        except NotComparableError as error:
            say(f"no stage table: {error}")


def _done(arguments: argparse.Namespace, folders: Callable[[str], Path]) -> list[_Served]:
    """The models to serve, if nothing is left to ask any of them: then none is served only to find that out."""
    if not (arguments.serve and arguments.resume):
        return []
    served = []
    for name in [base_name(arguments), *(text.partition("=")[0] for text in arguments.adapter)]:
        logs = [folder / LOG_NAME for folder in log_folders(folders(name), modes_of(arguments)).values()]
        all_found = [read_unfinished(log) for log in logs if log.exists()]
        if len(all_found) < len(logs) or not all(found.finished and found.complete for found in all_found):
            return []
        known = all_found[0].header.identity
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
        log_path=folders(base_name(arguments)) / "server.log",
        served_name=arguments.model or "",
        adapters=adapters,
        chat_template=arguments.chat_template,
        tensor_parallel_size=arguments.tensor_parallel_size,
        extra_flags=tuple(arguments.vllm_flags),
        startup_timeout_s=arguments.startup_timeout,
    )
    server = stack.enter_context(VllmServer(options, on_status=say))
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


def reached(arguments: argparse.Namespace, suite: Suite) -> tuple[str, Callable[[Path], int]]:
    """A server that runs: its model's name, and what runs the suite against it into a folder and gives the exit code."""
    (served,) = _connect(arguments)
    return served.name, lambda folder: _run_modes(arguments, suite, served, folder)


def _only_model(urls: list[str], api_key: str | None) -> str:
    """The model that a server serves, where it is the only one."""
    names = served_models(urls, api_key)
    if len(names) != 1:
        choice = f"serves several: {', '.join(names)}" if names else "serves none"
        raise UsageError(f"--base-url needs --model NAME, for {Address.parse(urls[0]).shown} {choice}")
    say(f"model {names[0]}, the only one served")
    return names[0]


def _by_name(arguments: argparse.Namespace, model: str) -> tuple[Dialect | None, dict[str, bool]]:
    """Dialect and template arguments of a model of which only the name is known."""
    from harness.server import detect_family

    thinking = _thinking(arguments)
    try:
        family = detect_family(model)
    except UsageError:
        family = None
    if arguments.dialect is None:
        if family is None or family.dialect is None:
            say(f"the dialect of {model!r} is unknown: raw calls are not read. Say it with --dialect.")
        else:
            say(f"dialect {family.dialect}, by the model's name; --dialect overrides it")
    dialect = arguments.dialect or (family.dialect if family else None)
    if family is not None:
        return dialect, family.template_arguments(thinking=thinking)
    return dialect, {} if thinking is None else {"enable_thinking": thinking}


def _thinking(arguments: argparse.Namespace) -> bool | None:
    return None if arguments.thinking is None else bool(arguments.thinking == "on")


def _run_modes(arguments: argparse.Namespace, suite: Suite, served: _Served, folder: Path) -> int:
    """One model in every mode asked for; between two modes there is a gap to tell."""
    folders = log_folders(folder, modes_of(arguments))
    codes = [_run_one(arguments, suite, served, folder, mode) for mode in folders]
    if len(folders) > 1:
        from harness.cli.summary import publish_gap

        codes.append(publish_gap(folders["teacher_forced"], folders["rollout"], folder))
    return max(codes)


def _run_one(arguments: argparse.Namespace, suite: Suite, served: _Served, above: Path, mode: Mode) -> int:
    folder = log_folders(above, modes_of(arguments))[mode]
    target = Target(
        base_urls=served.base_urls,
        model=served.name,
        sampling=_sampling(arguments, suite).model_dump(),
        thinking=_thinking(arguments),
        template_arguments=served.template_arguments,
        dialect=served.dialect,
        api_key=os.environ.get(arguments.api_key_env),
        concurrency=arguments.concurrency,
        policy=Policy(timeout=arguments.timeout, retries=arguments.retries),
    )
    live = Live()
    options = RunOptions(
        suite=suite,
        target=target,
        folder=folder,
        command=["harness", *arguments.words],
        trials=arguments.trials,
        mode=mode,
        max_steps=arguments.max_steps,
        resume=arguments.resume and (folder / LOG_NAME).exists(),
        model_identity=served.model_identity,
        server_identity=served.server_identity,
        on_progress=live,
        on_notice=say,
        alive=served.alive,
    )
    parts = {"teacher_forced": (suite.decisions, "decisions"), "rollout": (suite.cases, "cases played through")}[mode]
    say(f"{served.name}: {len(parts[0]) * arguments.trials} {parts[1]} of {suite.name} -> {folder}")
    before = _size(folder / LOG_NAME)
    try:
        result = run(options)
    except (KeyboardInterrupt, HarnessError):
        live.end()
        if _size(folder / LOG_NAME) != before:
            say(f"stopped; what was done is in {folder}. Go on with: {_resume_command(arguments, above)}")
        raise
    from harness.cli.summary import publish, publish_page
    from harness.report.html.report import Known

    publish(result.header, result.footer, result.metrics, folder, result.rollout)
    code = _exit_code(result, arguments.max_error_rate)
    return max(code, publish_page(folder, Known(result.metrics, result.rollout, suite)))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _resume_command(arguments: argparse.Namespace, folder: Path) -> str:
    command = ["harness", *(word for word in arguments.words if word != "--resume")]
    end = command.index("--") if "--" in command else len(command)
    # With adapters --out holds a folder for each model; the folders of one time are found without it.
    said = any(word.partition("=")[0] == "--out" for word in command[:end])
    given = [] if said or arguments.adapter else ["--out", str(arguments.out or folder)]
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
        say(f"nothing was scored: every {'decision' if result.rollout is None else 'case'} met an error")
        return 3
    if metrics.errored > max_error_rate * metrics.decisions:
        share = percent(metrics.errored / metrics.decisions)
        say(f"too many errors: {metrics.errored} of {metrics.decisions} ({share}; --max-error-rate {max_error_rate:g})")
        return 3
    floors = {name: float(value) for name, value in result.header.thresholds.items()}
    missed = missed_thresholds(metrics.metrics, floors)
    for name, rate in missed.items():
        bound = "ceiling" if name == "fabrication_rate" else "floor"
        say(
            f"threshold missed: {name} is {percent(rate.value)} ({rate.numerator}/{rate.denominator}), "
            f"the suite's {bound} is {percent(floors[name])}"
        )
    return 1 if missed else 0
