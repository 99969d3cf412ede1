"""A station with three stores, what people order there, and what is true of its clips (disposing.py).

Every order is decided, checked and recorded as the daemon does it. After each turn of the dock what has gone
is compared with what may have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from bwvdock.core.clips.classes.rules import RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.dates.dating import DateRule
from bwvdock.core.clips.plan import Target
from bwvdock.core.facts import (
    CameraEnrolled,
    ClipFound,
    ClipVerified,
    EventRecorded,
    RestoreIntended,
    VerifiedAgain,
)
from bwvdock.core.holdings.rules import DAY as A_DAY
from bwvdock.core.holdings.rules import Reverify
from bwvdock.core.moments import nanoseconds
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import UsageError
from bwvdock.operators import orders
from bwvdock.runtime.jobs import carry_out
from bwvdock.service.assemble import Parts
from bwvdock.service.destinations import keepers
from bwvdock.upkeep.jobs import DisposeOfCopy
from tests.fakes.camera import FakeFile, FakeVolume
from tests.fakes.destination import FakeDestination
from tests.fakes.matching_station import DAY, MINUTE, MatchingStation
from tests.fakes.worker import fail_loudly
from tests.upkeep.disposing import Duties, Frozen, Given, Seen, Terms

UNITS = {"BWV-00001": "Response", "BWV-00002": "Taskforce"}
CAMERAS = tuple(UNITS)
ACTOR = "1000:sgt"
ELSEWHERE = ("archive", "county")
REVERIFY = Reverify(first=timedelta(hours=24), every=A_DAY * 10, wait=A_DAY * 7)
NEVER_SET = timedelta(days=-4000)
_PLACES = ("dispose spool", "dispose vault")


class Elsewhere(FakeDestination):
    """An evidence store behind a network."""

    kind = "tus"


class ThreeStores(MatchingStation):
    """The station with its vault and two stores elsewhere; `configured` are those of the configuration."""

    def __init__(self, root: Path, *, retention: RetentionRules, held_up: Collection[str] = ()) -> None:
        self.configured: Mapping[str, bool] = {"vault": True, "county": True}
        self.elsewhere = {name: Elsewhere(self._content, name=name) for name in ELSEWHERE}
        super().__init__(root, retention=retention, reverify=REVERIFY, held_up=held_up)

    def outside(self, parts: Parts) -> Parts:
        known = {"vault": parts.destinations[0], **self.elsewhere}
        stores = [known[name] for name in self.configured]
        targets = [Target(name=name, required=must) for name, must in self.configured.items()]
        kept = keepers(self.spool, stores)
        return super().outside(replace(parts, destinations=stores, targets=targets, keepers=kept))

    def _content(self, clip: Clip, number: int) -> bytes:
        found = next((self.root / "spool").glob(f"{clip.id}.{number}.[!p]*"), None)
        return b"" if found is None else found.read_bytes()  # the power failed just after it was removed


@dataclass
class World:
    """A station and everything that is known of it. `hurried`: orders come one after another, in one turn."""

    root: Path
    kept_by: RetentionRules
    station: ThreeStores = field(init=False)
    wrong: dict[str, timedelta] = field(default_factory=dict)  # cameras' clocks
    seen: dict[str, Seen] = field(default_factory=dict)
    content: dict[str, bytes] = field(default_factory=dict)
    duties: Duties = field(default_factory=lambda: Duties(units=UNITS))
    holds: dict[str, Frozen] = field(default_factory=dict)  # those in force
    requests: dict[str, list[str]] = field(default_factory=dict)  # the holds of those that are open
    kept: set[tuple[str, str]] = field(default_factory=set)  # clip and hold
    excepted: set[tuple[str, str]] = field(default_factory=set)
    hurried: bool = False
    hanging: bool = False

    def __post_init__(self) -> None:
        self.station = ThreeStores(self.root, retention=self.kept_by, held_up=_PLACES)
        self.cards = {serial: FakeVolume(files={}) for serial in CAMERAS}
        self._recorded: dict[str, tuple[str, datetime]] = {}  # camera and time of recording, by path
        self._docked_at: dict[str, datetime] = {}
        self._there: set[tuple[str, str]] = set()
        self._handed: dict[tuple[str, str], bool] = {}  # to a thread; whether it can be restored then
        self._read = 0
        for serial, unit in UNITS.items():
            said = CameraEnrolled(camera=serial, model="", actor=ACTOR, unit=unit)
            self.station.ledger.record([said])
            self.station.dockings.judge_again(serial)

    def true_now(self) -> datetime:
        return self.station.clock.now() - self.station.clock.wrong_by

    def terms(self) -> Terms:
        return Terms(stores=self.station.configured, notice_days=self.kept_by.notice_days, wait=REVERIFY.wait)

    # --- what people do ---

    def dock(self, camera: str, *, minutes_ago: int, accurate: bool = False) -> None:
        """Dock a camera with one more recording, made since it was docked last; perhaps its clock is read."""
        at = self.true_now() - timedelta(minutes=minutes_ago, seconds=len(self._recorded))
        at = max(at, self._docked_at.get(camera, at) + timedelta(minutes=2))
        path = f"DCIM/100MEDIA/C{len(self._recorded):04}.MP4"
        self._recorded[path] = camera, at
        shown = at + self.wrong.get(camera, timedelta(0))
        self.cards[camera].files[path] = FakeFile(data=path.encode(), mtime_ns=nanoseconds(shown))
        key = self.station.plug(self.cards[camera], serial=camera, bay=f"1-{CAMERAS.index(camera) + 1}")
        self.work()
        self.station.pull(key)
        self._docked_at[camera] = self.true_now()
        if accurate and shown == at:
            self._read_clock(path)
        self.work()

    def _read_clock(self, path: str) -> None:
        [clip] = [f.clip for f in self.station.facts if isinstance(f, ClipFound) and f.files[0].path == path]
        known = self.station.journal.clip(clip)
        if known is not None and known.dated is not None and known.dated.retain_until:
            dated = replace(known.dated, uncertainty_ms=1000, rule=DateRule.CLOCK_READ)
            self.station.ledger.record([replace(dated, recorded_at=dated.raw)])

    def order(self, order: orders.Order) -> Mapping[str, str] | None:
        """Give an order; return the ids that were made, None where it was refused."""
        with JournalReader(self.root / "journal.sqlite3") as reader:
            try:
                decision = orders.decide(
                    order,
                    journal=self.station.journal,
                    reader=reader,
                    spool=self.station.spool,
                    paused=False,
                    actor=ACTOR,
                    retention=self.kept_by,
                )
                self.station.schedule.disposal.require_free(decision.facts)
            except UsageError:
                return None
        self.station.ledger.record(decision.facts)
        for fact in decision.facts:
            if isinstance(fact, RestoreIntended):
                self.station.schedule.disposal.restore(fact)
            elif isinstance(fact, EventRecorded) and self.station.surveys.matching:
                self.station.surveys.matching.soon()
        return decision.ids

    def done(self) -> None:
        """Take in what was ordered, and let the dock work, unless somebody orders more at once."""
        self._learn()
        if not self.hurried:
            self.work()

    def give(self, clip: str, name: str, *, instead: bool) -> None:
        """A person gave a clip a class, as the configuration has it now."""
        of = self.kept_by.named(name)
        assert of is not None
        given = Given(days=of.days, stores=frozenset(of.destinations), restricted=of.restricted)
        self.seen[clip].reviewed(name, given, instead=instead)

    def begin(self, hold: str, about: Frozen) -> None:
        self.holds[hold] = about

    def end(self, hold: str) -> None:
        del self.holds[hold]
        self.kept = {(clip, name) for clip, name in self.kept if name != hold}

    # --- what the world does ---

    def pass_days(self, days: int) -> None:
        self.station.clock.pass_ms(days * DAY)
        self.work()

    def restart(self, *, days: int = 0, dropped: bool = False) -> None:
        """Go down and come up again, perhaps after a copy was taken away and before that was recorded."""
        for worker in self.station.held_up.values():
            jobs, worker.jobs = worker.jobs, []
            for job in jobs if dropped else []:
                carry_out(job, lambda _: None, fail_loudly)
        self.judge()
        self._handed.clear()
        self.station.clock.pass_ms(days * DAY)
        if days:
            self.station.clock.reboot()
        self.station.restart()
        self.work()

    def configure(self, rules: RetentionRules, stores: Mapping[str, bool] | None = None) -> None:
        """Change the configuration: stores by a restart, the rest by a reload."""
        self.kept_by = self.station.retention = rules
        if stores is not None:
            self.station.configured = stores
            self.restart()
            return
        days = rules.unreviewed_days
        self.station.dockings.reload(
            mode=self.station.dockings.mode, profiles=self.station.profiles, non_evidential_days=days
        )
        self.station.schedule.change(non_evidential_days=days, rules=rules)
        self.station.ledger.classing.rules = rules
        self.work()

    def lose(self, store: str, which: int, how: str) -> None:
        """Let a store lose a copy, or change it."""
        if self.hanging:
            return
        if store == "vault":
            self._lose_file(which, how)
        elif objects := self.station.elsewhere[store].objects:
            name = sorted(objects)[which % len(objects)]
            if how == "lost":
                del objects[name]
            else:
                objects[name] = objects[name][:3] if how == "cut" else b"x" * len(objects[name])

    def _lose_file(self, which: int, how: str) -> None:
        files = sorted(
            path for path in (self.root / "vault").rglob("*.0.mp4") if "withdrawn" not in path.parts
        )
        for path in files[which % len(files) :][:1] if files else []:
            content = path.read_bytes()
            path.unlink()  # the spool may share the file
            self._there.discard((path.name.partition(".")[0], "vault"))
            if how != "lost":
                path.write_bytes(content[:3] if how == "cut" else b"x" * len(content))

    # --- how ---

    def work(self) -> None:
        """Let the dock work, twice: what is compared and asked again needs some minutes."""
        for _ in range(2):
            self.station.clock.pass_ms(15 * MINUTE)
            self.turn()

    def turn(self) -> None:
        """Let the dock come to rest; threads that dispose of copies go on unless they hang."""
        had = {name: set(store.objects) for name, store in self.station.elsewhere.items()}
        routed = {clip: seen.only_stores() for clip, seen in self.seen.items()}
        self._learn()
        self.station.turn()
        self.judge()
        while not self.hanging and any(self.station.held_up[place].jobs for place in _PLACES):
            for place in _PLACES:
                self.station.held_up[place].go_on(self.station.inbox.put)
            self.station.turn()
            self.judge()
        for name, store in self.station.elsewhere.items():
            for clip in {name.partition(".")[0] for name in set(store.objects) - had[name]}:
                assert name in (routed.get(clip) or {name}), f"sent to {name}: {self.seen[clip]}"

    def _learn(self) -> None:
        """Take in what was recorded, and which clips the holds are about by now."""
        facts = self.station.facts[self._read :]
        self._read += len(facts)
        days = self.kept_by.unreviewed_days
        for fact in facts:
            if isinstance(fact, ClipFound):
                camera, at = self._recorded[fact.files[0].path]
                self.content[fact.clip] = fact.files[0].path.encode()
                self.seen[fact.clip] = Seen(camera=camera, at=at, docked_at=self.true_now(), promised=days)
            elif (seen := self.seen.get(getattr(fact, "clip", ""))) is not None:
                seen.learn(fact, days=days)
            if isinstance(fact, ClipVerified | VerifiedAgain) and fact.destination in ELSEWHERE:
                assert fact.destination in self._truly(fact.clip), f"called proven, and is not: {fact}"
        for hold, about in self.holds.items():
            for clip, seen in self.seen.items():
                key = (clip, hold)
                if key not in self.kept | self.excepted and self.duties.is_about(about, seen):
                    self.kept.add(key)

    def _truly(self, clip: str) -> set[str]:
        """Return the stores that have the content of a clip in truth."""
        name, content = f"{clip}.0", self.content[clip]
        found = {one for one, store in self.station.elsewhere.items() if store.objects.get(name) == content}
        vault = next((self.root / "vault").rglob(f"{clip}.0.mp4"), None)
        return found | ({"vault"} if vault is not None and vault.read_bytes() == content else set())

    def copies(self) -> Iterator[tuple[str, str]]:
        """Yield the copies that the dock itself has: in the spool, a vault, or moved aside in it."""
        for path in (self.root / "spool").glob("*.0.mp4"):
            yield path.name.partition(".")[0], "spool"
        for path in (self.root / "vault").rglob("*.0.mp4"):
            aside = path.relative_to(self.root / "vault").parts[0] == "withdrawn"
            yield path.name.partition(".")[0], "aside" if aside else "vault"

    # --- what must be so ---

    def judge(self) -> None:
        """Compare what is handed to a thread to be removed, and what has gone, with what may go.

        What was handed to a thread goes, whatever is said meanwhile.
        """
        self._learn()
        there = set(self.copies())
        for clip, place in self._in_hand(there) - self._handed.keys():
            self._handed[clip, place] = self._can_be_restored(clip, place)
            self._require_cause(clip, place)
        for clip, place in self._there - there:
            if place == "aside" and (clip, "vault") in there:
                continue
            if (clip, place) not in self._handed:
                self._require_cause(clip, place)
            aside = self._handed.pop((clip, place), self._can_be_restored(clip, place))
            assert not aside or (clip, "aside") in there, f"cannot be restored: {self.seen[clip]}"
        twice = {clip for clip, place in there if place == "aside"} & {c for c, p in there if p == "vault"}
        assert not twice, f"moved aside, and stored once more: {twice}"
        self._there = there

    def _can_be_restored(self, clip: str, place: str) -> bool:
        """Return whether a copy has its days of grace still before it when it goes from a place."""
        return place == "vault" and self.kept_by.grace_days > 0 and self.seen[clip].aside_until is None

    def _in_hand(self, there: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for worker in self.station.held_up.values():
            for job in worker.jobs:
                if isinstance(job, DisposeOfCopy):
                    places = {job.permit.place}
                    if job.permit.place == "vault" and not job.permit.aside_until:
                        places.add("aside")  # else it may have been moved there before the power failed
                    found.update((job.clip.id, one) for one in places if (job.clip.id, one) in there)
        return found

    def _require_cause(self, clip: str, place: str) -> None:
        seen = self.seen[clip]
        early = place == "spool" and seen.early
        assert early or self.station.clock.is_synchronised, f"gone from {place}, nobody knew the time"
        assert clip not in {one for one, _ in self.kept}, f"on a standing hold, gone from {place}: {seen}"
        wrong = seen.wrong(
            place,
            self.true_now(),
            self.terms(),
            truly=self._truly(clip),
            called=self.duties.is_called(seen),
        )
        assert not wrong, f"gone from {place}, {wrong}: {seen}"
