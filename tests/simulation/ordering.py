"""What do operators order of a simulated dock?"""

from __future__ import annotations

from datetime import timedelta

from bwvdock.core.moments import iso
from bwvdock.operators.audit.disclosure import Disclose
from bwvdock.operators.holds.requests import EndHold, OpenHold
from bwvdock.operators.requests import (
    Assign,
    Dispose,
    Enrol,
    Flag,
    Hold,
    Hurry,
    Pause,
    Request,
    Resume,
    Retry,
    Revoke,
    Unflag,
    Unhold,
)
from tests.simulation.dock import SimulatedDock


def order(dock: SimulatedDock) -> str:
    request = _request(dock)
    if request is None:
        return ""
    operations = dock.chance.choice([0, 0, 0, dock.chance.randrange(1, 30)])
    if operations:
        dock.after(operations, lambda: dock.order(request))
        return f"in {operations} operations an operator orders {request}"
    dock.order(request)
    return f"an operator orders {request}"


def _request(dock: SimulatedDock) -> Request | None:
    chance, serial = dock.chance, dock.chance.choice(list(dock.cameras))
    since = iso(dock.clock.now() - timedelta(hours=chance.randrange(100)))
    general: list[Request] = [
        *(Enrol(serial=serial), Enrol(serial=serial), Revoke(serial=serial, reason="lost")),
        *(Pause(), Resume(), Resume(), Dispose(), Dispose(proven=True)),
        Assign(rows=(("", serial, chance.choice(["4411", "4412"]), since, ""),)),
        OpenHold(reason="inquiry", camera=serial),
        OpenHold(reason="inquiry", officer=chance.choice(["4411", "4412"]), since=since),
        *(EndHold(hold=hold.id, reason="closed") for hold in dock.journal.holds.standing()),
    ]
    if chance.random() < 0.4:
        return chance.choice(general)
    known = [clip.id for clip in dock.clips()]
    if not known:
        return None
    clips = (chance.choice(known),)
    of_clips: list[Request] = [
        *(Retry(clip=clips[0]), Retry(clip=clips[0])),
        *(Flag(clips=clips, reason="assault"), Unflag(clips=clips, reason="a mistake")),
        *(Hold(clips=clips, reason="inquiry"), Unhold(clips=clips, reason="it is over")),
        *(Hurry(clips=clips), Hurry(clips=clips, reason="the custody clock runs")),
        Disclose(clips=clips, recipient="CPS", reason="charge", package=chance.choice(["", "ab" * 32])),
    ]
    return chance.choice(of_clips)
