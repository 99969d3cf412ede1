"""Several stores, each with troubles of its own: none keeps another waiting, and none is believed untried."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.plan import Step
from bwvdock.core.clips.proof import Assessment
from bwvdock.core.facts import ClipQuarantined, DeliveryResumed, DestinationAssessed
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import TransferControl
from bwvdock.delivery.messages import Begun, Probed
from bwvdock.errors import (
    AccessDeniedError,
    BwvdockError,
    DestinationRefusedError,
    DestinationUnavailableError,
    HaltedError,
)
from bwvdock.log import Events
from bwvdock.status.alerts import AlertCode, Severity
from tests.fakes.camera import camera_with
from tests.fakes.destination import FakeDestination, FlippingDestination
from tests.fakes.station import Station

CLIPS = {f"DCIM/100TEST/{n}.MP4": bytes([n]) * 1000 for n in range(3)}
POISON = "DCIM/100TEST/0.MP4"
ALL = set(CLIPS)


class Trouble:
    """What a store does with the clips that it is brought: hooked into FakeDestination.on_store."""

    def __init__(self, error: BwvdockError, *, path: str = "", held: tuple[int, ...] = ()) -> None:
        """Fail so with one clip (or all), after these reports of what is held, one for each attempt."""
        self.error = error
        self.path = path
        self.held = list(held)
        self.tries: list[str] = []

    def __call__(self, clip: Clip, transfer: TransferControl) -> None:
        path = clip.files[0].path
        self.tries.append(path)
        if not self.path or path == self.path:
            if self.held:
                transfer.reached(self.held.pop(0))
            raise self.error


def a_station(
    root: Path, *required: bool, held_up: tuple[str, ...] = (), first: type[FakeDestination] = FakeDestination
) -> Station:
    """Make a dock with stores in memory, named store0, store1 and so on; `first` is the first's kind."""
    spool = root / "spool"

    def fetch(clip: Clip, part: int) -> bytes:
        return (spool / part_name(clip, part)).read_bytes()

    kinds = [first, *[FakeDestination] * (len(required) - 1)]
    stores = [kind(fetch, name=f"store{n}") for n, kind in enumerate(kinds)]
    named = {s.name: r for s, r in zip(stores, required, strict=True)}
    station = Station(root, destinations=stores, required=named, held_up=held_up)
    station.stores = stores
    station.enrol()
    return station


def a_docked(station: Station) -> Station:
    """Dock a camera with three clips and let the dock work."""
    station.plug(camera_with(CLIPS))
    station.turn()
    return station


def held_by(station: Station, number: int) -> int:
    """Count the clips that a store holds."""
    return sum(name.endswith(".0") for name in station.stores[number].objects)


def events(station: Station, event: Events) -> int:
    """Count what was said of a kind."""
    return sum(said is event for said, _ in station.said)


# --- apart from each other -----------------------------------------------------------------------


@pytest.mark.parametrize("thread", ["upload store1", "ask store1"])
def test_a_store_that_hangs_starves_no_other(tmp_path: Path, thread: str) -> None:
    station = a_docked(a_station(tmp_path, True, False, held_up=(thread,)))
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert (held_by(station, 0), held_by(station, 1)) == (3, 0)
    station.held_up[thread].go_on(station.inbox.put)
    station.turn()
    while station.held_up[thread].jobs:
        station.held_up[thread].go_on(station.inbox.put)
        station.turn()
    assert held_by(station, 1) == 3


def test_a_store_that_answers_no_probe_for_a_minute_is_said_to_be_gone(tmp_path: Path) -> None:
    station = a_station(tmp_path, True, held_up=("ask store0",))
    station.delivery.probe()
    station.clock.pass_ms(60_000)
    assert station.delivery.errors == {}
    station.clock.pass_ms(1)
    assert "has not answered" in station.delivery.errors["store0"].message
    before = len(station.held_up["ask store0"].jobs)
    station.delivery.probe()
    assert len(station.held_up["ask store0"].jobs) == before, "probes pile up"


