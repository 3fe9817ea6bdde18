"""What can be wrong with a case whose shape is right, and with the tools it may name."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from harness.jsonvalue import pointer
from harness.leniency import ExpectationError, check_expectation
from harness.records import Expectation
from harness.suite.cases import UserTurn
from harness.suite.decisions import Toolbox
from harness.suite.shape import near
from harness.toolschema import Tool, Toolset, surely_valid

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from harness.records import ExpectedCall
    from harness.suite.cases import Case, ExpectTurn, SuiteTool
    from harness.suite.decisions import Offer

Finding = tuple[str, str]
"""A JSON pointer into the document, and what is wrong there in plain words."""


class Checker:
    """Checks the cases of a suite against its tools."""

    def __init__(self, tools: Sequence[SuiteTool] | None) -> None:
        """`tools` is None where they could not be read: then nothing is said about tools."""
        self._toolbox = None if tools is None else Toolbox(tools)
        self._toolset = Toolset([(tool.function.name, tool.function.parameters) for tool in tools or ()])
        self._offered_sets: dict[int, Toolset] = {}
        self._known = frozenset(self._toolset.tools)
        """Names that calls may have."""
        self._keys = frozenset(self._toolbox.tools if self._toolbox else ())
        """What cases may list."""

    def problems(self, case: Case) -> Iterator[Finding]:
        """Everything wrong with one case."""
        offer = yield from self._offered(case.tools, "/tools")
        yield from _script_problems(case)
        for index, turn in enumerate(case.turns):
            place = f"/turns/{index}"
            if turn.tools is not None:
                offer = yield from self._offered(turn.tools, f"{place}/tools")
            if isinstance(turn, UserTurn) or self._toolbox is None:
                continue
            if turn.expect.calls is not None:
                yield from self._call_problems(turn.expect, offer, f"{place}/expect")
            elif turn.expect.any_call and offer is not None and not offer.names:
                yield f"{place}/expect", "any_call, but no tool is offered; offer one or expect no_call"

    def _offered(self, names: list[str] | None, place: str) -> Generator[Finding, None, Offer | None]:
        """The offer that a list of names makes; None where it is wrong, and so what is offered is unknown."""
        if self._toolbox is None:
            return None
        if names is None or (self._keys.issuperset(names) and len(set(names)) == len(names)):
            offer = self._toolbox.offer(names)
            if len(offer.names) == len(offer.tools):
                return offer
            twice = next(name for name, count in Counter(t.function.name for t in offer.tools).items() if count > 1)
            yield place, f"two versions of the tool {twice!r} are offered at once; list one of them in 'tools'"
            return None
        for index, name in enumerate(names):
            if name not in self._keys:
                yield f"{place}/{index}", f"unknown tool {name!r}; {near(name, self._keys)}"
            elif name in names[:index]:
                yield f"{place}/{index}", f"tool {name!r} is listed twice; list it once"
        return None

    def _tools_of(self, offer: Offer | None) -> Toolset:
        """What is offered, compiled; any version of each tool where that is unknown."""
        if offer is None or len(self._keys) == len(self._known):
            return self._toolset
        compiled = self._offered_sets.get(id(offer))
        if compiled is None:
            pairs = [(tool.function.name, tool.function.parameters) for tool in offer.tools]
            compiled = self._offered_sets[id(offer)] = Toolset(pairs)
        return compiled

    def _call_problems(self, expect: Expectation, offer: Offer | None, place: str) -> Iterator[Finding]:
        calls = expect.calls or []
        tools = self._tools_of(offer)
        for index, call in enumerate(calls):
            if call.name not in self._known:
                yield f"{place}/calls/{index}/name", f"unknown tool {call.name!r}; {near(call.name, self._known)}"
            elif offer is not None and call.name not in offer.names:
                message = f"tool {call.name!r} is not offered here; add it to 'tools', or expect no_call"
                yield f"{place}/calls/{index}/name", message
        if all(_is_plainly_right(call, tools) for call in calls):
            return
        refused = dict(_leniency_problems(expect, tools))
        for path, message in refused.items():
            yield place + path, message
        for index, call in enumerate(calls):
            for path, message in _schema_problems(call, tools, f"/calls/{index}/arguments"):
                if path not in refused:
                    yield place + path, message


def problems_of(case: Case, tools: Sequence[SuiteTool]) -> Iterator[Finding]:
    """Everything wrong with one case of a suite that has these tools."""
    return Checker(tools).problems(case)


def _is_plainly_right(call: ExpectedCall, tools: Toolset) -> bool:
    """A quick yes where no rule stands and the arguments are valid, integer literals included."""
    tool = tools.get(call.name)
    return not call.match and tool is not None and surely_valid(tool.parameters, call.arguments)


def _leniency_problems(expect: Expectation, tools: Toolset) -> Iterator[Finding]:
    """What makes an expectation one that cannot be judged: the first thing of each call."""
    try:
        check_expectation(expect, tools)
    except ExpectationError:
        for index, call in enumerate(expect.calls or ()):
            try:
                check_expectation(Expectation(calls=[call]), tools)
            except ExpectationError as error:
                yield error.path.replace("/calls/0", f"/calls/{index}", 1), str(error)


def _schema_problems(call: ExpectedCall, tools: Toolset, place: str) -> Iterator[Finding]:
    tool = tools.get(call.name)
    for error in tool.errors(call.arguments) if tool else ():
        if not _is_lenient(call, error.path):
            yield place + error.path, f"breaks the schema of {call.name}: {error.message}"


def _is_lenient(call: ExpectedCall, path: str) -> bool:
    """Whether a rule stands for the value at `path`, so that the literal there is not what is expected."""
    return any(
        (rule.any or rule.one_of) and (path == place or path.startswith(place + "/"))
        for place, rule in call.match.items()
    )


def _script_problems(case: Case) -> Iterator[Finding]:
    """What is wrong with the order of turns and with how the script goes on after each decision."""
    turns, last = case.turns, len(case.turns) - 1
    asked = answered = False
    for index, turn in enumerate(turns):
        place = f"/turns/{index}"
        if isinstance(turn, UserTurn):
            asked, answered = True, False
            if index == last:
                yield place, "nothing follows this user turn; add an 'expect' or take it away"
            continue
        if not asked:
            yield place, "no user turn before this 'expect'; a case begins with what the user says"
        elif answered:
            yield place, "the assistant has answered; put a user turn between these two expectations"
        asked, answered = True, turn.expect.no_call is True
        yield from _sequel_problems(turn, place, is_last=index == last)


def _sequel_problems(turn: ExpectTurn, place: str, *, is_last: bool) -> Iterator[Finding]:
    kind, given, answer = turn.expect.kind, turn.observations, turn.answer
    if kind == "any_call" and not is_last:
        yield place, "any_call leaves open how the script goes on; it can only be the last turn"
    if kind == "calls":
        wanted = len(turn.expect.calls or ())
        if given is None and not is_last:
            yield place, "the key 'observations' is missing; give one string for each call, turns follow"
        elif given is not None and len(given) != wanted:
            message = f"{len(given)} observation(s) for {wanted} call(s); give one string for each call, in their order"
            yield f"{place}/observations", message
    elif given is not None:
        yield f"{place}/observations", f"{kind} has no observations; take them away"
    if kind == "no_call":
        if answer is None and not is_last:
            yield place, "the key 'answer' is missing; give the text of the assistant, turns follow"
    elif answer is not None:
        yield f"{place}/answer", f"{kind} has no answer; take it away, or expect no_call in a turn of its own"


def tool_problems(tools: Iterable[tuple[int, SuiteTool]]) -> Iterator[Finding]:
    """Keys that come twice and schemas that do not compile; `tools` are (place in the list, tool)."""
    first: dict[str, int] = {}
    for index, tool in tools:
        name = tool.function.name
        if tool.key in first:
            where = pointer(first[tool.key])
            place = f"/{index}/function/name" if tool.id is None else f"/{index}/id"
            yield place, f"tool {tool.key!r} is defined twice, first at {where}; rename or remove one"
        first.setdefault(tool.key, index)
        parameters = tool.function.parameters
        defect = Tool(name, parameters).defect
        if defect is not None:
            yield f"/{index}/function/parameters", f"the schema of {name} does not compile: {defect}"
