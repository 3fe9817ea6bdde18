"""What a gate asks of a run: under `gate:` in a suite's `suite.yaml`, or in a file of its own."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from harness.documents import Document, read_yaml
from harness.errors import InputError
from harness.records import METRICS, Record
from harness.suite.shape import near, shape_problems

if TYPE_CHECKING:
    from pathlib import Path

ALL = "all"
CRITICAL = "critical"
"""The tag of cases that may never break, unless a policy names another."""
ALWAYS_EQUAL = ("scorer_version", "mode")
"""What must be equal whatever a policy says: numbers mean different things otherwise."""
PROMPTS = "prompts"
_GROUPS = ("sampling", "server", "model_identity")
IDENTITY_NAMES = (
    *("suite", "suite_digest", "model", "thinking", "dialect", "max_steps", "trials", "harness_version"),
    *ALWAYS_EQUAL,
    *_GROUPS,
    PROMPTS,
)
"""What a policy may ask to be equal; of a group also one member, as `sampling.temperature`."""


def _number(value: Any) -> Any:
    """Files hold exact decimals; a bound is compared with a quotient of counts."""
    return float(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"is a share from 0 to 1, not {value:g}; write 90 % as 0.9")
    return value


def _level(value: float) -> float:
    if not 0 < value < 1:
        raise ValueError(f"is a level between 0 and 1 such as 0.05, not {value:g}")
    return value


def _points(value: float) -> float:
    if not 0 <= value <= 100:
        raise ValueError(f"is from 0 to 100 points, not {value:g}")
    return value


def _floored(name: str) -> str:
    if name == "fabrication_rate":
        raise ValueError("fabrication_rate has a ceiling, not a floor; write max_fabrication_rate")
    return _metric(name)


def _metric(name: str) -> str:
    if name not in METRICS:
        raise ValueError(f"unknown metric {name!r}; {near(name, METRICS)}")
    return name


def _metric_or_all(name: str) -> str:
    return name if name == ALL else _metric(name)


def _for_all(value: Any) -> Any:
    """One number stands for all metrics."""
    return value if isinstance(value, dict) else {ALL: value}


def _tags(value: Any) -> Any:
    """`critical` and `severity: high` as the mapping that they abbreviate."""
    if value is None:
        return {}
    if not isinstance(value, str):
        return value
    name, _, wanted = value.partition(":")
    return {name.strip(): wanted.strip() or None}


def _identity(name: str) -> str:
    group, dot, member = name.partition(".")
    if name not in IDENTITY_NAMES and not (group in _GROUPS and dot and member):
        raise ValueError(f"unknown part of the identity {name!r}; {near(name, IDENTITY_NAMES)}")
    return name


Share: TypeAlias = Annotated[float, BeforeValidator(_number), AfterValidator(_share)]
Level: TypeAlias = Annotated[float, BeforeValidator(_number), AfterValidator(_level)]
Points: TypeAlias = Annotated[float, BeforeValidator(_number), AfterValidator(_points)]


class Policy(Record):
    """The bounds of a gate. With nothing given, no metric may drop for sure and no critical case may break."""

    floors: dict[Annotated[str, AfterValidator(_floored)], Share] = {}
    """By metric, beside the suite's thresholds; one that is named here goes before them."""
    max_drop: Annotated[
        dict[Annotated[str, AfterValidator(_metric_or_all)], Points], BeforeValidator(_for_all), Field(min_length=1)
    ] = {ALL: 0.0}
    """By metric or for `all`, the points that it may fall below the baseline (fabrication_rate: rise above it)."""
    significance: Level | None = 0.05
    """Only what is significant at this level, after Holm's correction, counts as a drop; null: every drop counts."""
    critical: Annotated[dict[str, str | None], BeforeValidator(_tags)] = {CRITICAL: None}
    """Tags of the cases that may never break, all of them wanted; null for a value: any but `no` and `false`."""
    max_fabrication_rate: Share | None = None
    """Before the suite's threshold for fabrication_rate."""
    max_error_rate: Share = 0.01
    """Of either run; above it they are not comparable."""
    cases: Literal["same", "shared"] = "same"
    """Whether decisions that changed, or that only one of the two holds, are allowed."""
    identity: list[Annotated[str, AfterValidator(_identity)]] = []
    """What else must be equal in both runs, beside ALWAYS_EQUAL."""

    def drop(self, metric: str) -> float:
        """What a metric may fall, in points."""
        return self.max_drop.get(metric, self.max_drop.get(ALL, 0.0))

    def is_critical(self, tags: dict[str, str]) -> bool:
        """Whether a case with these tags may never break."""
        return bool(self.critical) and all(
            name in tags and (_on(tags[name]) if wanted is None else tags[name] == wanted)
            for name, wanted in self.critical.items()
        )


def _on(value: str) -> bool:
    return re.fullmatch(r"\s*(no|false|off|0|)\s*", value, re.IGNORECASE) is None


def load_policy(path: Path) -> Policy:
    """The policy in a YAML (or JSON) file.

    Raises:
        InputError: it cannot be read, or is none; with every problem, by line.
    """
    try:
        found = list(read_yaml(path))
    except OSError as error:
        raise InputError.single(path, f"cannot be read: {error.strerror}") from error
    documents = [item for item in found if isinstance(item, Document)]
    problems = [item for item in found if not isinstance(item, Document)]
    if problems:
        raise InputError(problems)
    if len(documents) != 1:
        raise InputError.single(path, f"holds {len(documents)} documents; it must hold exactly one policy")
    document = documents[0]
    try:
        return Policy.model_validate(document.value)
    except ValidationError as error:
        found_wrong = shape_problems(error, Policy, document.value)
        raise InputError([document.problem(where, message) for where, message in found_wrong]) from None
