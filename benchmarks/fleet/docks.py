"""A dock of a fleet: a real daemon with its own state directory, and a folder in memory as its camera."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.fleet.plan import PlannedClip
from benchmarks.fleet.store import BUCKET
from bwvdock.cli import main
from bwvdock.edges.journal import JournalReader

STORE = "store"
_PATIENCE = 60.0  # seconds until a daemon that was told to end is killed
_CONFIG = """[dock]
id = "{name}"
state_dir = "{home}/state"
[[source]]
kind = "folder"
path = "{camera}"
serial = "CAM-{name}"
[[destination]]
name = "{store}"
kind = "s3"
required = true
endpoint = "{url}"
bucket = "{bucket}"
prefix = "docks/{name}"
region = "us-east-1"
access_key_file = "{home}/key"
secret_key_file = "{home}/key"
object_lock = "compliance"
[upload]
limit = "{limit} B/s"
[spool]
min_free = "1 MiB"
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """What a dock's journal says of the attempts that failed: how many, and bytes that were sent again."""

    failed: int
    again: int


class Dock:
    """A daemon that runs until `end`. Its keys are its name."""

    def __init__(self, name: str, home: Path, camera: Path, *, url: str, limit: int) -> None:
        """Start it; `home` is on a disk, `camera` in memory, `limit` in bytes per second."""
        self.name = name
        self.given: dict[str, PlannedClip] = {}  # by SHA-256
        self._home, self._camera = home, camera / "DCIM" / "100FLEET"
        self._camera.mkdir(parents=True)
        home.mkdir()
        (home / "key").write_text(name, encoding="ascii")
        values = {"name": name, "home": home, "camera": camera, "store": STORE, "bucket": BUCKET}
        self._config = home / "bwvdock.toml"
        self._config.write_text(_CONFIG.format(**values, url=url, limit=limit), encoding="utf-8")
        self._log = home / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bwvdock", "run", "--config", str(self._config)], stderr=log
            )

    def take(self, clip: PlannedClip) -> None:
        """Put a clip on its camera, whole from the beginning."""
        content = clip.content()
        self.given[sha256(content).hexdigest()] = clip
        beside = self._camera.parents[2] / f".{self.name}.part"
        beside.write_bytes(content)
        beside.rename(self._camera / clip.name)

    def events(self, name: str) -> int:
        """Return how often its log has an event.

        Raises:
            RuntimeError: the daemon has ended.
        """
        text = self._log.read_text(encoding="utf-8", errors="replace")
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended:\n{text[-4000:]}")
        return text.count(f" event={name} ")

    def told(self, *words: str) -> Any:  # noqa: ANN401 - JSON
        """Return what a command says of it, `status` or `clips`."""
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(io.StringIO()):
            main([*words, "--json", "--config", str(self._config)])
        return json.loads(out.getvalue())

    def passed(self, clips: Sequence[Mapping[str, Any]]) -> Passed:
        """Return the sums of the attempts that failed, of these clips."""
        with JournalReader(self._home / "state" / "journal.sqlite3") as reader:
            entries = [entry for clip in clips for entry in reader.history(clip["id"])]
        sums = [entry.data for entry in entries if entry.kind == "upload_attempts"]
        failed = sum(each["attempts"] - (each["outcome"] == "succeeded") for each in sums)
        return Passed(failed=failed, again=sum(each["bytes_again"] for each in sums))

    def used(self) -> tuple[float, float]:
        """Return its processor seconds and the most memory that it held, in MiB."""
        fields = (
            Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        )
        words = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii").split()
        ticks = os.sysconf("SC_CLK_TCK")
        return (int(fields[11]) + int(fields[12])) / ticks, int(words[words.index("VmHWM:") + 1]) / 1024

    def order_to_end(self) -> None:
        """Tell it to end."""
        self._process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Wait until it has ended; kill it if that takes long."""
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
