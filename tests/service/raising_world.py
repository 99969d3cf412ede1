"""A dock, every method of whose ports may raise: one of them does (raising_story.py has its month).

A good camera and a good store are served beside a bad camera (its serial on its card, a sidecar that cannot
be read, pulled out in the midst of a copy), one over MTP, one that is to be unlocked, and a bad store.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol, get_type_hints

from bwvdock.bays.bay import display_state
from bwvdock.config.profiles import BUILT_IN, load_profiles
from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.classes.rules import RetentionRules
from bwvdock.core.clips.states import SPOOL, ClipState
from bwvdock.core.custody.records import ClipFilter
from bwvdock.core.holdings.rules import Reverify
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.sightings import CameraLeft
from bwvdock.core.ports import GracefulKeeper, Keeper, NoteKeeper, ReadableStore, Spool
from bwvdock.core.ports.signing import CheckpointSigner, TimeStamper
from bwvdock.core.ports.witness import Witness
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.signing.known_keys import read_keys
from bwvdock.edges.witnessing.alarm_file import AlarmFile
from bwvdock.errors import BwvdockError
from bwvdock.operators.decisions import DecisionJournal, OrderReader
from bwvdock.operators.messages import Answer, Asked
from bwvdock.operators.requests import Request, Status
from bwvdock.service.assemble import Parts, live_view
from bwvdock.service.request_handler import RequestHandler
from bwvdock.service.witnessing import Confirming, journal_tree
from bwvdock.upkeep.signing import KnownKeys, Signing
from bwvdock.upkeep.time_stamps import Authority
from tests.fakes.camera import MARCH, FakeFile, FakeVolume
from tests.fakes.camera_clock import FakeCameraClock
from tests.fakes.destination import FakeVault
from tests.fakes.disk import FakeDisk
from tests.fakes.raising import Wire, guard, guard_function, is_function, is_port
from tests.fakes.signed import signing
from tests.fakes.signer import FakeSigner
from tests.fakes.spool import FakeSpool
from tests.fakes.station import Station
from tests.fakes.time_stamper import FakeTimeStamper
from tests.fakes.unlock import SECRET, UNLOCK_BY_BULK
from tests.fakes.witness import FakeWitness
from tests.fakes.worker import InlineThreads
from tests.places import in_memory
from tests.witness.logs import Station as WitnessSite

GOOD, BAD = "good", "bad"
GOOD_BAY, BAD_BAY = "1-1", "1-2"
BAD_ONES = (f"/sys/{BAD_BAY}", BAD)
"""The bad camera and the bad store, as a wire names whose call it is."""
FOLDER = "DCIM/100TEST"
_CLOCK = '\n[clock]\nfile = "MISC/settings.json"\n'
_SAYS_MUCH = """
set_clock = "after-copy"

[match]
contains = ["MISC/MTP.TXT"]