def test_a_clip_that_is_on_its_way_to_two_at_once_is_verified_when_both_have_it(tmp_path: Path) -> None:
    """Each errand was given out when the other had not ended: what is awaited is settled afterwards."""
    threads = ("upload store0", "upload store1")
    station = a_docked(a_station(tmp_path, True, True, held_up=threads))
    for _ in range(4):
        for worker in station.held_up.values():
            worker.go_on(station.inbox.put)
        station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert station.kinds().count("clip_verified") == 6, "one was asked again, because it did not count"


def test_what_comes_of_a_clip_that_went_to_quarantine_meanwhile_is_let_go(tmp_path: Path) -> None:
    station = a_docked(a_station(tmp_path, True, True, held_up=("upload store1",), first=FlippingDestination))
    assert set(station.states().values()) == {ClipState.QUARANTINED}
    station.held_up["upload store1"].go_on(station.inbox.put)
    station.turn()
    assert set(station.states().values()) == {ClipState.QUARANTINED}
    assert station.kinds().count("clip_uploaded") == 3


# --- tried before it is believed -----------------------------------------------------------------


def test_a_store_is_tried_out_before_its_first_use_and_daily_and_each_time_is_an_entry(
    tmp_path: Path,
) -> None:
    station = a_docked(a_station(tmp_path, True))
    assert station.stores[0].asked[0] == "assess"
    assert station.kinds().index("destination_assessed") < station.kinds().index("clip_uploaded")
    station.clock.pass_ms(86_399_000)
    station.turn()
    assert station.kinds().count("destination_assessed") == 1
    station.clock.pass_ms(2_000)
    station.turn()
    assert station.kinds().count("destination_assessed") == 2
    station.restart()
    station.turn()
    assert station.kinds().count("destination_assessed") == 3


