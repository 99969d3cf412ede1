"""What other people's tus clients make of the same servers and faults: something to compare ours with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.process import HERE, Process, installed


class Client(Enum):
    """A client, by its name on PyPI."""

    TUSPY = "tuspy"
    RESUMABLE_UPLOAD = "resumable-upload"


class Claim(Enum):
    """How an upload ended, as the client has it."""

    SUCCESS = "success"
    FAILURE = "failure"
    STUCK = "stuck"  # it said nothing at all in the time that it was given
    KILLED = "killed"


@dataclass(frozen=True)
class Outcome:
    """What a client claims. What is true stands on the server's disk."""

    claim: Claim
    url: str = ""
    said: str = ""


class Baseline:
    """One client in a process of its own, uploading one file; begun when entered, ended when left.

    Args:
        client: Which.
        url: The endpoint, perhaps through a relay.
        file: What to upload.
        state: A folder that is there, for what the client remembers; the same again to resume.
        attempts: How often it is tried.
        pause: Seconds between two attempts.
    """

    def __init__(
        self, client: Client, url: str, file: Path, state: Path, *, attempts: int = 20, pause: float = 0.2
    ) -> None:
        self._log = state / f"{client.value}.log"
        self._words = [client.value, url, str(file), str(state), str(attempts), str(pause)]
        self._killed = False

    def kill(self) -> None:
        """SIGKILL it, as a power cut would."""
        self._killed = True
        self._process.end()

    def outcome(self, patience: float) -> Outcome:
        """Wait until it has ended, at most so many seconds, and give what it claims."""
        if self._killed:
            return Outcome(Claim.KILLED)
        if not self._process.ends_within(patience):
            return Outcome(Claim.STUCK)
        said = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        try:
            document = json.loads(said[-1])
        except (IndexError, ValueError):
            return Outcome(Claim.FAILURE, said="\n".join(said[-5:]))
        claim = Claim.SUCCESS if document["claimed"] else Claim.FAILURE
        return Outcome(claim, document["url"], document["said"])

    def __enter__(self) -> Self:
        self._log.unlink(missing_ok=True)
        self._process = Process([installed("python"), HERE / "naive.py", *self._words], self._log, {})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.end()
