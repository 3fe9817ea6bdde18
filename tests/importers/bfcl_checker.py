"""BFCL's own AST checker, run in a process of its own: argument is the folder with `bfcl_eval`, input JSON Lines.

Each line holds `category`, `id` and `calls` ([name, arguments], names as BFCL has them); the output is one JSON list of
true, false, or the name of the exception that the checker raised. Java and JavaScript are judged as Python: its own
rules for them want source code in strings, where this harness has JSON values.
"""

from __future__ import annotations

import collections
import json
import sys
import types
from pathlib import Path

_NAMES = {
    "string": ("String", "char"),
    "integer": ("long", "short", "byte", "Bigint"),
    "float": ("double", "number"),
    "boolean": ("Boolean", "bool"),
    "array": ("Array", "ArrayList"),
    "dict": ("HashMap", "Hashtable", "object"),
    "any": ("",),
}
_AS_PYTHON = {other: name for name, others in _NAMES.items() for other in others}


class Setting:
    underscore_to_dot = False


def stand_in(content: str) -> None:
    """For the table of model handlers, which would import every vendor's client."""
    sys.path.insert(0, content)
    module = types.ModuleType("bfcl_eval.constants.model_config")
    module.MODEL_CONFIG_MAPPING = collections.defaultdict(Setting)
    sys.modules[module.__name__] = module


def as_python(schema: object) -> object:
    if isinstance(schema, list):
        return [as_python(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: as_python(value) for key, value in schema.items()}
    if isinstance(made.get("type"), str):
        made["type"] = _AS_PYTHON.get(made["type"], made["type"])
    return made


def rows(path: Path) -> dict[str, dict]:
    return {item["id"]: item for item in map(json.loads, path.read_text(encoding="utf-8").splitlines())}


def main() -> None:
    stand_in(sys.argv[1])
    from bfcl_eval.constants.enums import Language
    from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker

    data = Path(sys.argv[1]) / "bfcl_eval" / "data"
    known: dict[str, tuple[dict, dict]] = {}
    verdicts: list[object] = []
    for line in sys.stdin:
        work = json.loads(line)
        category = work["category"]
        if category not in known:
            name = f"BFCL_v4_{category}.json"
            known[category] = rows(data / name), rows(data / "possible_answer" / name)
        questions, answers = known[category]
        tools = as_python(questions[work["id"]]["function"])
        output = [{name: arguments} for name, arguments in work["calls"]]
        truth = answers[work["id"]]["ground_truth"]
        try:
            verdicts.append(ast_checker(tools, output, truth, Language.PYTHON, category, "none")["valid"])
        except Exception as error:  # noqa: BLE001
            verdicts.append(type(error).__name__)
    json.dump(verdicts, sys.stdout)


if __name__ == "__main__":
    main()
