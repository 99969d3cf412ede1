"""A month of a dock whose ports raise: cameras come and go, people order, footage is disposed of."""

from __future__ import annotations

from functools import partial
from itertools import islice

from bwvdock.core.clips.states import ClipState
from bwvdock.operators.audit.disclosure import Disclose, DrawSample
from bwvdock.operators.events.requests import ImportEvents
from bwvdock.operators.holds.requests import EndHold, OpenHold
from bwvdock.operators.requests import Assign, Dispose, Enrol, EraseValues, Retry, Unhold
from bwvdock.operators.retention.requests import Restore
from tests.fakes.camera import FakeVolume
from tests.fakes.unlock import LockedCamera
from tests.service.raising_world import BAD_BAY, FOLDER, GOOD_BAY, HALF, MIDST, USB, World

_HOUR_MS, _MONTH_MS, _GRACE_MS = 3_600_000, 40 * 86_400_000, 2 * 86_400_000
_BASIS = "DPA 2018, section 47"
_RETRIES = 4


def live(world: World) -> None:
    """Live a month."""
    good, bad, mtp, doubted = world.story
    world.insert(lambda: world.plug(good, serial="CAM-GOOD", bay=GOOD_BAY), good)
    world.insert(lambda: world.plug_mtp(mtp, serial="CAM-MTP"), mtp)
    locked = world.insert(lambda: world.plug_locked(LockedCamera(), serial="CAM-LOCKED"))
    _have_a_copy_broken_off(world, bad)
    world.remove(locked)
    world.good.flips = 1
    world.insert(lambda: world.plug(doubted, serial="CAM-DOUBTED", bay="1-3"), doubted)
    world.settle()
    _give_orders(world)
    for key in list(world.docked):
        world.remove(key)
    world.settle()
    # Once more, when nothing raises any more: what could not be taken or stored is.
    for _ in range(_RETRIES):
        bays = {GOOD_BAY: good, BAD_BAY: bad, "1-3": doubted, "1-4": mtp}
        docked = [world.insert(partial(_plug_again, world, bay, bays[bay]), bays[bay]) for bay in bays]
        _release(world)
        world.clock.pass_ms(_HOUR_MS)
        world.settle()
        for key in docked:
            world.remove(key)
        world.settle()
        if world.is_served():
            break


def dispose(world: World) -> None:
    """Have all disposed of: the spool's copies early, the others when their date has come."""
    world.disposing = True
    world.order(Dispose(proven=True))
    world.settle()
    for passing in (_MONTH_MS, _GRACE_MS):  # notice is given; then copies are moved aside
        world.clock.pass_ms(passing)
        world.settle()
    known = [world.journal.clip(row.id) for row in world.reader.clips()]
    aside = tuple(clip.id for clip in known if clip is not None and clip.withdrawn)
    if aside:
        world.order(Restore(clips=aside[:1], reason="complaint 12/26"))
        world.settle()
        world.order(Unhold(clips=aside[:1], reason="closed"))
    for _ in range(2):
        world.clock.pass_ms(_GRACE_MS)
        world.settle()
    done = [row.id for row in world.reader.clips() if row.state in {ClipState.RELEASED, ClipState.RETIRED}]
    world.order(EraseValues(basis=_BASIS, clips=tuple(done[:1])))
    world.settle()


def _plug_again(world: World, bay: str, volume: FakeVolume) -> str:
    serials = {GOOD_BAY: "CAM-GOOD", "1-3": "CAM-DOUBTED", "1-4": "CAM-MTP"}
    usb = USB if bay == BAD_BAY else ""
    return world.plug(volume, serial=serials.get(bay, "SHARED"), bay=bay, usb=usb)


def _have_a_copy_broken_off(world: World, bad: FakeVolume) -> None:
    """Pull the bad camera out in the midst of a clip, then of another, of which it has other bytes then."""
    first, second = (bad.files[f"{FOLDER}/{name}.MP4"] for name in "AB")
    for broken in (first, second):
        broken.yank_at = MIDST
        key = world.insert(partial(_plug_again, world, BAD_BAY, bad), bad)
        world.settle()
        broken.yank_at = None
        world.remove(key)
        world.settle()
    changed = bytearray(second.data)
    changed[HALF] ^= 1
    world.footage.discard(second.data)
    second.data = bytes(changed)
    world.insert(partial(_plug_again, world, BAD_BAY, bad), bad)
    world.settle()


def _give_orders(world: World) -> None:
    world.order(Assign(rows=(("", "CAM-GOOD", "4411", "2026-03-01T00:00:00Z", ""),)))
    world.order(Enrol(serial="CAM-NEW"))
    world.order(EraseValues(basis=_BASIS, camera="CAM-GONE"))
    world.order(EraseValues(basis=_BASIS, officer="9999"))
    world.order(EraseValues(basis=_BASIS, before="2020-01-01T00:00:00.000Z"))
    world.order(OpenHold(reason="inquiry", place="another dock", place_kind="bay"))
    world.order(OpenHold(reason="inquiry", camera="CAM-GONE", for_request="r-0"))
    world.order(OpenHold(reason="inquiry", camera="CAM-GONE"))
    world.order(EndHold(hold="h-0", reason="inquiry"))
    world.order(ImportEvents(rows=(("2", "E-1", "4411", "", "2026-03-01T00:00:00.000Z", "", "assault"),)))
    _hand_over(world)
    world.settle()
    _release(world)
    world.settle()


def _hand_over(world: World) -> None:
    for row in islice(world.reader.clips(), 1):
        given = Disclose(
            clips=(row.id,), recipient="CPS", reason="charge", package="ab" * 32, reference="r-0"
        )
        world.order(given)
    month = {"since": "2026-02-01T00:00:00.000Z", "until": "2026-03-01T00:00:00.000Z"}
    draw = DrawSample(
        **month, per="dock", wanted=1, size=1, root="ab" * 32, population=1, clips=("c",), reason="review"
    )
    world.order(draw)


def _release(world: World) -> None:
    for clip in world.quarantined():
        if world.good.objects.get(f"{clip}.0") not in world.footage:
            world.good.objects.pop(f"{clip}.0", None)  # somebody looked into it
        world.order(Retry(clip=clip))
