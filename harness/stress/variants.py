"""From a suite to its variants: every transform on every case, what it cannot be done to told with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from harness import jsonvalue
from harness.errors import UsageError
from harness.stress.deeper import deeper_history
from harness.stress.draft import Draft
from harness.stress.entities import rename_entities
from harness.stress.naming import rename_tools
from harness.stress.observing import observation_envelope, observation_format
from harness.stress.offering import distractor_tools, shuffle_properties, shuffle_tools, wordy_descriptions
from harness.stress.parameters import rename_parameters
from harness.stress.talking import hurried_users, polite_users, rag_noise, small_talk, whitespace_noise
from harness.suite import STRESS, UNCHANGED, VARIANT_OF, Case, Defaults, Suite, SuiteTool, problems_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

Transform: TypeAlias = Callable[[Draft, Random], str | None]
"""Changes a draft in place; returns why it cannot, where it cannot."""

TRANSFORMS: dict[str, Transform] = {
    transform.__name__: transform
    for transform in (
        rename_tools,
        rename_parameters,
        shuffle_tools,
        shuffle_properties,
        distractor_tools,
        wordy_descriptions,
        observation_format,
        observation_envelope,
        rename_entities,
        rag_noise,
        small_talk,
        deeper_history,
        polite_users,
        hurried_users,
        whitespace_noise,
    )
}
"""Every transform by its name, in the order in which they are listed. None changes what the expectation depends on."""


class LeftOut(NamedTuple):
    """A variant that was not made, and why."""

    case: str
    transform: str
    reason: str


class Stressed(NamedTuple):
    """A suite of variants."""

    suite: Suite
    """The cases as they were, and of each one variant by each transform."""
    left_out: Sequence[LeftOut]

    def without(self, disputed: Mapping[str, str]) -> Stressed:
        """Less the variants of these ids, left out for the reason given; a case as it was is never one of them."""
        kept: list[Case] = []
        left_out = list(self.left_out)
        for case in self.suite.cases:
            if case.id in disputed and case.tags[STRESS] != UNCHANGED:
                left_out.append(LeftOut(case.tags[VARIANT_OF], case.tags[STRESS], disputed[case.id]))
            else:
                kept.append(case)
        return Stressed(replace(self.suite, cases=tuple(kept)), left_out)


def stress(suite: Suite, transforms: Sequence[str] = tuple(TRANSFORMS), seed: int = 0) -> Stressed:
    """The cases of a suite and meaning-preserving variants of them.

    The expectation of a variant follows from its origin's: renaming is done in tools, texts, arguments and leniency
    alike, and what is added touches no argument. Each variant bears the tags `variant_of` (its origin's id) and
    `stress` (the transform), the cases themselves `stress: unchanged`. The same seed gives the same variants, whatever
    other cases and transforms there are; only `deeper_history` draws on the other cases.

    Raises:
        UsageError: there are variants among the cases already.
        KeyError: there is no such transform.
    """
    _refuse_variants(suite)
    taken = {case.id for case in suite.cases}
    tools: dict[str, SuiteTool] = {tool.key: tool for tool in suite.tools}
    cases: list[Case] = []
    left_out: list[LeftOut] = []
    for case in suite.cases:
        origin, _ = _tagged(Draft.of(case, suite.tools), case.id, UNCHANGED)
        cases.append(origin)
        for name in transforms:
            made = _variant(Draft.of(case, suite.tools, suite.cases), name, seed, taken)
            if isinstance(made, LeftOut):
                left_out.append(made)
                continue
            cases.append(made[0])
            tools |= {tool.key: tool for tool in made[1]}
    return Stressed(_suite(suite, cases, list(tools.values())), left_out)


def _refuse_variants(suite: Suite) -> None:
    """A variant of a variant would be told apart by neither tag: each case has one origin and one change."""
    for case in suite.cases:
        for tag in (STRESS, VARIANT_OF):
            if tag in case.tags:
                raise UsageError(
                    f"{suite.name}: the case {case.id!r} has the tag {tag!r}, as variants have: name the suite that they "
                    "were made of, or another tag if it is none"
                )


def _variant(draft: Draft, name: str, seed: int, taken: Collection[str]) -> tuple[Case, list[SuiteTool]] | LeftOut:
    """One case by one transform; left out also where a schema refuses what came of it."""
    origin = draft.case["id"]
    if f"{origin}+{name}" in taken:
        return LeftOut(origin, name, f"another case is called {origin}+{name}")
    reason = TRANSFORMS[name](draft, Random(f"{seed} {name} {origin}"))  # noqa: S311 - no secret
    if reason is not None:
        return LeftOut(origin, name, reason)
    draft.case["id"] = f"{origin}+{name}"
    variant, tools = _tagged(draft, origin, name)
    for where, problem in problems_of(variant, tools):
        return LeftOut(origin, name, f"{where}: {problem}")
    return variant, tools


def _tagged(draft: Draft, origin: str, transform: str) -> tuple[Case, list[SuiteTool]]:
    draft.case["tags"] = {**draft.case.get("tags", {}), VARIANT_OF: origin, STRESS: transform}
    return draft.finished(_version)


def _version(tool: dict[str, Any]) -> str:
    """The id of a changed definition: equal ones share it, whatever the order of keys is not; order is a change."""
    text = jsonvalue.dumps(tool["function"])
    return f"{tool['function']['name']}@{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def _suite(origin: Suite, cases: Sequence[Case], tools: Sequence[SuiteTool]) -> Suite:
    return Suite(
        name=f"{origin.name}_stress",
        description=f"Variants of {origin.name} (digest {origin.digest[:12]}) that mean the same. {origin.description}",
        licence=origin.licence,
        defaults=Defaults(max_tokens=origin.defaults.max_tokens),
        thresholds={},
        tools=tuple(tools),
        cases=tuple(sorted(cases, key=lambda case: case.id)),
    )
