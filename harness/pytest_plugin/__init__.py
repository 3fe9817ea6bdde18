"""Cases of a suite as test items of pytest, judged from a run that is there or by asking a model.

    pytest suites/soc_triage --harness-run reports/RUN [--harness-baseline NAME]
    pytest suites/soc_triage --harness-base-url http://host:8000/v1 [--harness-model NAME] [--harness-baseline NAME]
    pytest suites/soc_triage --harness-model FOLDER_OR_HUB_ID

Without one of these options the plugin does nothing, and imports nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.pytest_plugin.choice import Choice, holds_suites

if TYPE_CHECKING:
    from harness.api import Run

SESSION = "harness-session"
_WAYS = (
    "--harness-run RUN judges it by a finished run, --harness-base-url URL asks a server that runs, "
    "--harness-model MODEL serves one"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, all of one group."""
    group = parser.getgroup("harness", "harness: suites of tool-call cases")
    several = {"action": "append", "default": []}
    group.addoption("--harness-run", metavar="RUN", help="judge cases by this finished run (once a suite)", **several)
    group.addoption("--harness-base-url", metavar="URL", help="ask a server that runs; replicas by comma")
    group.addoption("--harness-model", metavar="NAME", help="its model there (the only one); without URL: serve it")
    group.addoption(
        "--harness-baseline", metavar="NAME", help="hold cases against it: a baseline or run (once a suite)", **several
    )
    group.addoption("--harness-baselines", metavar="DIR", default="baselines", help="where baselines are (baselines)")
    group.addoption("--harness-policy", metavar="FILE", help="bounds of the item `thresholds` (the suite's own)")
    group.addoption("--harness-out", metavar="DIR", help="folder for the run (reports/SUITE-pytest-TIME)")
    group.addoption("--harness-suite", metavar="DIR", help="what the fixture harness_run runs (the suite collected)")
    group.addoption(
        "--harness-args", metavar="WORDS", default="", help="more options of `harness run`: '--thinking off --trials 3'"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begins a session with the harness where an option asks for one."""
    choice = Choice.of(config)
    if choice.given:
        from harness.pytest_plugin.session import Session

        config.pluginmanager.register(Session(config, choice), SESSION)


def pytest_collection(session: pytest.Session) -> None:
    """Says what is missing where a suite is asked for and nothing to judge it by is given."""
    config = session.config
    if config.pluginmanager.has_plugin(SESSION) or config.args_source is not pytest.Config.ArgsSource.ARGS:
        return
    for argument in config.args:
        path = config.invocation_params.dir / argument.partition("::")[0]
        if holds_suites(path):
            raise pytest.UsageError(f"{argument} is a suite of tool-call cases; {_WAYS}")


@pytest.fixture(scope="session")
def harness_run(request: pytest.FixtureRequest) -> Run:
    """The run of the session, for assertions of one's own: see `harness.api.Run`."""
    session = request.config.pluginmanager.get_plugin(SESSION)
    if session is None:
        pytest.fail(f"the fixture harness_run needs a run: {_WAYS}", pytrace=False)
    run: Run = session.only_run()
    return run
