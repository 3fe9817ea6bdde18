"""The gate as JUnit XML, as common CI systems read it.

A test suite for each group of checks, a test case for each check and for each decision that got worse. What is not comparable is an error, a missed bound a failure, what got worse without failing a check is skipped, and
what is noted passes with its words as output.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from harness.report.diffs import place
from harness.report.gates import check_name, check_words, why
from harness.visible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.comparison import Broken, Check, GateResult, Pair

GROUPS = {
    "comparable": "comparable",
    "critical": "critical cases",
    "drop": "against the baseline",
    "floor": "floors and ceilings",
}
MOST = 10_000
"""Decisions listed; of more, readers refuse the file."""
_FORBIDDEN = re.compile("[\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff]")
"""What XML 1.0 forbids or discourages beside the characters that `visible` shows."""


def junit(result: GateResult, texts: Mapping[tuple[str, int, int], str]) -> bytes:
    """The whole file, UTF-8; `texts` are transcripts by the key of the decision, where there are any."""
    top = ET.Element("testsuites", name=_clean(one_line(f"gate: {result.run} against {result.baseline}")))
    for group, title in GROUPS.items():
        cases = [_of_check(check, result) for check in result.checks if check.group == group]
        _suite(top, title, cases)
    _suite(top, "decisions that got worse", _of_decisions(result, texts))
    for name in ("tests", "failures", "errors", "skipped"):
        top.set(name, str(sum(int(suite.get(name, "0")) for suite in top)))
    ET.indent(top)
    written: bytes = ET.tostring(top, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _suite(top: ET.Element, title: str, cases: Sequence[ET.Element]) -> None:
    if not cases:
        return
    suite = ET.SubElement(top, "testsuite", name=f"gate: {title}", tests=str(len(cases)), time="0")
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    suite.extend(cases)


def _case(group: str, name: str) -> ET.Element:
    return ET.Element("testcase", classname=_clean(f"gate.{group}"), name=_clean(one_line(name)), time="0")


def _of_check(check: Check, result: GateResult) -> ET.Element:
    case = _case(check.group, check_name(check, result))
    words = _clean(one_line(check_words(check, result)))
    if check.state == "failed":
        tag = "error" if check.group == "comparable" else "failure"
        lines = [words, *(_line(pair) for pair in check.decisions[:MOST])]
        _body(case, tag, words, "\n".join(lines))
    else:
        ET.SubElement(case, "system-out").text = words
    return case


def _of_decisions(result: GateResult, texts: Mapping[tuple[str, int, int], str]) -> list[ET.Element]:
    """Those behind failed checks as failures; the other broken ones as skipped."""
    found = result.broken
    cases = [_of_broken(one, texts.get(one.pair.second.key, "")) for one in found[:MOST]]
    listed = {one.pair.second.key for one in found}
    others = [pair for pair in result.found.broken if pair.second.key not in listed] if result.found else []
    for pair in others[: MOST - len(cases)]:
        case = _case("decisions", place(pair.second))
        ET.SubElement(case, "skipped", message=_clean(f"broken, but no check failed by it: {_line(pair)}"))
        cases.append(case)
    return cases


def _of_broken(one: Broken, text: str) -> ET.Element:
    case = _case("decisions", place(one.pair.second))
    message = _line(one.pair) + (", critical" if one.critical else "")
    _body(case, "failure", message, f"{message}\ncounts in: {', '.join(one.checks)}\n\n{text}".rstrip())
    return case


def _body(case: ET.Element, tag: str, message: str, text: str) -> None:
    element = ET.SubElement(case, tag, message=_clean(message), type=tag)
    element.text = _clean(text)


def _line(pair: Pair) -> str:
    return one_line(f"{place(pair.second)}: {pair.first.outcome} → {pair.second.outcome} ({why(pair)})")


def _clean(text: str) -> str:
    """Text that XML may hold; what it may not is shown as the terminal shows it."""
    return _FORBIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", visible(text))