[[expect.setting]]
name = "resolution"
property = 0xD001
values = ["1920"]
"""
USB = "4255:1000"
_SETTINGS = b'{"info": {"serial-number": "CAM-BAD"}}'
_MINUTE_MS = 60_000
_SAFE = "safe-to-remove"
_NOT_TAKEN = re.compile(r"(\d+) files? .*?NOT taken")
_QUIET_TURNS = 3
_SIZE, MIDST, HALF, _CHUNK = 200_000, 150_000, 100_000, 8192

# Which parts of a dock are no port: values, and the dock's own threads and their queue.
VALUES = {
    "rules",
    "profiles",
    "targets",
    "rate_limit",
    "wait",
    "new_worker",
    "new_threads",
    "inbox",
}


@cache
def _profiles() -> tuple[Profile, ...]:
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        own = Path(folder)
        head, mark, rule = (BUILT_IN / "settings-serial.toml").read_text().partition("# [serial]")
        (own / "settings-serial.toml").write_text(head + (mark + rule).replace("# ", "") + _CLOCK)
        (own / "unlock.toml").write_text(UNLOCK_BY_BULK)
        (own / "says-much.toml").write_text(_SAYS_MUCH)
        return tuple(load_profiles([BUILT_IN, own]))


_FILES = (("G.MP4",), ("A.MP4", "A.GPS", "B.MP4"), ("M.MP4",), ("Q.MP4",))
"""Of the good camera, the bad one, the one over MTP, and one whose copy a store keeps wrong."""


def camera(chance: random.Random, *names: str) -> FakeVolume:
    """Return a camera that gives little at once, and of its sidecar nothing."""
    files = {
        f"{FOLDER}/{name}": FakeFile(data=chance.randbytes(_SIZE), mtime_ns=MARCH + number * 10**9)
        for number, name in enumerate(names)
    }
    for path, file in files.items():
        file.bad_at = 90_000 if path.endswith(".GPS") else None
    if len(names) > 1:
        files["MISC/settings.json"] = FakeFile(data=_SETTINGS)
    if "M.MP4" in names:
        files["MISC/MTP.TXT"] = FakeFile(data=b"")
    return FakeVolume(files=files, chunk=_CHUNK)


class OpenVault(FakeVault):
    """A store that takes orders from nobody but the dock, and can lose what it keeps wrong."""

    flips = 0

    def _put(self, name: str, content: bytes) -> None:
        if self.flips and content:
            self.flips -= 1
            content = content[:-1] + bytes([content[-1] ^ 1])
        super()._put(name, content)


class KeepingDestination(ReadableStore, NoteKeeper, Protocol):
    """A store that keeps signed checkpoints too."""


class GracefulVault(Keeper, GracefulKeeper, Protocol):
    """A place that disposes of copies, and keeps them aside for a while."""


class World(Station):
    """The dock, and what is outside it; `wire` is what every call passes through."""

    def __init__(self, root: Path, wire: Wire, chance: random.Random) -> None:
        self.wire, self.chance = wire, chance
        self.log: list[tuple[object, Exception]] = []
        self.words: list[str] = []
        self.wrong: list[str] = []
        self.disk = FakeDisk()
        self.fake_spool = FakeSpool(self.disk)
        self.fake_signer = FakeSigner()
        (root / "witness").mkdir(parents=True)
        site = WitnessSite(root / "witness")
        self.fake_witness = FakeWitness(site, site.store())
        self.good = OpenVault(self.fake_spool.content, name=GOOD)
        self.bad = OpenVault(self.fake_spool.content, name=BAD)
        self.footage: set[bytes] = set()
        self.stored: set[bytes] = set()
        self.disposing = False
        self.answers: list[Answer] = []
        self.ended: list[Exception] = []
        self.away: list[FakeVolume] = []
        self.docked: dict[str, tuple[Callable[[], str], tuple[FakeVolume, ...]]] = {}
        super().__init__(
            root,
            mode=Admission.ANY,
            destinations=[self.good, self.bad],
            required={BAD: False},
            erases=True,
            reverify=Reverify(first=timedelta(0), every=timedelta(days=1), wait=timedelta(days=1)),
            unexpected=lambda job, error: self.log.append((job, error)),
        )
        self.secrets["our-secret"] = SECRET
        self.camera_clocks["CAM-MTP"] = FakeCameraClock(ahead=timedelta(hours=1), zone=UTC)
        self.story = [camera(chance, *files) for files in _FILES]
        self.bad_files = list(self.story[1].files.values())
        self.switch_on()

    # --- the dock's parts, every one of them wrapped --------------------------------------------------

    def outside(self, parts: Parts) -> Parts:
        """Return them with every port behind the wire."""
        stores = [guard(store, KeepingDestination, self.wire, store.name) for store in (self.good, self.bad)]
        keepers = {SPOOL: guard(self.fake_spool, Keeper, self.wire, SPOOL)}
        keepers |= {
            store.name: guard(store, GracefulVault, self.wire, store.name) for store in (self.good, self.bad)
        }
        ours: dict[str, Any] = {"destinations": stores, "keepers": keepers, "profiles": _profiles()}
        ours["spool"] = guard(self.fake_spool, Spool, self.wire)
        ours["new_threads"] = InlineThreads
        ours["rules"] = replace(parts.rules, retention=RetentionRules(notice_days=1, grace_days=1))
        ours["signing"] = self._signing()
        ours["confirming"] = self._confirming()
        ours["authority"] = Authority(
            "https://tsa.invalid/", guard(FakeTimeStamper(), TimeStamper, self.wire)
        )
        for name, hint in get_type_hints(Parts).items():
            if name in VALUES or name in ours:
                continue
            inner = getattr(parts, name)
            if is_function(hint):
                ours[name] = guard_function(inner, f"Parts.{name}", self.wire)
            elif is_port(hint):
                ours[name] = guard(inner, hint, self.wire)
            else:
                raise TypeError(f"Parts.{name} is neither a port nor among VALUES: {hint}")
        self.parts = replace(parts, **ours)
        return self.parts

    def _signing(self) -> Signing:
        made = signing(self.root / "journal.sqlite3", self.fake_signer)
        return replace(
            made,
            signer=guard(made.signer, CheckpointSigner, self.wire),
            keys=guard(made.keys, KnownKeys, self.wire),
            read=guard_function(made.read, "Signing.read", self.wire),
        )

    def _confirming(self) -> Confirming:
        journal, keys = self.root / "journal.sqlite3", self.root / "keys"
        made = journal_tree(journal, keys)
        functions = {
            name: guard_function(getattr(made, name), f"JournalTree.{name}", self.wire)
            for name in ("prove", "entries", "root", "keys")
        }
        witness = guard(self.fake_witness, Witness, self.wire)
        return Confirming(
            witnesses=[("hq", self.fake_witness.station.identity.key, witness)],
            tree=replace(made, **functions),
            file=AlarmFile(self.root),
        )

    def switch_on(self) -> None:
        """Have orders answered, as the daemon does."""
        self.reader = JournalReader(self.root / "journal.sqlite3")
        self.view = live_view(self.dock, self.parts.spool, self.parts.clock)
        handler = RequestHandler(
            dock=self.dock,
            journal=guard(self.journal, DecisionJournal, self.wire),
            journal_file=self.root / "journal.sqlite3",
            reader=guard(self.reader, OrderReader, self.wire),
            spool=self.parts.spool,
            live_view=self.view,
        )
        self.dock.answer, self.dock.checked = handler.asked, handler.checked

    def restart(self) -> None:
        """Go down without a word, and come up again beside the cameras that are docked."""
        self.reader.close()
        super().restart()
        self.switch_on()
        for announce, _ in self.docked.values():
            announce()

    def turn(self) -> None:
        """Let the dock work until it has nothing to say; note, as the daemon does, what troubles a camera."""
        quiet = 0
        while quiet < _QUIET_TURNS:
            before = len(self.facts)
            self.dock.turn(timeout=0)
            self.words += [display_state(bay, paused=False)[1] for bay in self.dockings.bays.values()]
            quiet = 0 if len(self.facts) > before or not self.inbox.empty() else quiet + 1

    def do(self, action: Callable[[], object]) -> None:
        """Have something done in the dock's thread; where that ends the dock, systemd starts it again."""
        try:
            action()
        except Exception as error:  # noqa: BLE001 - judged by who runs the world
            self.ended.append(error)
            self.do(self.restart)

    # --- what people do ------------------------------------------------------------------------------

    def insert(self, announce: Callable[[], str], *volumes: FakeVolume) -> str:
        """Dock a camera."""
        self.away = [volume for volume in self.away if volume not in volumes]
        key = announce()
        self.docked[key] = (announce, volumes)
        files = [(path, file) for volume in volumes for path, file in volume.files.items()]
        self.footage |= {file.data for path, file in files if path.endswith(".MP4")}
        return key

    def remove(self, key: str) -> None:
        """Take a camera out."""
        _, volumes = self.docked.pop(key)
        self.away += volumes
        for volume in volumes:
            volume.yank()
        self.inbox.put(CameraLeft(key=key))

    def order(self, request: Request) -> None:
        """Have an operator order something."""
        self.inbox.put(Asked(request, "1000:sgt", self.answers.append))

    def settle(self) -> None:
        """Let the dock work, some minutes pass, and an operator look at it."""
        for key in read_keys(self.root / "keys"):
            self.fake_witness.station.logs.add("TEST", str(key))  # as its administrator does
        for _ in range(2):
            self.order(Status())
            self.do(self.turn)
            self.look()
            self.do(self.delivery.probe)
            self.clock.pass_ms(10 * _MINUTE_MS)

    # --- what must be so ------------------------------------------------------------------------------

    def kept(self) -> set[bytes]:
        """Return all that is durable, in the spool or in a store."""
        stores = {data for store in (self.good, self.bad) for data in store.objects.values()}
        return stores | set(self.disk.durable().values())

    def look(self) -> None:
        """See that nothing is lost, and no camera called safe that is not."""
        if self.disposing:
            return
        kept, there = self.kept(), set[bytes]()
        for key, (_, volumes) in self.docked.items():
            files = {file.data for volume in volumes for file in volume.files.values()} & self.footage
            there |= files
            bay = self.dockings.bays.get(key)
            state, said = display_state(bay, paused=False) if bay else ("", "")
            told = sum(int(number) for number in _NOT_TAKEN.findall(said))
            if state == _SAFE and len(files - kept) > told:
                self.wrong.append(
                    f"{key} is called safe ({said!r}), and {len(files - kept)} files are kept nowhere"
                )
        away = {file.data for volume in self.away for file in volume.files.values()}
        if lost := self.footage - kept - there - away:
            self.wrong.append(f"{len(lost)} files are nowhere any more")

    def names(self, error: Exception) -> bool:
        """Return whether the log has an error, or an operator was shown its words."""
        if any(error is one for _, logged in self.log for one in chain(logged)):
            return True
        if not isinstance(error, BwvdockError):
            return False
        shown = [*self.words, *map(str, self.answers), *map(repr, self.facts), *map(repr, self.said)]
        return any(error.message in text for text in shown)

    def is_served(self) -> bool:
        """Return whether the good store has all footage."""
        return self.footage <= set(self.good.objects.values())

    def of_others(self, whose: str) -> set[bytes]:
        """Return the footage that must be in the good store, whatever is wrong with a bad camera or store."""
        ours = {file.data for file in self.bad_files} if whose == BAD_ONES[0] else set()
        return self.footage - ours

    def quarantined(self) -> list[str]:
        """Return the clips in quarantine."""
        return [row.id for row in self.reader.clips(ClipFilter(state=ClipState.QUARANTINED))]


def chain(error: BaseException) -> list[BaseException]:
    """Return an error, what it was raised because of, and so on."""
    found: list[BaseException] = []
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is not None and not any(one is known for known in found):
            found.append(one)
            todo += [one.__cause__, one.__context__]
    return found
