"""`harness schema`: the published formats, as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse


def execute(arguments: argparse.Namespace) -> int:
    """Prints the format asked for."""
    print(json.dumps(published(arguments.name), ensure_ascii=False, indent=2))
    return 0


def published(name: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of a record or a score line, or the lists of delimiters and leaked tokens."""
    if name == "markup":
        from harness.dialects.markup import SHAPED, THINK_CLOSE, THINK_OPEN, markup

        return {**markup()._asdict(), "pattern": SHAPED, "think": [THINK_OPEN, THINK_CLOSE]}
    from harness.recorded import RecordedResponse, RecordedScore

    model = RecordedResponse if name == "record" else RecordedScore
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
