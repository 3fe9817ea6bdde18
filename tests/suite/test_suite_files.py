"""Everything that can be wrong with a suite's files, and that all of it is listed."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from harness.errors import InputError
from harness.suite import load_suite

HEADER = "name: small\ndescription: d\nlicence: Apache-2.0\n"


def tool(name: str, parameters: object) -> dict[str, object]:
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="there is no such suite folder"):
        load_suite(tmp_path / "nowhere")


def test_all_files_missing_are_all_listed(tmp_path):
    with pytest.raises(InputError) as caught:
        load_suite(tmp_path)
    assert [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems] == [
        "suite.yaml: is missing; write one with name, description and licence",
        "tools.json: is missing; write a JSON list of the tools, [] if there are none",
        "cases: is missing; put the cases there, as *.yaml or *.jsonl",
    ]


def test_no_case_at_all(complaints):
    assert complaints("# nothing\n") == ["cases: holds no case; add one as *.yaml or *.jsonl"]


def test_problems_of_all_files_are_listed_together(complaints):
    found = complaints("id: a\n", suite_DOT_yaml="name: x\n", tools_DOT_json="[", cases__b_DOT_jsonl="{}\n")
    assert [line.split(": ")[0] for line in found] == [
        "suite.yaml:1",
        "suite.yaml:1",
        "tools.json:1",
        "cases/a.yaml:1",
        "cases/b.jsonl:1",
        "cases/b.jsonl:1",
    ]


VERSIONS = [
    tool("lookup_ip", {"type": "object", "properties": {"ip": {"type": "string"}}}),
    {"id": "lookup_ip@2", **tool("lookup_ip", {"type": "object", "properties": {"address": {"type": "string"}}})},
]
OLD = "id: a\ntools: [lookup_ip]\nturns: [{user: x}, {expect: {calls: [{name: lookup_ip, arguments: {ip: a}}]}}]\n"
NEW = OLD.replace("id: a", "id: b").replace("[lookup_ip]", "[lookup_ip@2]").replace("{ip: a}", "{address: a}")


def test_two_versions_of_a_tool_in_one_suite(write):
    """Cases list them by id; the model is offered each under the function's own name, and never sees the id."""
    suite = load_suite(write(f"{OLD}---\n{NEW}", tools_DOT_json=json.dumps(VERSIONS)))
    old, new = (decision.tools for decision in suite.decisions)
    assert [old[0].model_dump(exclude_none=True), new[0].model_dump(exclude_none=True)] == [
        VERSIONS[0],
        {key: value for key, value in VERSIONS[1].items() if key != "id"},
    ]
    assert [item.to_json() for item in suite.tools] == VERSIONS


