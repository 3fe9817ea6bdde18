"""BFCL's multi-turn categories, on a simulator of our own in the place of its own."""

from __future__ import annotations

import pytest

from importers.sources import write_lines

SIMULATOR = """
class MathAPI:
    def __init__(self):
        self.total = 0

    def add(self, number, times=1):
        self.total += number * times
        return {"total": self.total}

    def show(self):
        return f"total {self.total}"

    def logarithm(self, value, base):
        import mpmath
        mpmath.mp.dps = 4
        return {"result": mpmath.log(value) / mpmath.log(base)}

    def fail(self):
        raise ValueError("no")
"""
NUMBER = {"type": "float", "description": "A number."}


def declared(name, *arguments):
    parameters = {"type": "dict", "properties": dict.fromkeys(arguments, NUMBER), "required": list(arguments[:1])}
    return {"name": name, "description": name, "parameters": parameters, "response": {"type": "dict"}}


TOOLS = [declared("add", "number", "times"), declared("show"), declared("logarithm", "value", "base"), declared("fail")]


@pytest.fixture
def imported(made, tmp_path):
    def imported(variant, *items):
        package = tmp_path / "bfcl_eval"
        code = package / "eval_checker" / "multi_turn_eval" / "func_source_code" / "math_api.py"
        code.parent.mkdir(parents=True)
        code.write_text(SIMULATOR)
        data = package / "data"
        write_lines(data / "multi_turn_func_doc" / "math_api.json", *TOOLS)
        name = f"BFCL_v4_multi_turn_{variant}.json"
        common = {"initial_config": {}, "involved_classes": ["MathAPI"]}
        write_lines(data / name, *({"id": key, "question": q, **common, **extra} for key, q, _, extra in items))
        write_lines(data / "possible_answer" / name, *({"id": key, "ground_truth": g} for key, _, g, _ in items))
        return made("bfcl", tmp_path)

    return imported


def users(*texts):
    return [[{"role": "user", "content": text}] if text else [] for text in texts]


def script(suite):
    """The turns of the only case, in few words."""
    (case,) = suite.cases
    lines = []
    for turn in case.turns:
        if hasattr(turn, "user"):
            lines.append((turn.user, turn.tools))
        elif turn.expect.calls:
            lines.append(((turn.expect.calls[0].name, turn.expect.calls[0].arguments), turn.observations))
        else:
            lines.append(("no call", turn.answer))
    return lines


def test_gold_calls_one_after_another_with_what_the_simulator_returns(imported):
    gold = [["add(2, times=3)", "show()"], ["add(number=-1.5)", "logarithm(value=36.0,base=6.0)"]]
    found = imported("base", ("multi_turn_base_0", users("Add.", "More."), gold, {}))
    suite = found.suite("bfcl_multi_turn_base")
    assert [line for line in script(suite) if isinstance(line[0], tuple)] == [
        (("add", {"number": 2, "times": 3}), ['{"total": 6}']),
        (("show", {}), ["total 6"]),
        (("add", {"number": pytest.approx(-1.5)}), ['{"total": 4.5}']),
        (("logarithm", {"value": 36, "base": 6}), ['{"result": 2.0}']),
    ]
    assert suite.decisions[0].tags["gold"] == "reference_path"
    notes = found.report("bfcl_multi_turn_base")["multi_turn_base_0"]["notes"]
    assert [note["rule"] for note in notes] == ["positional_arguments"]


def test_a_withheld_tool_is_offered_from_its_turn_on(imported):
    item = ("multi_turn_miss_func_0", users("Add.", None), [[], ["add(number=1)"]], {"missed_function": {"1": ["add"]}})
    suite = imported("miss_func", item).suite("bfcl_multi_turn_miss_func")
    assert [name for name, _ in script(suite)] == [
        "Add.",
        "no call",
        "I have updated some more functions you can choose from. What about now?",
        ("add", {"number": 1}),
    ]
    offered = [{tool.function.name for tool in decision.tools} for decision in suite.decisions]
    assert offered == [{"show", "logarithm", "fail"}, {"add", "show", "logarithm", "fail"}]


def test_a_missing_value_is_asked_for(imported):
    item = ("multi_turn_miss_param_0", users("Add some.", "Two."), [[], ["add(number=2)"]], {})
    suite = imported("miss_param", item).suite("bfcl_multi_turn_miss_param")
    assert [decision.expect.kind for decision in suite.decisions] == ["no_call", "calls"]


def test_a_case_ends_where_nothing_is_judged_any_more(imported):
    item = ("multi_turn_base_0", users("Add.", "And then?", "Show."), [["add(number=2)"], [], ["show()"]], {})
    found = imported("base", item)
    assert len(found.suite("bfcl_multi_turn_base").decisions) == 1
    notes = found.report("bfcl_multi_turn_base")["multi_turn_base_0"]["notes"]
    assert notes == [{"rule": "turns_without_gold", "detail": "turn 2 of 3"}]


@pytest.mark.parametrize(
    ("gold", "rule"),
    [
        ("add(number=x)", "not_a_call"),
        ("add(1, 2, 3)", "not_a_call"),
        ("add", "not_a_call"),
        ("subtract(number=1)", "gold_not_offered"),
    ],
)
def test_gold_that_is_no_plain_call(imported, gold, rule):
    found = imported(
        "base",
        ("multi_turn_base_0", users("Add."), [["add(number=1)"]], {}),
        ("multi_turn_base_1", users("Add."), [[gold]], {}),
    )
    assert found.left_out == {"multi_turn_base_1": rule}


def test_gold_that_the_simulator_refuses_is_noted(imported):
    found = imported("base", ("multi_turn_base_0", users("Fail."), [["fail()"]], {}))
    notes = found.report("bfcl_multi_turn_base")["multi_turn_base_0"]["notes"]
    assert [note["rule"] for note in notes] == ["error_observed"]
    assert script(found.suite("bfcl_multi_turn_base"))[1][1] == ["Error during execution: no"]


def test_one_item_that_no_simulator_can_run_does_not_stop_the_others(imported):
    found = imported(
        "base",
        ("multi_turn_base_0", users("Add."), [["add(number=1)"]], {}),
        ("multi_turn_base_1", users("Add."), [["add(number=1)"]], {"involved_classes": ["MathAPI", "TicketAPI"]}),
    )
    assert found.left_out == {"multi_turn_base_1": "no_declaration"}
