"""Runs gold calls on BFCL's own simulators: a program of its own, started by the importer, never imported.

Argument: the folder that holds the package `bfcl_eval`. Input: JSON Lines with `id`, `classes` (module by class), `config`,
`long_context` and `turns`, each a list of [name, arguments]. Output: one JSON object {id: the texts that the calls
return, by turn; or a text that says why not}.
"""

from __future__ import annotations

import copy
import importlib
import json
import sys
import types
from decimal import Decimal, localcontext
from typing import Any

_PACKAGE = "bfcl_eval.eval_checker.multi_turn_eval.func_source_code."


class _Digits:
    """What mpmath's `mp` is used for: how many digits a result has."""

    dps = 15


class _Logarithm:
    """A natural logarithm as mpmath gives it: only ever divided by another."""

    def __init__(self, value: float) -> None:
        with localcontext() as context:
            context.prec = 40
            self.value = Decimal(repr(value)).ln()

    def __truediv__(self, other: _Logarithm) -> float:
        with localcontext() as context:
            context.prec = _Digits.dps
            return float(self.value / other.value)


def _stand_in_for_mpmath() -> None:
    """The one thing of mpmath that the simulators use."""
    module = types.ModuleType("mpmath")
    module.mp = _Digits  # type: ignore[attr-defined]
    module.log = _Logarithm  # type: ignore[attr-defined]
    sys.modules["mpmath"] = module


def _run(work: dict[str, Any]) -> list[list[str]]:
    methods = {}
    for name, module in work["classes"].items():
        instance = getattr(importlib.import_module(_PACKAGE + module), name)()
        if hasattr(instance, "_load_scenario"):
            instance._load_scenario(copy.deepcopy(work["config"].get(name, {})), long_context=work["long_context"])  # noqa: SLF001 - its own runner does so
        for method in dir(instance):
            if not method.startswith("_"):
                methods[method] = getattr(instance, method)
    return [[_called(methods, name, arguments) for name, arguments in turn] for turn in work["turns"]]


def _called(methods: dict[str, Any], name: str, arguments: dict[str, Any]) -> str:
    """What a call returns, as the source's own runner would print it."""
    try:
        result = methods[name](**arguments)
    except Exception as error:  # noqa: BLE001 - the source's runner shows the model any error as the observation
        return f"Error during execution: {error}"
    if isinstance(result, str):
        return result
    if isinstance(result, dict):
        try:
            return json.dumps(result)
        except (TypeError, ValueError):
            return str(result)
    return str(result)


def main() -> None:
    """Reads the work, prints the results."""
    sys.path.insert(0, sys.argv[1])
    _stand_in_for_mpmath()
    results: dict[str, object] = {}
    for line in sys.stdin:
        work = json.loads(line)
        try:
            results[work["id"]] = _run(work)
        except Exception as error:  # noqa: BLE001 - reported for this one item; the others go on
            results[work["id"]] = f"{type(error).__name__}: {error}"
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