def test_an_id_is_not_part_of_the_digest(write):
    digest = load_suite(write(NEW, tools_DOT_json=json.dumps(VERSIONS))).digest
    alone = [tool("lookup_ip", VERSIONS[1]["function"]["parameters"])]
    assert load_suite(write(NEW.replace("@2", ""), tools_DOT_json=json.dumps(alone))).digest == digest


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (OLD.replace("[lookup_ip]", "[lookup_ip, lookup_ip@2]"), "/tools: two versions of the tool 'lookup_ip' are"),
        (OLD.replace("tools: [lookup_ip]\n", ""), "/tools: two versions of the tool 'lookup_ip' are offered at once"),
        (OLD.replace("[lookup_ip]", "[lookup_ip@3]"), "/tools/0: unknown tool 'lookup_ip@3'; did you mean 'lookup_ip@"),
        (NEW.replace("address: a", "address: 5"), "address: breaks the schema of lookup_ip: 5 is not of type"),
    ],
)
def test_versions_of_a_tool_taken_for_one_another(complaints, text, problem):
    found = complaints(text, tools_DOT_json=json.dumps(VERSIONS))
    assert len(found) == 1
    assert problem in found[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("thresholds: {tool_call_acuracy: 0.9}", "unknown metric 'tool_call_acuracy'; did you mean"),
        ("thresholds: {case_pass_rate: 90}", "a threshold is from 0 to 1, not 90; write 90 % as 0.9"),
        ("thresholds: {case_pass_rate: -0.1}", "a threshold is from 0 to 1, not -0.1"),
        ("thresholds: {case_pass_rate: high}", "a threshold is a number from 0 to 1, not string"),
        ("thresholds: {case_pass_rate: true}", "a threshold is a number from 0 to 1, not boolean"),
        ("thresholds: [x]", "must be a mapping of keys to values, but is a list"),
        ("default: {min_words: 3}", "unknown key 'default'; did you mean 'defaults'?"),
        ("defaults: {minwords: 3}", "unknown key 'minwords'; did you mean 'min_words'?"),
        ("defaults: {max_tokens: 0}", "must be 1 or more"),
        ("defaults: {defaults_equal: yes}", "must be true or false, but is text"),
        ("name: again", "duplicate key 'name', first on line 1; keep one"),
    ],
)
def test_a_header_that_is_wrong(complaints, text, expected):
    (found,) = complaints(suite_DOT_yaml=HEADER + text)
    assert found.startswith("suite.yaml:4: /")
    assert expected in found


@pytest.mark.parametrize(("text", "count"), [("# nothing\n", 0), (f"{HEADER}---\n{HEADER}", 2)])
def test_a_header_of_another_number_of_documents(complaints, text, count):
    assert complaints(suite_DOT_yaml=text) == [f"suite.yaml: holds {count} documents; it must hold exactly one"]


def test_the_header_and_its_defaults_are_read(load):
    suite = load(
        suite_DOT_yaml=f"{HEADER}thresholds: {{case_pass_rate: 0.50, fabrication_rate: 0}}\n"
        "defaults: {system: Be brief., min_words: 4, defaults_equal: true, max_tokens: 99, tags: {language: no}}\n"
    )
    assert suite.thresholds == {"case_pass_rate": Decimal("0.5"), "fabrication_rate": 0}
    assert suite.defaults.max_tokens == 99
    first = suite.decisions[0]
    assert first.messages[0] == {"role": "system", "content": "Be brief."}
    assert (first.expect.min_words, first.expect.defaults_equal, first.tags) == (4, True, {"language": "no"})


def test_a_case_goes_before_the_defaults_and_an_expectation_before_its_case(load):
    case = (
        "id: a\nsystem: Mine.\nmin_words: 5\ntags: {kind: chat}\nturns:\n- user: x\n"
        "- expect: {no_call: true, min_words: 6}\n  answer: y\n- user: z\n- expect: {no_call: true}\n"
    )
    defaults = "defaults: {system: Theirs., min_words: 4, tags: {kind: k, language: en}}\n"
    suite = load(case, suite_DOT_yaml=HEADER + defaults)
    assert [decision.expect.min_words for decision in suite.decisions] == [6, 5]
    assert suite.cases[0].system == "Mine."
    assert suite.cases[0].tags == {"kind": "chat", "language": "en"}


def test_a_case_may_refuse_the_default_system_message(load):
    case = "id: a\nsystem: null\nturns:\n- user: x\n- expect: {no_call: true}\n"
    suite = load(case, suite_DOT_yaml=f"{HEADER}defaults: {{system: Theirs.}}\n")
    assert [message["role"] for message in suite.decisions[0].messages] == ["user"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[{"type": "function",\n}]', ["tools.json:2: /0/type: invalid_json: expected a key in double quotes"]),
        ('[\n{"a": 1,\n"a": 2}]', ["tools.json:3: /0/a: duplicate_key: duplicate key 'a'"]),
        ("{}", ["tools.json:1: must be a JSON list of tools"]),
        ('[\n{"type": "function"}]', ["tools.json:2: /0: the key 'function' is missing"]),
        (
            '[\n{"type": "function",\n "function": {\n"name": "a",\n"descr\\u0069ptio": "x"}}]',
            ["tools.json:5: /0/function/descriptio: unknown key 'descriptio'; did you mean 'description'?"],
        ),
        ('[{"type": "tool", "function": {"name": "a"}}]', ["tools.json:1: /0/type: must be 'function'"]),
        (b'[\n"\xff"]', ["tools.json:2: is not UTF-8 at byte 4; save the file as UTF-8"]),
    ],
)
def test_tools_that_cannot_be_read(complaints, text, expected):
    """And that nothing is said about the tools of cases then."""
    assert complaints(tools_DOT_json=text) == expected


