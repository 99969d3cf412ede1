"""aics-witness: a witness that nobody here wrote, and the same project's client and library."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.servers.process import HERE, HOST, Process, Server, _listening, installed

NAME = "witness.example.org/aics"


class AicsWitness(Server):
    """The witness, with its key and database in its folder."""

    def __init__(self) -> None:
        super().__init__()
        self._run("init", "--name", NAME, "--listen", f"{HOST}:{self.port}")

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [*self._program, words[0], "--config", str(self.folder / "witness.json"), *words[1:]],
            check=True,
            capture_output=True,
            text=True,
            cwd=self.folder,
        )
        return done.stdout

    @property
    def _program(self) -> list[str]:
        return [str(installed("python")), "-m", "aics_witness"]

    @property
    def vkey(self) -> str:
        """Its public key."""
        status: Mapping[str, Any] = json.loads(self._run("status", "--json"))
        return str(status["vkey"] if "vkey" in status else status["witness"]["vkey"])

    def add_log(self, origin: str, vkey: str) -> None:
        """Have it know a log; it reads that at its start."""
        self._run("add-log", "--origin", origin, "--vkey", vkey)

    def _launch(self) -> None:
        command = [*self._program, "serve", "--config", str(self.folder / "witness.json")]
        process = Process(command, self.folder / "witness.log", {"PYTHONUNBUFFERED": "1"})
        self.processes.append(process)
        process.wait_until(lambda: _listening(self.port))


def ask_library(question: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return what aics-tlog, or the client of aics-witness, answers (witness_libraries.py)."""
    done = subprocess.run(
        [str(installed("python")), str(HERE / "witness_libraries.py")],
        input=json.dumps(question),
        check=True,
        capture_output=True,
        text=True,
        cwd=Path("/"),
    )
    return json.loads(done.stdout)
