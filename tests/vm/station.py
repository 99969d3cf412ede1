"""What does an operator see and do at a dock with bwvdock on it? `Station`: a virtual dock and its commands.

Everything goes through the installed program, as an operator would, with two exceptions: files in the vault
are hashed by the guest's own Python, and the memory of the daemon is asked of the kernel. For `Station.run`
the program's modules are in memory (guest/commands.py), to save time; `dock.run("bwvdock …")` starts it.
"""

import json
import shlex
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.vm.cameras import CameraImage
from tests.vm.dock import VirtualDock
from tests.vm.guest_agent import Result
from tests.vm.usb import Storage

STATE = "/var/lib/bwvdock"
CONFIG = "/etc/bwvdock/bwvdock.toml"
# KiB, of the daemon, whatever it copies. The library that checks signatures takes 11 MiB of it.
MEMORY_LIMIT = 76 * 1024
EVERY = 0.5  # seconds between two looks: each starts a program in the guest

# Prints {file in the vault: SHA-256} of the clips whose ids are given; their custody documents are left out.
HASH_VAULT = """/usr/bin/python3 -c '
import hashlib, json, pathlib, sys
clips = set(json.load(sys.stdin))
def digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
files = [p for p in pathlib.Path(sys.argv[1]).rglob("*") if p.is_file() and p.name.split(".")[0] in clips]
files = [p for p in files if not p.name.endswith((".custody.json", ".part"))]
print(json.dumps({str(p.relative_to(sys.argv[1])): digest(p) for p in files}))
' """

# Tells the kernel that the clock is kept: it takes one that was set by hand for unsynchronised until a time
# service says otherwise. In this guest, which has no network, the test is that service. adjtimex(2):
# ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR, all of them 0.
SYNCHRONISE_CLOCK = """/usr/bin/python3 -c '
import ctypes
timex = (ctypes.c_long * 26)()
timex[0] = 0x0010 | 0x0004 | 0x0008
assert ctypes.CDLL(None).adjtimex(ctypes.byref(timex)) in range(5)
'"""


