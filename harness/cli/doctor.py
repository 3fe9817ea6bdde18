"""`harness doctor`: whether a server's parsers, template and special tokens fit its model."""

from __future__ import annotations

import os
import re
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, cast

from harness import jsonvalue
from harness.address import Address
from harness.cli.saying import say
from harness.doctor import Patient, examine
from harness.errors import UsageError
from harness.report.diagnosis import print_diagnosis
from harness.report.terminal import console
from harness.runner import served_models
from harness.server import ServeOptions, VllmServer, detect_family, served_name
from harness.visible import visible_json

if TYPE_CHECKING:
    import argparse

    from harness.records import Dialect
    from harness.server import Family

LOGS = Path("reports")


def execute(arguments: argparse.Namespace) -> int:
    """Examines the server; 1 where something is wrong."""
    with ExitStack() as stack:
        diagnosis = examine(_serve(arguments, stack) if arguments.serve else _connect(arguments))
    if arguments.json:
        value = {**diagnosis.model_dump(), "sound": diagnosis.sound, "summary": diagnosis.summary}
        sys.stdout.write(visible_json(jsonvalue.dump_line(value).decode()))
    else:
        print_diagnosis(diagnosis, console(sys.stdout))
    return 0 if diagnosis.sound else 1


def _serve(arguments: argparse.Namespace, stack: ExitStack) -> Patient:
    """Starts vLLM; it stops when `stack` closes."""
    family = detect_family(
        arguments.serve,
        chat_template=arguments.chat_template,
        tool_call_parser=arguments.tool_call_parser,
        reasoning_parser=arguments.reasoning_parser,
    )
    name = arguments.model or served_name(arguments.serve)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "model"
    options = ServeOptions(
        model=arguments.serve,
        family=family,
        log_path=LOGS / f"doctor-{plain}" / "server.log",
        served_name=arguments.model or "",
        chat_template=arguments.chat_template,
        tensor_parallel_size=arguments.tensor_parallel_size,
        extra_flags=tuple(arguments.vllm_flags),
        startup_timeout_s=arguments.startup_timeout,
    )
    server = stack.enter_context(VllmServer(options, on_status=say))
    return _patient(arguments, server.base_url, server.model, family)


def _connect(arguments: argparse.Namespace) -> Patient:
    """A server that runs already."""
    if arguments.vllm_flags:
        raise UsageError("vLLM's flags are for --serve; a server that runs has its own")
    shown = Address.parse(arguments.base_url).shown
    model = arguments.model
    if model is None:
        names = served_models([arguments.base_url], os.environ.get(arguments.api_key_env))
        if len(names) != 1:
            choice = f"serves several: {', '.join(names)}" if names else "serves none"
            raise UsageError(f"--base-url needs --model NAME, for {shown} {choice}")
        model = names[0]
    try:
        family = detect_family(model)
    except UsageError:
        family = None
    return _patient(arguments, arguments.base_url, model, family)


def _patient(arguments: argparse.Namespace, base_url: str, model: str, family: Family | None) -> Patient:
    return Patient(
        base_url,
        model,
        cast("Dialect | None", arguments.dialect),
        family,
        os.environ.get(arguments.api_key_env),
        arguments.max_tokens,
    )
