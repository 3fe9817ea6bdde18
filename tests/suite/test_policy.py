"""A gate's policy: what may be written, what it means, and that whatever is wrong is named by line and path."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.runlog import Identity
from harness.suite import Policy, load_policy
from harness.suite.policy import IDENTITY_NAMES

HEADER = "name: small\ndescription: d\nlicence: Apache-2.0\n"
WRONG = [
    ("floors: {tool_call_acuracy: 0.9}", "/floors/tool_call_acuracy", "did you mean 'tool_call_accuracy'?"),
    ("floors: {case_pass_rate: 90}", "/floors/case_pass_rate", "not 90; write 90 % as 0.9"),
    ("floors: {case_pass_rate: true}", "/floors/case_pass_rate", "number"),
    ("floors: {fabrication_rate: 0.1}", "/floors/fabrication_rate", "write max_fabrication_rate"),
    ("max_drop: {all: 1, response_qualty: 2}", "/max_drop/response_qualty", "did you mean 'response_quality'?"),
    ("max_drop: -1", "/max_drop", "from 0 to 100 points, not -1"),
    ("max_drop: high", "/max_drop", "number"),
    ("max_drop: {}", "/max_drop", "must not be empty"),
    ("significance: 5", "/significance", "such as 0.05, not 5"),
    ("significance: 0", "/significance", "between 0 and 1"),
    ("critical: [a]", "/critical", "must be a mapping"),
    ("max_fabrication_rate: 1.5", "/max_fabrication_rate", "share from 0 to 1"),
    ("max_error_rate: null", "/max_error_rate", "number"),
    ("cases: any", "/cases", "must be 'same' or 'shared'"),
    ("identity: [server.vllm_version, promts]", "/identity/1", "did you mean 'prompts'?"),
    ("identity: [sampling.]", "/identity/0", "unknown part of the identity 'sampling.'"),
    ("maximum: 1", "/maximum", "unknown key 'maximum'"),
]


@pytest.mark.parametrize(("text", "where", "expected"), WRONG)
def test_what_is_wrong_is_named_in_a_file_and_in_a_suite(tmp_path, complaints, text, where, expected):
    path = tmp_path / "policy.yaml"
    path.write_text(f"# bounds\n{text}\n")
    with pytest.raises(InputError) as caught:
        load_policy(path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.where) == (str(path), 2, where)
    assert expected in problem.message
    (found,) = complaints(suite_DOT_yaml=f"{HEADER}gate:\n  {text}\n")
    assert found.startswith(f"suite.yaml:5: /gate{where}: ")
    assert expected in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", "holds 0 documents"), ("a: 1\n---\nb: 1\n", "holds 2 documents"), ("x: [", "is not YAML")],
)
def test_a_file_that_holds_no_policy(tmp_path, text, expected):
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=expected):
        load_policy(path)
    with pytest.raises(InputError, match="cannot be read"):
        load_policy(tmp_path / "nowhere.yaml")


def test_short_forms_are_what_they_abbreviate(load):
    suite = load(
        suite_DOT_yaml=f"{HEADER}gate:\n  floors: {{case_pass_rate: 0.50}}\n  max_drop: 2\n  significance: null\n"
        "  critical: 'severity: high'\n  identity: [server.vllm_version, prompts]\n  cases: shared\n"
    )
    policy = suite.gate
    assert policy == Policy(
        floors={"case_pass_rate": 0.5},
        max_drop={"all": 2.0},
        significance=None,
        critical={"severity": "high"},
        identity=["server.vllm_version", "prompts"],
        cases="shared",
    )
    assert (policy.drop("response_quality"), Policy(max_drop={"case_pass_rate": 5.0}).drop("response_quality")) == (
        2,
        0,
    )
    assert Policy.model_validate(policy.model_dump()) == policy
    assert load().gate is None


def test_a_tag_makes_a_case_critical_unless_it_says_no():
    default = Policy()
    assert default.is_critical({"critical": "yes"})
    assert default.is_critical({"critical": "data loss"})
    assert not any(default.is_critical({"critical": word}) for word in ("no", "False", "off", "0", ""))
    assert not default.is_critical({"kind": "critical"})
    both = Policy.model_validate({"critical": {"severity": "high", "kind": None}})
    assert both.is_critical({"severity": "high", "kind": "chain"})
    assert not both.is_critical({"severity": "high"})
    assert not both.is_critical({"severity": "low", "kind": "chain"})
    assert not Policy.model_validate({"critical": None}).is_critical({"critical": "yes"})


def test_every_part_of_the_identity_can_be_asked_to_be_equal():
    assert {*Identity.model_fields, "prompts"} - {"decisions"} == set(IDENTITY_NAMES)


def test_the_example_in_the_description_of_the_format_is_a_policy(load):
    text = (Path(__file__).parents[2] / "suites" / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(gate:\n.*?)```", text, re.DOTALL)
    policy = load(suite_DOT_yaml=HEADER + example).gate
    assert policy.model_fields_set == set(Policy.model_fields), "every key is shown"
    named = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert set(Policy.model_fields) <= set(named), "every key is explained"