@dataclass
class Station:
    """A running dock with bwvdock installed. `peak` is the most memory each of its daemons took, in KiB."""

    dock: VirtualDock
    peak: dict[str, int] = field(default_factory=dict)
    memory_limit: int = MEMORY_LIMIT

    # ---------------------------------------------------------------- the command line

    def run(self, arguments: str, *, user: str = "root", check: bool = True, timeout: float = 300) -> Result:
        return self.dock.agent.bwvdock(arguments, user=user, check=check, timeout=timeout)

    def ask(self, arguments: str) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.run(f"{arguments} --json", check=False).stdout)

    def enrol(self, serial: str) -> None:
        self.run(f"cameras enrol {serial}")

    def systemctl(self, what: str, unit: str = "bwvdock") -> Result:
        return self.dock.run(f"systemctl {what} {unit}", timeout=300)

    def status(self) -> dict[str, Any]:
        """What `status` shows, asked again while the daemon is there and too busy to say.

        Then `status` shows no camera: that is "not known", and a test must not take it for "none is docked".
        """
        shown: dict[str, Any] = {}

        def told() -> bool:
            shown.update(self.ask("status"))
            return not shown["dock"]["silent"]

        self.wait(told, what="the daemon answers")
        return shown

    def cameras(self) -> dict[str, dict[str, Any]]:
        """How `status` shows the docked cameras, by serial."""
        return {camera["serial"]: camera for camera in self.status()["cameras"]}

    def camera(self, serial: str) -> dict[str, Any]:
        """How `status` shows a docked camera; {} where it is not docked."""
        return self.cameras().get(serial, {})

    def clips(self, serial: str) -> list[dict[str, Any]]:
        return list(self.ask(f"clips list --camera {shlex.quote(serial)}"))

    def dockings(self, serial: str) -> list[dict[str, Any]]:
        """The docking sheets of a camera, the latest first."""
        return [sheet for sheet in self.ask("dockings list") if sheet["camera"] == serial]

    def history(self, clip: str, kind: str) -> list[dict[str, Any]]:
        """The data of a clip's journal entries of one kind, in order."""
        return [e["data"] for e in self.ask(f"clips show {clip}")["history"] if e["kind"] == kind]

    def alerts(self) -> dict[str, dict[str, str]]:
        return {alert["code"]: alert for alert in self.status()["alerts"]}

    def daemon(self) -> int:
        """The daemon's process; 0 where there is none."""
        return int(self.systemctl("show -p MainPID --value").stdout)

    def log(self, *matches: str, last: int = 1000) -> list[dict[str, Any]]:
        """Events in journald by their native fields, in order."""
        found = self.dock.run(f"journalctl -q -b -o json -n {last} {shlex.join(matches)}", check=False)
        return [json.loads(line) for line in found.stdout.splitlines()]

    def log_text(self) -> str:
        """The service's last lines in journald, as `journalctl` shows them."""
        return self.dock.run("journalctl -q -b -u bwvdock -n 40 -o cat", check=False).stdout

    # ---------------------------------------------------------------- cameras

    @contextmanager
    def docked(
        self, serial: str, image: CameraImage, *, bay: int = 1, bytes_per_second: int | None = None
    ) -> Iterator[str]:
        """A camera in its bay, and out again with its volume as it was; yields the harness's name for it."""
        name = self.plug(serial, image, bay=bay, bytes_per_second=bytes_per_second)
        try:
            yield name
        finally:
            if name in self.dock.plugged:
                self.unplug(serial)
        assert image.untouched(), f"the volume of {serial} has changed"

    def plug(
        self, serial: str, image: CameraImage, *, bay: int = 1, bytes_per_second: int | None = None
    ) -> str:
        name = serial.lower()
        self.dock.plug(
            Storage(name=name, image=image.path, serial=serial, bay=bay, bytes_per_second=bytes_per_second)
        )
        return name

    def unplug(self, serial: str) -> None:
        """Takes a camera out, and waits until the dock has ended its docking."""
        self.dock.unplug(serial.lower())
        self.wait(lambda: not self.camera(serial), what=f"the docking of {serial} ends")

    def wait(self, condition: Any, timeout: float = 400, *, what: str) -> None:  # noqa: ANN401 - a callable
        self.dock.wait_until(condition, timeout, what=what, every=EVERY)

    def wait_for_state(self, serial: str, state: str, timeout: float = 400) -> dict[str, Any]:
        """Waits until `status` shows a docked camera in that state; gives what it shows."""
        shown: dict[str, Any] = {}

        def reached() -> bool:
            shown.clear()
            shown.update(self.camera(serial))
            return shown.get("state") == state

        self.wait(reached, timeout, what=f"{serial} is {state}")
        return shown

    def wait_until_safe(self, serials: Collection[str]) -> None:
        """Waits until all of these cameras may be removed, asked at once."""

        def safe() -> bool:
            cameras = self.cameras().values()
            return {c["serial"] for c in cameras if c["state"] == "safe-to-remove"} >= set(serials)

        self.wait(safe, what=f"{', '.join(serials)} are safe to remove")

    def wait_until_stored(self, serial: str, clips: int, timeout: float = 400) -> None:
        """Waits until that many clips of a camera are verified, and no clip is anything else."""

        def stored() -> bool:
            states = Counter(clip["state"] for clip in self.clips(serial))
            return states == {"verified": clips}

        self.wait(stored, timeout, what=f"{clips} clips of {serial} are verified")

    # ---------------------------------------------------------------- what must hold

    def vault(self, clips: Collection[str]) -> dict[str, str]:
        """What the vault's disk holds of those clips: file -> SHA-256, hashed in the guest."""
        command = HASH_VAULT + f"{STATE}/vault"
        return dict(
            json.loads(self.dock.run(command, stdin=json.dumps(list(clips)).encode(), timeout=300).stdout)
        )

    def prove_stored(self, serial: str, truth: dict[str, str]) -> list[dict[str, Any]]:
        """The vault holds that camera's files, all of them, nothing else, byte by byte.

        `truth` is path -> SHA-256, sidecars included. Gives the clips.
        """
        clips = self.clips(serial)
        self._compare(clips, self.vault([clip["id"] for clip in clips]), truth)
        return clips

    def prove_all_stored(self, truths: dict[str, dict[str, str]]) -> None:
        """The same for several cameras, asked and hashed at once: serial -> path -> SHA-256."""
        found = [clip for clip in self.ask("clips list") if clip["camera"] in truths]
        vault = self.vault([clip["id"] for clip in found])
        for serial, truth in truths.items():
            clips = [clip for clip in found if clip["camera"] == serial]
            ids = tuple(clip["id"] for clip in clips)
            self._compare(clips, {f: d for f, d in vault.items() if Path(f).name.startswith(ids)}, truth)

    @staticmethod
    def _compare(clips: list[dict[str, Any]], vault: dict[str, str], truth: dict[str, str]) -> None:
        for clip in clips:
            (receipt,) = clip["receipts"]
            assert vault[receipt["object"]] == truth[clip["path"]] == clip["sha256"], clip
        assert sorted(vault.values()) == sorted(truth.values())
        assert len({clip["path"] for clip in clips}) == len(clips)

    def prove_custody(self) -> None:
        """What every scenario ends with: journal and files are what they were; memory is within its limit."""
        found = self.run("custody verify --json", check=False, timeout=600)
        assert found.rc == 0, found.stdout + found.stderr
        assert json.loads(found.stdout)["ok"] is True
        self.note_memory()
        assert max(self.peak.values()) <= self.memory_limit, self.peak

    def note_memory(self) -> None:
        """Keeps the daemon's peak (VmHWM); ask before it is stopped, too."""
        pid = self.daemon()
        text = self.dock.run(f"grep VmHWM: /proc/{pid}/status", check=False).stdout
        if text:
            self.peak[f"{self.dock.agent.ping(10)}/{pid}"] = int(text.split()[1])


def footage(image: CameraImage, *places: str) -> dict[str, str]:
    """Path -> SHA-256 of an image's files: of all, or of those whose paths begin with one of `places`."""
    return {
        path: truth.sha256 for path, truth in image.files.items() if not places or path.startswith(places)
    }