def test_nothing_is_brought_to_a_store_that_could_not_be_tried_out(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    station.stores[0].reachable = False
    a_docked(station)
    assert "destination_assessed" not in station.kinds()
    assert "store" not in station.stores[0].asked


@pytest.mark.parametrize("required", [True, False])
def test_where_nothing_proves_a_copy_nothing_is_verified(tmp_path: Path, required: bool) -> None:
    station = a_station(tmp_path, required, not required)
    station.stores[0].assessment = Assessment(method=None, words="it took a wrong digest")
    a_docked(station)
    assert set(station.states().values()) == {ClipState.UPLOADED if required else ClipState.VERIFIED}
    assert "prove" not in station.stores[0].asked
    assert held_by(station, 0) == 3
    fact = next(f for f in station.facts if isinstance(f, DestinationAssessed))
    assert (fact.destination, fact.method, fact.words) == ("store0", "", "it took a wrong digest")


def test_a_store_that_learnt_to_prove_is_asked_again_after_a_reload(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    honest, station.stores[0].assessment = station.stores[0].assessment, Assessment(method=None, words="no")
    a_docked(station)
    station.stores[0].assessment = honest
    station.delivery.wake()
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}


# --- failures ------------------------------------------------------------------------------------


def test_what_a_store_asks_for_is_heeded_for_all_its_clips(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    trouble = Trouble(DestinationUnavailableError("busy", retry_after=600))
    station.stores[0].on_store = trouble
    a_docked(station)
    tried = len(trouble.tries)
    station.clock.pass_ms(599_000)
    station.turn()
    assert len(trouble.tries) == tried
    station.clock.pass_ms(2_000)
    station.turn()
    assert len(trouble.tries) == tried + 1, "one goes ahead and tries the ground"


def test_a_store_that_asks_for_quiet_gets_it_also_where_others_got_through(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    trouble = Trouble(DestinationUnavailableError("busy", retry_after=600), path=POISON)
    station.stores[0].on_store = trouble
    a_docked(station)
    station.clock.pass_ms(601_000)
    station.turn()
    assert trouble.tries.count(POISON) >= 2
    tried = len(trouble.tries)
    station.pull("/sys/1-1")
    station.plug(camera_with({"DCIM/100TEST/X.MP4": b"x"}))
    station.turn()
    assert len(trouble.tries) == tried


def test_who_is_not_let_in_says_so_rests_and_goes_on_after_a_reload(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    station.stores[0].on_store = Trouble(AccessDeniedError("401", remedy="Renew the token"))
    a_docked(station)
    alert = station.alerts()[AlertCode.DESTINATION_DENIED]
    assert (alert.severity, alert.remedy) == (Severity.ERROR, "Renew the token")
    assert set(station.states().values()) == {ClipState.ACQUIRED}
    station.stores[0].on_store = lambda clip, transfer: None
    station.delivery.wake()
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert AlertCode.DESTINATION_DENIED not in station.alerts()


def fail_for(station: Station, hours: float) -> None:
    """Let time pass, in steps that are longer than any rest but a parked clip's."""
    for _ in range(int(hours * 10)):
        station.clock.pass_ms(360_000)
        station.turn()


@pytest.mark.slow
def test_a_clip_that_alone_keeps_failing_is_parked_the_others_pass_and_it_is_never_dropped(
    tmp_path: Path,
) -> None:
    station = a_station(tmp_path, True)
    trouble = Trouble(DestinationUnavailableError("500 for this one"), path=POISON)
    station.stores[0].on_store = trouble
    a_docked(station)
    fail_for(station, 0.1)
    verified = {path for path, state in station.states().items() if state is ClipState.VERIFIED}
    assert verified == ALL - {POISON}
    for n in range(12):  # others come and get through all the time
        station.pull("/sys/1-1")
        station.plug(camera_with({f"DCIM/100TEST/X{n}.MP4": bytes([n]) * 10}))
        station.turn()
        fail_for(station, 0.1)
    alert = station.alerts()[AlertCode.CLIPS_PARKED]
    assert alert.severity is Severity.WARNING
    assert "500 for this one" in alert.message
    assert events(station, Events.CLIP_PARKED) == 1
    tried = trouble.tries.count(POISON)
    fail_for(station, 0.9)
    assert trouble.tries.count(POISON) - tried <= 1, "a parked clip is tried once an hour"
    trouble.path = "none"
    fail_for(station, 1.2)
    assert station.states()[POISON] is ClipState.VERIFIED
    assert AlertCode.CLIPS_PARKED not in station.alerts()


def test_one_that_is_the_only_clip_is_not_parked_for_the_stores_fault(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    station.stores[0].on_store = Trouble(DestinationUnavailableError("500"))
    a_docked(station)
    fail_for(station, 5)
    assert AlertCode.CLIPS_PARKED not in station.alerts()
    assert "store0" in station.delivery.errors


def test_who_gets_further_each_time_is_never_made_to_wait_long(tmp_path: Path) -> None:
    """A link that is cut every few seconds: 100 attempts, each with some progress."""
    station = a_station(tmp_path, True)
    trouble = Trouble(DestinationUnavailableError("cut"), path=POISON, held=tuple(range(1, 101)))
    station.stores[0].on_store = trouble
    a_docked(station)
    for _ in range(99):
        station.clock.pass_ms(3_001)
        station.turn()
    assert trouble.tries.count(POISON) == 100


def test_what_was_halted_is_no_failure(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    station.stores[0].on_store = Trouble(HaltedError("halted"), path=POISON)
    station.plug(camera_with(CLIPS))
    while "clip_uploaded" not in station.kinds():
        station.dock.turn(timeout=0)
    assert station.delivery.errors == {}


def test_a_pause_has_what_is_on_its_way_stop(tmp_path: Path) -> None:
    station = a_docked(a_station(tmp_path, True, held_up=("upload store0",)))
    station.dockings.set_paused(paused=True)
    station.turn()
    station.held_up["upload store0"].go_on(station.inbox.put)
    station.turn()
    assert "store" not in station.stores[0].asked
    station.dockings.set_paused(paused=False)
    station.turn()
    for _ in range(4):
        station.held_up["upload store0"].go_on(station.inbox.put)
        station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}


# --- refused for good ----------------------------------------------------------------------------


def test_what_is_refused_for_good_is_sealed_told_and_offered_again_by_an_order(tmp_path: Path) -> None:
    station = a_station(tmp_path, True, False)
    trouble = Trouble(DestinationRefusedError("too large for it"), path=POISON)
    station.stores[0].on_store = trouble
    a_docked(station)
    fail_for(station, 3)
    station.restart()
    station.turn()
    assert trouble.tries.count(POISON) == 1
    assert station.states()[POISON] is ClipState.ACQUIRED
    assert held_by(station, 1) == 3, "it goes to the others"
    alert = station.alerts()[AlertCode.CLIPS_REFUSED]
    assert alert.severity is Severity.ERROR
    assert "too large for it" in alert.message
    assert "will not become verified" in alert.message
    clip = next(c.id for c in station.ledger.clips.values() if c.refused)
    trouble.path = "none"
    station.ledger.record([DeliveryResumed(clip=clip, actor="0:root")])
    station.turn()
    assert station.states()[POISON] is ClipState.VERIFIED
    assert AlertCode.CLIPS_REFUSED not in station.alerts()


def test_a_clip_that_a_person_led_out_is_offered_as_if_it_had_never_failed(tmp_path: Path) -> None:
    station = a_docked(a_station(tmp_path, True, False, held_up=("upload store1",)))
    clip = next(iter(station.ledger.clips))
    station.ledger.record([ClipQuarantined(clip=clip, reason="for the test")])
    assert not station.delivery.parked(clip)
    station.held_up["upload store1"].go_on(station.inbox.put)
    station.turn()
    assert [f.kind for f in station.facts if getattr(f, "clip", "") == clip][-1] == "clip_quarantined"


# --- what is told --------------------------------------------------------------------------------


def test_an_outage_is_two_lines_in_the_log_however_long_it_is(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    station.stores[0].reachable = False
    a_docked(station)
    for _ in range(50):
        station.delivery.probe()
        fail_for(station, 0.1)
    assert (events(station, Events.DESTINATION_LOST), events(station, Events.DESTINATION_BACK)) == (1, 0)
    station.stores[0].reachable = True
    station.clock.pass_ms(60_000)
    station.delivery.probe()
    station.turn()
    assert (events(station, Events.DESTINATION_LOST), events(station, Events.DESTINATION_BACK)) == (1, 1)
    assert set(station.states().values()) == {ClipState.VERIFIED}, "a probe that gets through ends the rest"
    assert events(station, Events.UPLOAD_BEGUN) == 3


def test_what_is_on_its_way_is_told_with_its_pace(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    queue_of, seen = station.delivery.queues["store0"], list[tuple[int, int, int, int]]()

    def look(clip: Clip, transfer: TransferControl) -> None:
        transfer.take(600)
        transfer.reached(600)
        station.dock.delivery.hear(_begun(clip))
        station.clock.pass_ms(2_000)
        queue_of.look()
        told = queue_of.traffic()
        seen.append((told.clips, told.size, told.held, told.rate))

    station.stores[0].on_store = look
    station.plug(camera_with({POISON: bytes(1000)}))
    station.turn()
    assert seen == [(1, 1000, 600, 300)]
    assert queue_of.traffic().clips == 0


def _begun(clip: Clip) -> Begun:
    return Begun(clip=clip.id, destination="store0", step=Step.UPLOAD)


def test_a_probe_that_fails_is_told_before_any_clip_needs_the_store(tmp_path: Path) -> None:
    station = a_station(tmp_path, True)
    station.delivery.hear(Probed(destination="store0", error=DestinationUnavailableError("gone")))
    assert station.delivery.queues["store0"].breaker.reachable is False
