"""Destinations that fail, rest, come back or lie: no clip is lost and none is claimed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import ClipRetried, ClipUploaded, ClipVerified
from bwvdock.core.media.part_names import part_name
from bwvdock.edges.destinations.directory import DirectoryDestination
from tests.fakes.camera import camera_with
from tests.fakes.destination import FakeDestination, FlippingDestination
from tests.fakes.station import Station

CLIPS = {f"DCIM/100TEST/{n}.MP4": bytes([n]) * 1000 for n in range(3)}


def a_station(root: Path, *kinds: type[FakeDestination], required: tuple[bool, ...] = (True,)) -> Station:
    """Make a dock with stores in memory, named store0, store1 and so on."""
    spool = root / "spool"

    def fetch(clip: Clip, part: int) -> bytes:
        return (spool / part_name(clip, part)).read_bytes()

    stores = [kind(fetch, name=f"store{n}") for n, kind in enumerate(kinds)]
    station = Station(
        root,
        destinations=stores,
        required={s.name: r for s, r in zip(stores, required, strict=True)},
    )
    station.stores = stores
    station.enrol()
    return station


def test_a_fact_names_the_required_stores_that_are_still_to_come(tmp_path: Path) -> None:
    """One of two is not enough: the clip moves when the second has it."""
    station = a_station(tmp_path, FakeDestination, FakeDestination, required=(True, True))
    station.stores[1].reachable = False
    station.plug(camera_with({"DCIM/A.MP4": b"a"}))
    station.turn()
    assert set(station.states().values()) == {ClipState.ACQUIRED}
    station.stores[1].reachable = True
    station.clock.pass_ms(301_000)
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    for kind in (ClipUploaded, ClipVerified):
        named = [fact.awaiting for fact in station.facts if isinstance(fact, kind)]
        assert named == [("store1",), ()], kind


def test_an_unreachable_store_rests_and_gets_everything_when_it_is_back(tmp_path: Path) -> None:
    """Footage waits in the spool; `status` names the store; no clip is quarantined."""
    station = a_station(tmp_path, FakeDestination)
    station.stores[0].reachable = False
    station.plug(camera_with(CLIPS))
    station.turn()
    assert set(station.states().values()) == {ClipState.ACQUIRED}
    assert "does not answer" in station.delivery.errors["store0"].message
    station.stores[0].reachable = True
    station.turn()
    assert set(station.states().values()) == {ClipState.ACQUIRED}, "it is left alone for a while"
    station.clock.pass_ms(301_000)
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert station.delivery.errors == {}


def test_a_store_that_flips_a_bit_is_found_out(tmp_path: Path) -> None:
    """The liar: what it holds is compared with the digest taken at ingest."""
    station = a_station(tmp_path, FlippingDestination)
    station.plug(camera_with(CLIPS))
    station.turn()
    assert set(station.states().values()) == {ClipState.QUARANTINED}


class DroppingDestination(FakeDestination):
    """Acknowledges everything and keeps nothing."""

    def _put(self, name: str, content: bytes) -> None:
        pass


def test_a_store_that_drops_what_it_acknowledged_never_verifies(tmp_path: Path) -> None:
    """The other liar; a person can have the clip brought there again."""
    station = a_station(tmp_path, DroppingDestination)
    station.plug(camera_with({"DCIM/100TEST/A.MP4": b"x"}))
    station.turn()
    assert set(station.states().values()) == {ClipState.QUARANTINED}
    clip = next(getattr(f, "clip", "") for f in station.facts if f.kind == "clip_found")
    station.ledger.record([ClipRetried(clip=clip, actor="0:root")])
    assert station.ledger.clips[clip].state is ClipState.ACQUIRED


@pytest.mark.slow
def test_a_clip_is_verified_only_when_every_required_store_has_proven_it(tmp_path: Path) -> None:
    """One of two is not enough."""
    station = a_station(tmp_path, FakeDestination, FakeDestination, required=(True, True))
    station.stores[1].reachable = False
    station.plug(camera_with(CLIPS))
    station.turn()
    assert set(station.states().values()) == {ClipState.ACQUIRED}
    station.stores[1].reachable = True
    station.clock.pass_ms(301_000)
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}


@pytest.mark.slow
def test_an_optional_store_that_is_down_holds_nothing_up_and_is_served_later(tmp_path: Path) -> None:
    """It decides nothing and misses nothing."""
    station = a_station(tmp_path, FakeDestination, FakeDestination, required=(True, False))
    station.stores[1].reachable = False
    station.plug(camera_with(CLIPS))
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    station.restart()
    station.stores[1].reachable = True
    station.clock.pass_ms(301_000)
    station.turn()
    assert len(station.stores[1].objects) == len(CLIPS)


def test_a_spool_that_rots_is_noticed_before_it_reaches_the_vault(tmp_path: Path) -> None:
    """The copy in the spool is compared with what was acquired, and made anew from the camera."""
    station = a_station(tmp_path, FakeDestination)
    station.stores[0].reachable = False
    station.plug(camera_with({"DCIM/100TEST/A.MP4": b"good"}))
    station.turn()
    rotten = next((tmp_path / "spool").glob("*.mp4"))
    rotten.chmod(0o600)
    rotten.write_bytes(b"evil")
    station.stores[0].reachable = True
    station.clock.pass_ms(301_000)
    station.turn()
    assert "clip_quarantined" in station.kinds()
    assert set(station.states().values()) == {ClipState.VERIFIED}
    assert list(station.stores[0].objects.values()) == [b"good"]


@pytest.mark.slow
@pytest.mark.parametrize("planted", [b"other", b""])
def test_the_real_vault_never_overwrites_what_stands_under_a_clip_s_name(
    tmp_path: Path, planted: bytes
) -> None:
    """Something else is there: the clip goes to quarantine and the other content stays."""
    station = Station(tmp_path)
    station.enrol()
    station.dockings.set_paused(paused=True)
    station.plug(camera_with({"DCIM/100TEST/A.MP4": b"mine"}))
    station.dockings.set_paused(paused=False)
    while "clip_found" not in station.kinds():
        station.dock.turn(timeout=0)
    clip = next(getattr(f, "clip", "") for f in station.facts if f.kind == "clip_found")
    vault = DirectoryDestination(
        tmp_path / "vault", name="vault", spool=station.spool, marks=tmp_path / "marks"
    )
    vault.probe()
    day = tmp_path / "vault" / "2026" / "03" / "14"
    day.mkdir(parents=True, exist_ok=True)
    (day / f"{clip}.0.mp4").write_bytes(planted)
    station.turn()
    assert set(station.states().values()) == {ClipState.QUARANTINED}
    assert (day / f"{clip}.0.mp4").read_bytes() == planted


@pytest.mark.slow
def test_many_clips_that_fail_together_are_one_failure_not_many(tmp_path: Path) -> None:
    """Else a blip while sixteen clips are on their way would cost five minutes."""
    station = a_station(tmp_path, FakeDestination)
    station.stores[0].reachable = False
    station.plug(camera_with({f"DCIM/100TEST/{n}.MP4": bytes([n]) * 100 for n in range(16)}))
    station.turn()
    station.stores[0].reachable = True
    station.clock.pass_ms(3_001)
    station.turn()
    assert set(station.states().values()) == {ClipState.VERIFIED}
