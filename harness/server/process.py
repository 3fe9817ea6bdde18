"""A vLLM server as a context manager: started, watched, and taken down with everything it started."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from harness.errors import ServerError
from harness.server import command, failures, probe, supervise
from harness.server.digests import folder_digest, text_digest
from harness.server.families import read_template

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from harness.server.command import ServeOptions

_POLL_S = 0.3
_HEARTBEAT_S = 30.0
_GRACE_S = 10.0
_ATTEMPTS = 3
_KILLED = 128 + signal.SIGKILL


class VllmServer:
    """One running vLLM server.

    ::

        with VllmServer(options, on_status=print) as server:
            ask(server.base_url, server.model)

    Entering starts it and returns once it is healthy and lists the model; leaving, by whatever way,
    stops it. Its log is `options.log_path`. Raises ServerError when it does not come up.
    """

    def __init__(self, options: ServeOptions, *, on_status: Callable[[str], None] | None = None) -> None:
        self.options = options
        self.model = options.name
        self.base_url = ""
        self._cpu = command.on_cpu()
        self._on_status = on_status or (lambda _text: None)
        self._process: subprocess.Popen[bytes] | None = None
        self._command: list[str] = []
        self._ready_s = 0.0

    @property
    def model_names(self) -> tuple[str, ...]:
        """The base model's name, then the adapters'."""
        return (self.model, *(adapter.name for adapter in self.options.adapters))

    @property
    def startup_seconds(self) -> float:
        """How long it took from the start to ready."""
        return self._ready_s

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the server and waits until it is ready. Raises ServerError."""
        if importlib.util.find_spec("vllm") is None:
            message = (
                "vLLM is not installed in this environment: `make eval` sets it up, or give a server that "
                "already runs with --base-url URL"
            )
            raise ServerError(message)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._launch()
                self._wait_until_ready()
            except BaseException as error:
                self.stop()
                # Between our choosing the port and vLLM's taking it, another program can be faster.
                if attempt == _ATTEMPTS or not (isinstance(error, ServerError) and "already in use" in str(error)):
                    raise
            else:
                return

    def stop(self) -> None:
        """Stops the server and all its processes; does nothing when it is down already."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            # The supervisor takes the end of its input as the word to stop.
            with contextlib.suppress(OSError):
                process.stdin.close()
        try:
            process.wait(_GRACE_S + 10)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def check(self) -> None:
        """Raises ServerError, with the server's own reason, if it has died since it was started."""
        if self._process is not None and (status := self._process.poll()) is not None:
            raise self._died(status)

    def identity(self) -> dict[str, Any]:
        """What is served, for a run's header: everything that two comparable runs must have in common.

        Hashing the weights of a local folder takes about a second per GB the first time.
        """
        options = self.options
        folder = command.weights_folder(options)
        template = read_template(folder, options.chat_template)
        cards = probe.model_cards(self.base_url)
        return {
            "engine": "vllm",
            "engine_version": probe.version(self.base_url),
            "device": "cpu" if self._cpu else "cuda",
            "model": {
                "name": self.model,
                "source": options.model,
                "digest": folder_digest(folder) if folder is not None else None,
            },
            "adapters": [
                {"name": adapter.name, "source": str(adapter.path), "digest": folder_digest(adapter.path)}
                for adapter in options.adapters
            ],
            "chat_template_sha256": text_digest(template) if template is not None else None,
            "tool_call_parser": options.family.tool_call_parser,
            "reasoning_parser": options.family.reasoning_parser,
            "dialect": options.family.dialect,
            "dtype": self._from_log(r"\bdtype=torch\.(\w+)"),
            "max_model_len": cards[self.model]["max_model_len"],
            "flags": command.identity_flags(options, cpu=self._cpu),
        }

    def _launch(self) -> None:
        port = _free_port()
        self.base_url = f"http://127.0.0.1:{port}/v1"
        self._command = command.vllm_command(self.options, port, cpu=self._cpu)
        self.options.log_path.parent.mkdir(parents=True, exist_ok=True)
        _keep_earlier(self.options.log_path)
        supervisor = [sys.executable, "-I", str(Path(supervise.__file__).resolve()), str(_GRACE_S)]
        with self.options.log_path.open("wb") as log:
            self._announce(log)
            # A session of its own: Ctrl-C in the terminal reaches the harness only, which then stops the server.
            self._process = subprocess.Popen(
                supervisor + self._command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=command.vllm_environment(self.options, cpu=self._cpu),
                start_new_session=True,
            )

    def _announce(self, log: IO[bytes]) -> None:
        log.write(f"$ {shlex.join(self._command)}\n".encode())
        log.flush()

    def _wait_until_ready(self) -> None:
        started = time.monotonic()
        spoken, spoken_at = "", started
        while True:
            self.check()
            elapsed = time.monotonic() - started
            if probe.is_ready(self.base_url, self.model):
                self._ready_s = elapsed
                self._on_status(f"vLLM is ready ({elapsed:.0f} s)")
                return
            phase = failures.phase_of(self._log()) or "starting vLLM"
            if phase != spoken or time.monotonic() - spoken_at >= _HEARTBEAT_S:
                spoken, spoken_at = phase, time.monotonic()
                self._on_status(f"vLLM: {phase} ({elapsed:.0f} s)")
            if elapsed > self.options.startup_timeout_s:
                message = (
                    f"vLLM was not ready after {elapsed:.0f} s (it was {phase}).\n"
                    f"  log: {self.options.log_path}\n"
                    "  allow more time, or see in the log what it waits for"
                )
                raise ServerError(message)
            time.sleep(_POLL_S)

    def _died(self, status: int) -> ServerError:
        diagnosis = failures.diagnose(self._log())
        reason, hint = diagnosis.reason, diagnosis.hint
        if status == _KILLED and not hint:
            reason = "it was killed (signal 9)"
            hint = "most often the kernel does so when memory runs out: serve a smaller model, or free memory"
        when = "died" if self._ready_s else "did not start"
        lines = [f"vLLM {when}: {reason}", f"  log: {self.options.log_path}"]
        return ServerError("\n".join([*lines, f"  {hint}"] if hint else lines))

    def _log(self) -> str:
        try:
            return self.options.log_path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def _from_log(self, pattern: str) -> str | None:
        match = re.search(pattern, self._log())
        return match.group(1) if match else None


def _keep_earlier(log: Path) -> None:
    """Moves the log of an earlier server aside: a resumed run starts another one."""
    if log.exists():
        number = 1 + sum(1 for _ in log.parent.glob(f"{log.stem}.*{log.suffix}"))
        log.rename(log.with_name(f"{log.stem}.{number}{log.suffix}"))


def _free_port() -> int:
    with socket.socket() as probe_socket:
        probe_socket.bind(("127.0.0.1", 0))
        port: int = probe_socket.getsockname()[1]
        return port
