"""tau2's tasks, on a domain of our own in the form that the inspect-evals wheel has."""

from __future__ import annotations

import json

import pytest

RETAIL = '''
from inspect_ai.tool import Tool, ToolError, tool
from inspect_ai.util import StoreModel, store_as
from inspect_evals.tau2.common.tools import transfer_to_human_agents


class State(StoreModel):
    orders: dict[str, str] = {}

    def initialize(self):
        self.orders = {"#W1": "pending", "#W2": "pending", "#W3": "delivered"}


def orders():
    return store_as(State, "RetailTools").orders


@tool
def get_user_details() -> Tool:
    async def execute(user_id: str) -> dict:
        """Read a user.

        Args:
            user_id: The user's id,
                     such as u1.

        Returns:
            The user.
        """
        if user_id != "u1":
            raise ToolError("User not found")
        return {"user_id": "u1", "orders": list(orders())}
    return execute


@tool
def get_order_details() -> Tool:
    async def execute(order_id: str) -> str:
        """Read an order."""
        return f'{{"order_id": "{order_id}", "user_id": "u1", "status": "{orders()[order_id]}"}}'
    return execute


@tool
def cancel_pending_order() -> Tool:
    async def execute(order_id: str, reason: str = "mistake") -> str:
        """Cancel an order."""
        if orders()[order_id] != "pending":
            raise ToolError("Not pending")
        orders()[order_id] = "cancelled"
        return "cancelled"
    return execute


@tool
def exchange_delivered_order_items() -> Tool:
    async def execute(order_id: str, item_ids: list[str], new_item_ids: list[str]) -> str:
        """Exchange items."""
        return "exchanged"
    return execute
'''
COMMON = '''
from inspect_ai.tool import Tool, tool


@tool
def transfer_to_human_agents() -> Tool:
    async def execute(summary: str) -> str:
        """Transfer."""
        return "Transfer successful"
    return execute
'''
ENTRY = "import every_vendor_client_there_is\n"


def task(name, *actions):
    told = {"known_info": "You are u1.", "reason_for_call": "You want it done.", "task_instructions": "."}
    actions = [{"name": name, "arguments": arguments} for name, arguments in actions]
    return {"id": name, "user_scenario": {"instructions": told}, "evaluation_criteria": {"actions": actions}}


def cancel(order):
    return "cancel_pending_order", {"order_id": order}


@pytest.fixture
def imported(made, tmp_path):
    def imported(*tasks):
        package = tmp_path / "inspect_evals" / "tau2"
        domain = package / "data" / "domains" / "retail"
        files = {
            tmp_path / "inspect_evals" / "__init__.py": ENTRY,
            package / "__init__.py": ENTRY,
            package / "retail" / "__init__.py": "",
            package / "retail" / "tools.py": RETAIL,
            package / "common" / "tools.py": COMMON,
            domain / "policy.txt": "Be kind.\n",
            domain / "split_tasks.json": json.dumps({"base": [task["id"] for task in tasks if task["id"] != "extra"]}),
            domain / "tasks.json": json.dumps(tasks),
            package / "data" / "domains" / "telecom" / "tasks_small.json": json.dumps([task("t1")]),
        }
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return made("tau2", tmp_path, categories=frozenset(["retail", "telecom"]))

    return imported


def test_writes_are_decisions_and_reads_are_told(imported):
    suite = imported(task("0", ("get_order_details", {"order_id": "#W1"}), cancel("#W1"), cancel("#W2"))).suite(
        "tau2_retail"
    )
    (case,) = suite.cases
    assert case.system.startswith("Be kind.\n\n")
    assert (
        'get_order_details({"order_id": "#W1"}) returned: {"order_id": "#W1", "user_id": "u1", "status": "pending"}'
        in case.system
    )
    assert "You are u1.\nYou want it done." in case.turns[0].user
    decisions = [(turn.expect.calls[0].arguments, turn.observations) for turn in case.turns[1:]]
    assert decisions == [({"order_id": "#W1"}, ["cancelled"]), ({"order_id": "#W2"}, ["cancelled"])]


def test_the_customer_s_own_records_are_told_even_where_the_gold_skips_them(imported):
    (case,) = imported(task("0", cancel("#W1"))).suite("tau2_retail").cases
    assert (
        'get_user_details({"user_id": "u1"}) returned: {"user_id": "u1", "orders": ["#W1", "#W2", "#W3"]}'
        in case.system
    )
    assert 'get_order_details({"order_id": "#W3"}) returned' in case.system


def test_a_task_begins_where_no_other_has_been(imported):
    found = imported(task("0", cancel("#W1")), task("1", cancel("#W1")))
    assert len(found.suite("tau2_retail").cases) == 2


def test_tools_are_declared_from_their_signatures(imported):
    suite = imported(task("0", cancel("#W1"))).suite("tau2_retail")
    tools = {tool.function.name: tool.function for tool in suite.tools}
    assert set(tools) == {
        *("get_user_details", "get_order_details", "cancel_pending_order", "exchange_delivered_order_items"),
        "transfer_to_human_agents",
    }
    assert tools["get_user_details"].description == "Read a user."
    assert tools["get_user_details"].parameters == {
        "type": "object",
        "properties": {"user_id": {"type": "string", "description": "The user's id, such as u1."}},
        "required": ["user_id"],
        "additionalProperties": False,
    }


def test_pairs_of_items_may_come_in_any_order(imported):
    arguments = {"order_id": "#W3", "item_ids": ["a", "b"], "new_item_ids": ["c", "d"]}
    suite = imported(task("0", ("exchange_delivered_order_items", arguments))).suite("tau2_retail")
    rule = suite.decisions[0].expect.calls[0].match[""]
    assert [(item["item_ids"], item["new_item_ids"]) for item in rule.one_of] == [
        (["a", "b"], ["c", "d"]),
        (["b", "a"], ["d", "c"]),
    ]


def test_the_summary_for_a_person_is_free(imported):
    suite = imported(task("0", ("transfer_to_human_agents", {"summary": "x"}))).suite("tau2_retail")
    assert suite.decisions[0].expect.calls[0].match["/summary"].any


def test_what_is_no_case_is_accounted_for(imported):
    found = imported(
        task("0", cancel("#W1")),
        task("reads", ("get_order_details", {"order_id": "#W1"})),
        task("refused", cancel("#W3")),
        task("extra", cancel("#W1")),
    )
    assert found.left_out == {"reads": "nothing_written", "extra": "not_in_base", "t1": "user_acts"}
    assert found.quarantine("tau2_retail") == {"refused": ["gold_refused"]}


def test_a_domain_without_cases_has_its_report_only(imported):
    found = imported(task("0", cancel("#W1")))
    assert sorted(path.name for path in (found.out / "tau2_telecom").iterdir()) == ["README.md", "import-report.jsonl"]
