"""Every kind of line that a run log holds, and how each is written."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from harness import jsonvalue
from harness.records import Dialect, FaultKind, Json, Outcome, Record, Response, Score
from harness.suite import NullScores, Policy

LOG_NAME = "run.jsonl"
CASE = b'{"type":"case"'
DECISION = b'{"type":"decision"'
ROLLOUT = b'{"type":"rollout"'
RESUMED = b'{"type":"resumed"'
HEADER = b'{"type":"header"'
FOOTER = b'{"type":"footer"'
"""How these rows begin, as `decision_line` and `encode` write them."""


class Sampling(Record):
    """Every sampling parameter, as sent with each request."""

    temperature: Json = 0
    top_p: Json = 1
    top_k: int = 0
    min_p: Json = 0
    repetition_penalty: Json = 1
    presence_penalty: Json = 0
    frequency_penalty: Json = 0
    max_tokens: int
    seed: int = 0


Mode: TypeAlias = Literal["teacher_forced", "rollout"]
"""Each decision with the scripted history, or a case played through with the model's own."""


class Identity(Record):
    """What was compared: two runs are comparable only where this says so."""

    suite: str
    suite_digest: str
    decisions: int
    model: str
    """The name that requests carry."""
    model_identity: dict[str, Json] = {}
    """What is known of the weights and adapters: paths, digests, parent."""
    server: dict[str, Json] = {}
    """vLLM version, chat template hash, parsers, context length, flags."""
    sampling: Sampling
    thinking: bool | None = None
    dialect: Dialect | None = None
    mode: Mode = "teacher_forced"
    max_steps: Annotated[int | None, Field(exclude_if=lambda value: value is None)] = None
    """In rollouts: assistant messages in one user turn at most."""
    trials: int = 1
    harness_version: str
    scorer_version: str


class Header(Record):
    """The first line of a log."""

    type: Literal["header"] = "header"
    format: Literal[1] = 1
    identity: Identity
    description: str = ""
    thresholds: dict[str, Json] = {}
    gate: Annotated[Policy | None, Field(exclude_if=lambda value: value is None)] = None
    """The suite's own policy, so that a gate needs no suite folder."""
    nulls: Annotated[NullScores | None, Field(exclude_if=lambda value: value is None)] = None
    """What null models score on the suite, where that is known."""
    started: str
    """When the run began, ISO 8601 in UTC."""
    command: list[str]
    base_urls: list[str]
    platform: str = ""
    """Operating system, processor and Python of the machine that asked."""


class CaseRow(Record):
    """One case of the suite, as `suite.Case.to_json` writes it, with the tools it may name."""

    type: Literal["case"] = "case"
    case: dict[str, Json]


class ToolsRow(Record):
    """The suite's tools, which the case rows name."""

    type: Literal["suite"] = "suite"
    licence: str | None = None
    tools: list[dict[str, Json]]


class Fault(Record):
    """Why there is no response to judge; never the model's doing."""

    kind: FaultKind
    status: int | None = None
    """HTTP status, where one came."""
    message: str


class Usage(Record):
    """Tokens of one response."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Timing(Record):
    """When and how long: seconds; `started` counts from the start of the run."""

    started: float
    latency: float
    attempts: int = 1
    """Requests sent, retries included."""


class _Asked(Record):
    """What one request came to."""

    request_digest: str
    """SHA-256 of the request body."""
    prompt_digest: str | None = None
    """SHA-256 of the rendered prompt's token ids, each as 4 bytes, little-endian."""
    response: Response
    token_ids: list[int] | None = None
    raw_fault: Fault | None = None
    """Why the generated tokens could not be turned back into raw text; the verdict stands without it then."""
    prompt_tail: list[int] | None = None
    """The prompt's last tokens, kept where their text is still to be asked for as well."""
    fault: Fault | None = None
    score: Score
    usage: Usage = Usage()
    timing: Timing
    url: int = 0
    """Which address answered: an index into the header's `base_urls`, and past its end into those that
    the `resumed` rows added, in their order."""


class _DecisionKey(Record):
    """Which decision a row is about; pydantic puts the fields of the last base first."""

    type: Literal["decision"] = "decision"
    case: str
    index: int
    trial: int = 0
    digest: str
    """The decision's content digest."""


class DecisionRow(_Asked, _DecisionKey):
    """One decision: what was sent, what came back, the verdict."""

    @property
    def key(self) -> tuple[str, int, int]:
        """Case, decision and trial: a row replaces an earlier one with the same key."""
        return self.case, self.index, self.trial

    @property
    def unread(self) -> bool:
        """Whether its raw text is worth asking for again."""
        return why_without_raw(self.token_ids, self.raw_fault) == "detokenize_failed"


