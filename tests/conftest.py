"""Fixtures shared by all tests. Those marked `vllm` run against a real server with real weights."""

from __future__ import annotations

import importlib.util
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from harness.server import ServeOptions, VllmServer, detect_family, prepare_demo_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The same examples every time: what fails here fails on every machine, however slow.
settings.register_profile(
    "harness",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=150,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)
settings.register_profile("quick", settings.get_profile("harness"), max_examples=40)
settings.load_profile("harness")


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """Where a shell runs the tests in the background, Ctrl-C is ignored, and so it is by every process they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def demo_model() -> Path:
    """The folder of the demo model."""
    if importlib.util.find_spec("vllm") is None:
        pytest.fail("vLLM is not installed in this environment: run `make test`, which sets it up")
    return prepare_demo_model()


@pytest.fixture(scope="session")
def vllm_server(demo_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VllmServer]:
    """One vLLM server with the demo model for all tests: `base_url`, `model`, `identity()`."""
    options = ServeOptions(
        model=str(demo_model),
        family=detect_family(str(demo_model)),
        log_path=tmp_path_factory.mktemp("vllm") / "server.log",
    )
    with VllmServer(options) as server:
        yield server
