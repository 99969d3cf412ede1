"""What does a dock keep in memory, and for how long? Nothing in it grows with the fleet."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.proof import Assessment, ProofMethod
from bwvdock.core.facts import DeliveryRefused
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import TransferControl
from bwvdock.errors import DestinationRefusedError
from tests.fakes.camera import camera_with
from tests.fakes.destination import FakeDestination
from tests.fakes.erasing import FOREIGN, ErasingStation, camera
from tests.fakes.station import Station

_SIX_WEEKS_S = 42 * 24 * 3600
PROVES = Assessment(method=ProofMethod.READ_BACK, words="it gives uploads back")
PROVES_NOTHING = Assessment(method=None, words="it took a wrong digest")


def stores(root: Path) -> tuple[FakeDestination, FakeDestination]:
    """Return the vault, and a county's store that proves nothing."""

    def fetch(clip: Clip, part: int) -> bytes:
        return (root / "spool" / part_name(clip, part)).read_bytes()

    county = FakeDestination(fetch, name="county")
    county.assessment = PROVES_NOTHING
    return FakeDestination(fetch, name="vault"), county


REQUIRED = {"vault": True, "county": False}


def docked(station: Station, times: int) -> None:
    """Dock a camera so often, each time with two new clips."""
    station.enrol()
    for n in range(times):
        station.visit(camera_with({f"DCIM/100TEST/{n}{x}.MP4": f"{n}{x}".encode() for x in "AB"}))


def proven_at(station: Station, name: str) -> int:
    return sum(getattr(f, "destination", "") == name for f in station.facts if f.kind == "clip_verified")


@pytest.mark.slow
@pytest.mark.parametrize("restarted", [False, True])
def test_what_an_optional_store_will_never_prove_is_not_waited_for(tmp_path: Path, restarted: bool) -> None:
    vault, county = stores(tmp_path)
    station = Station(tmp_path, destinations=[vault, county], required=REQUIRED)
    docked(station, times=3)
    if restarted:
        station.restart()
        station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert len(county.objects) == 6, "it is brought there all the same"
    assert station.ledger.clips == {}


def test_a_store_that_repeats_what_it_was_sent_names_nobody_in_an_entry(tmp_path: Path) -> None:
    vault, _ = stores(tmp_path)

    def refuse(clip: Clip, transfer: TransferControl) -> None:
        sent = f"camera={clip.camera} file={clip.files[0].path}"
        raise DestinationRefusedError(f"destination vault: 400, {sent}", remedy="Look at it")

    vault.on_store = refuse
    station = Station(tmp_path, destinations=[vault], required={"vault": True})
    docked(station, times=1)
    reasons = {fact.reason for fact in station.facts if isinstance(fact, DeliveryRefused)}
    assert reasons == {"destination vault: 400, camera=(withheld) file=(withheld)"}


@pytest.mark.slow
def test_a_store_that_learns_to_prove_is_asked_for_all_that_it_has(tmp_path: Path) -> None:
    vault, county = stores(tmp_path)
    station = Station(tmp_path, destinations=[vault, county], required=REQUIRED)
    docked(station, times=3)
    county.assessment = PROVES
    station.delivery.wake()
    station.turn()
    assert proven_at(station, "county") == 6
    assert station.ledger.clips == {}


def test_a_store_that_proves_no_more_keeps_nothing_waiting(tmp_path: Path) -> None:
    vault, county = stores(tmp_path)
    county.assessment = PROVES
    station = Station(tmp_path, destinations=[vault, county], required=REQUIRED, held_up=["upload county"])
    docked(station, times=1)
    assert len(station.ledger.clips) == 2, "they are still to be brought there"
    county.assessment = PROVES_NOTHING
    station.delivery.wake()
    station.turn()
    assert len(station.ledger.clips) == 2, "they are still to be brought there"
    while station.held_up["upload county"].jobs:
        station.held_up["upload county"].go_on(station.inbox.put)
        station.turn()
    assert len(county.objects) == 2
    assert station.ledger.clips == {}


@pytest.mark.slow
@pytest.mark.parametrize("restarted", [False, True])
def test_what_a_camera_took_away_again_is_its_cameras(tmp_path: Path, restarted: bool) -> None:
    """It may be lost with what it has; if it comes back, all of that is known again."""
    station = Station(tmp_path)
    station.enrol()
    card = camera_with({f"DCIM/100TEST/{x}.MP4": x.encode() * 300_000 for x in "AB"})
    card.files["DCIM/100TEST/B.MP4"].bad_at = 150_000
    station.visit(card)
    assert station.states()["DCIM/100TEST/B.MP4"] is ClipState.FOUND
    if restarted:
        station.restart()
        station.turn()
    assert station.ledger.clips == {}
    card.files["DCIM/100TEST/B.MP4"].bad_at = None
    station.visit(card)
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert station.kinds().count("clip_found") == 2


@pytest.mark.slow
@pytest.mark.parametrize("restarted", [False, True])
def test_what_the_spool_does_not_hold_any_more_is_not_waited_for(tmp_path: Path, restarted: bool) -> None:
    """The camera was taken home before it was erased, and the county's store is away for weeks."""
    vault, county = stores(tmp_path)
    county.reachable = False
    station = ErasingStation(tmp_path, destinations=[vault, county], required=REQUIRED)
    station.visit(camera())
    assert len(station.ledger.clips) == 3
    station.later(_SIX_WEEKS_S)
    for _ in range(9):  # nothing is taken away while it is just on its way somewhere
        station.later()
    assert not list((tmp_path / "spool").iterdir())
    assert set(station.states().values()) == {ClipState.VERIFIED}
    if restarted:
        station.restart()
        station.turn()
    assert station.ledger.clips == {}


@pytest.mark.slow
def test_a_camera_is_erased_where_an_optional_store_proves_nothing(tmp_path: Path) -> None:
    """It was waited for until it would prove its copies: for ever."""
    vault, county = stores(tmp_path)
    station = ErasingStation(tmp_path, destinations=[vault, county], required=REQUIRED)
    card = camera()
    station.visit(card)
    assert set(card.files) == set(FOREIGN)
    assert set(station.states().values()) == {ClipState.RELEASED}
    assert len(county.objects) == 4