CallSource: TypeAlias = Literal["script", "earlier", "error", "end"]
"""Where a tool's answer comes from: the turn's own expected calls, calls of the case so far, an error, or
nowhere: the script ends with this call."""


class PlayedCall(Record):
    """How a call that the model made in a rollout was answered."""

    source: CallSource
    decision: int | None = None
    """Index of the decision whose expected call it was taken for."""
    error: str | None = None
    """What was wrong with it, where an error was returned."""


class _StepKey(Record):
    """Where in the script a step stands."""

    turn: int
    """The user turn, as the depth of its decisions counts it."""
    index: int
    """The decision that the script was waiting for."""


class Step(_Asked, _StepKey):
    """One assistant message of a rollout and the tools' answers to it.

    `score` holds the response against the decision that the script was waiting for, less the calls
    of it that were made before.
    """

    messages: list[dict[str, Json]] = []
    """What the step added to the history: the model's message as it stayed there, then the observations."""
    played: list[PlayedCall] = []
    """How each call of that message was answered, in their order."""

    @property
    def unread(self) -> bool:
        """Whether its raw text is worth asking for again."""
        return why_without_raw(self.token_ids, self.raw_fault) == "detokenize_failed"


class TurnRow(Record):
    """The verdict on one user turn of a rollout."""

    turn: int
    outcome: Outcome
    """Right where the turn's calls are those expected, in order; else the outcome of its first wrong step."""
    correct: bool
    steps: int
    ended: Literal["answer", "script", "limit"]
    """By a message without a call, by the last expected call, or by the most steps allowed."""
    fabricated: bool = False
    """Whether a step of it presents an invented result."""


class RolloutRow(Record):
    """One case, played through: the user's messages and the system text are the case's own."""

    type: Literal["rollout"] = "rollout"
    case: str
    trial: int = 0
    digest: str
    """SHA-256 of the canonical JSON of its decisions' digests."""
    steps: list[Step]
    turns: list[TurnRow]
    """One verdict for each user turn; none where an error ended the case."""

    @property
    def key(self) -> tuple[str, int, int]:
        """As of a decision's row; a whole case stands at index 0."""
        return self.case, 0, self.trial

    @property
    def fault(self) -> Fault | None:
        """What ended the case early; never the model's doing."""
        return self.steps[-1].fault if self.steps else None

    @property
    def unread(self) -> bool:
        """Whether the raw text of a step is worth asking for again."""
        return self.fault is None and any(step.unread for step in self.steps)


WithoutRaw: TypeAlias = Literal["no_token_ids", "no_detokenize", "detokenize_failed"]
"""Why a response has no raw text: the server returned no token ids, cannot decode them at all, or failed at it."""


def why_without_raw(token_ids: list[int] | None, raw_fault: Fault | None) -> WithoutRaw | None:
    """What a response's raw text was lost to; None where it is there. Only what failed is worth asking again."""
    if token_ids is None:
        return "no_token_ids"
    if raw_fault is None:
        return None
    return "no_detokenize" if raw_fault.status in (404, 405, 501) else "detokenize_failed"


class ResumedRow(Record):
    """A later process took the run up again."""

    type: Literal["resumed"] = "resumed"
    started: str
    command: list[str]
    harness_version: str
    base_urls: list[str] = []
    """Addresses that this process asked and no earlier one had."""


class Footer(Record):
    """The last line of a finished log."""

    type: Literal["footer"] = "footer"
    rows: int
    """Decision rows (of rollouts: cases), superseded ones included."""
    scored: int
    errored: int
    finished: str
    elapsed: float
    """Seconds that the process which finished the run took."""
    server_metrics: dict[str, Json] = {}
    without_raw: dict[WithoutRaw, int] = {}
    """Scored decisions that were judged without raw text, by the reason."""
    sha256: str
    """Of every byte before this line, and of this line with an empty digest."""


Line: TypeAlias = Annotated[
    Header | ToolsRow | CaseRow | DecisionRow | RolloutRow | ResumedRow | Footer, Field(discriminator="type")
]


def encode(line: Record) -> bytes:
    """A record as one line of the log."""
    return jsonvalue.dump_line(line.model_dump())


def case_line(case: dict[str, Any]) -> bytes:
    """A case row, from the case as plain JSON."""
    return jsonvalue.dump_line({"type": "case", "case": case})


def decision_line(row: dict[str, Any]) -> bytes:
    """A decision row from its fields, as plain JSON values: what `encode` writes, without building the record."""
    return jsonvalue.dump_line({"type": "decision", **row})


def rollout_line(row: dict[str, Any]) -> bytes:
    """A rollout's row from its fields, as plain JSON values."""
    return jsonvalue.dump_line({"type": "rollout", **row})


def undigested(footer: Footer) -> bytes:
    """A footer as its own digest sees it."""
    return encode(footer.model_copy(update={"sha256": ""}))
