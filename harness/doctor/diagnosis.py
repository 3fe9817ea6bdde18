"""What a probe comes to: one check a question, each with what was done, what was seen, and what to do about it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from harness.records import Record

Verdict: TypeAlias = Literal["ok", "warn", "fail", "unknown"]
"""`unknown` blames nobody: what was seen does not tell."""


class Check(Record):
    """The answer to one question about a server."""

    name: str
    verdict: Verdict
    did: str
    saw: str
    advice: str = ""
    """What to do; empty where there is nothing to do."""


class Diagnosis(Record):
    """All checks of one server and model."""

    base_url: str
    model: str
    vllm_version: str | None
    dialect: str | None
    """How the model writes calls, as far as could be found out; None where it could not."""
    checks: list[Check]

    def named(self, verdict: Verdict) -> list[str]:
        """The names of the checks with this verdict."""
        return [check.name for check in self.checks if check.verdict == verdict]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong, as far as could be told."""
        return not self.named("fail")

    @property
    def summary(self) -> str:
        """The verdict in one line."""
        wrong, odd, open_ = (self.named(verdict) for verdict in ("fail", "warn", "unknown"))
        if wrong:
            line = f"Something is wrong, and not with the model's answers: {', '.join(wrong)}"
        elif "tool parser" in open_:
            line = "Nothing wrong was found, but whether the tool parser fits could not be told"
        else:
            line = "Parsers, chat template and special tokens fit the model, as far as they could be probed"
        parts = [f"worth a look: {', '.join(odd)}"] if odd else []
        parts += [f"not told: {', '.join(open_)}"] if open_ else []
        return "; ".join([line, *parts]) + "."


def ok(name: str, did: str, saw: str) -> Check:
    """A check that found all well."""
    return Check(name=name, verdict="ok", did=did, saw=saw)


def warn(name: str, did: str, saw: str, advice: str) -> Check:
    """A check that found something worth a look."""
    return Check(name=name, verdict="warn", did=did, saw=saw, advice=advice)


def fail(name: str, did: str, saw: str, advice: str) -> Check:
    """A check that found something wrong."""
    return Check(name=name, verdict="fail", did=did, saw=saw, advice=advice)


def unknown(name: str, did: str, saw: str, advice: str = "") -> Check:
    """A check that cannot tell."""
    return Check(name=name, verdict="unknown", did=did, saw=saw, advice=advice)