def test_a_tool_defined_twice(complaints):
    tools = [tool("lookup_ip", None), tool("other", {}), tool("lookup_ip", {})]
    assert complaints(tools_DOT_json=json.dumps(tools).replace(', {"type": "f', ',\n{"type": "f')) == [
        "tools.json:3: /2/function/name: tool 'lookup_ip' is defined twice, first at /0; rename or remove one"
    ]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"type": "text"}, "/type: 'text' is not valid under any of the given schemas"),
        ({"type": "object", "required": ["a", "a"]}, "/required: ['a', 'a'] has non-unique elements"),
        ({"properties": {"a": {"pattern": "("}}}, "/properties/a/pattern: '(' is not a 'regex'"),
        ({"properties": {"a": {"$ref": "#/$defs/b"}}}, "/properties/a/$ref: '#/$defs/b' leads nowhere"),
        ({"properties": {"a": {"minLength": -1}}}, "/properties/a/minLength: -1 is less than the minimum of 0"),
    ],
)
def test_a_schema_that_does_not_compile(complaints, parameters, reason):
    (found,) = complaints(tools_DOT_json=json.dumps([tool("lookup_ip", parameters)]))
    assert found.startswith(f"tools.json:1: /0/function/parameters: the schema of lookup_ip does not compile: {reason}")


def test_a_duplicate_id_names_the_other_place(complaints, write):
    case = "id: {}\nturns:\n- user: x\n- expect: {{no_call: true}}\n"
    first, second = case.format("a") + "---\n" + case.format("b"), case.format("b")
    folder = write()
    assert complaints(first, cases__deep__b_DOT_yml=second) == [
        f"cases/deep/b.yml:1: /id: the id 'b' is taken by the case at {folder}/cases/a.yaml:6; give each case its own".replace(
            f"{folder}/", ""
        )
    ]


def test_a_json_file_among_the_cases_is_not_passed_over(complaints):
    assert complaints(cases__b_DOT_json="{}") == [
        "cases/b.json: is not read; write cases as *.yaml, or one a line as *.jsonl"
    ]


def test_a_file_that_cannot_be_read(complaints, write):
    (write() / "cases/gone.yaml").symlink_to("nowhere")
    assert complaints() == ["cases/gone.yaml: cannot be read: No such file or directory"]


def test_arguments_nested_as_deep_as_json_may_be(load):
    deep = "[" * 990 + "]" * 990
    line = f'{{"id":"a","turns":[{{"user":"x"}},{{"expect":{{"calls":[{{"name":"f","arguments":{{"v":{deep}}}}}]}}}}]}}'
    tools = json.dumps([tool("f", {"type": "object"})])
    assert len(load(None, cases__a_DOT_jsonl=line, tools_DOT_json=tools).decisions) == 1


def test_cases_are_sorted_by_id_whatever_the_files(load):
    case = "id: {}\nturns:\n- user: x\n- expect: {{no_call: true}}\n"
    suite = load(case.format("b"), cases__z_DOT_yaml=case.format("a"))
    assert [case.id for case in suite.cases] == ["a", "b"]
    assert [decision.key for decision in suite.decisions] == [("a", 0), ("b", 0)]
