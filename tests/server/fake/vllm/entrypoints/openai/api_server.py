"""Stands in for vLLM: wrong in the one way that FAKE_VLLM names, or serving without a model.

Starts helpers as vLLM does, one of which leaves the process group and ignores SIGTERM, and appends
every process id to the file FAKE_PIDS.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

HELPER = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork():
    sys.exit()
os.setsid()
with open(sys.argv[1], "a") as pids:
    print(os.getpid(), file=pids)
time.sleep(600)
"""


class Handler(BaseHTTPRequestHandler):
    name = ""

    def do_GET(self) -> None:
        bodies = {
            "/health": "",
            "/version": json.dumps({"version": "0.0.fake"}),
            "/v1/models": json.dumps({"data": [{"id": self.name, "max_model_len": 64}]}),
        }
        body = bodies.get(self.path)
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write((body or "").encode())

    def log_message(self, *_args: object) -> None:
        pass


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--served-model-name")
    arguments, _ = parser.parse_known_args()
    mode = os.environ.get("FAKE_VLLM", "serve")
    if "FAKE_PIDS" in os.environ:
        pids = os.environ["FAKE_PIDS"]
        with Path(pids).open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\n")
        subprocess.run([sys.executable, "-c", HELPER, pids], check=True)
    if mode == "die":
        say("(APIServer pid=1) INFO 01-01 00:00:00 [a.py:1] OSError: only told, not raised")
        say("Traceback (most recent call last):\n  File 'x', line 1\nOSError: [Errno 98] Address already in use")
        sys.exit(1)
    if mode == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mode == "hang":
        say("(Worker pid=1) INFO 01-01 00:00:00 [a.py:1] Starting to load model x...")
        time.sleep(600)
    Handler.name = arguments.served_model_name
    HTTPServer(("127.0.0.1", arguments.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
