"""What can happen to a simulated dock? Each operation is drawn, done, and described in one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bwvdock.core.media.names import escape
from bwvdock.core.moments import nanoseconds
from bwvdock.core.ports import FileStatus
from bwvdock.errors import MounterUnavailableError, UnreadableError
from bwvdock.service.messages import Stop
from tests.fakes.camera import FakeFile
from tests.fakes.exceptions import NASTY
from tests.fakes.hostile import HOSTILE
from tests.fakes.mtp.knobs import Measure
from tests.fakes.power import PowerCut
from tests.simulation import reviewing
from tests.simulation.cameras import FOLDER_BAY, Camera
from tests.simulation.checking_out import badge
from tests.simulation.dispatch import dispatch
from tests.simulation.dock import BAYS, SimulatedDock
from tests.simulation.edges import Make
from tests.simulation.ordering import order
from tests.simulation.outages import (
    disk_fails,
    fault_of,
    journal_fills,
    network_fails,
    signer_fails,
    spool_rots,
    store_fails,
    vault_changes,
    witness_fails,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
CAMERA_ERRORS: list[Make] = [
    lambda: UnreadableError("The card gives an error.", remedy="Dock it again."),
    lambda: MounterUnavailableError("The mounter does not answer.", remedy="Wait."),
]
_KINDS = ("", "", "", "bad", "growing", "marked", "sidecar", "unknown")
_KINDS_OVER_MTP = ("", "", "sidecar", "unknown")
_MTP_OPERATIONS = {
    "list": 0x1007,
    "describe": 0x1008,
    "read": 0x1009,
    "delete": 0x100B,
    "read a piece": 0x95C1,
}
_CAMERA_STEPS = ("list", "fingerprint", "open", "read", "erase")

Operation = Callable[[SimulatedDock], str]
"""Does something to a dock and returns what, or "" if there was nothing to do it to."""


# --- cameras ----------------------------------------------------------------------------------------


def _docked(dock: SimulatedDock) -> list[Camera]:
    return [camera for camera in dock.cameras.values() if camera.bay and not camera.is_folder]


def _undocked(dock: SimulatedDock) -> list[Camera]:
    return [camera for camera in dock.cameras.values() if not camera.bay and not camera.is_folder]


def free_bays(dock: SimulatedDock) -> list[str]:
    """Return the bays in which no camera is."""
    return sorted(set(BAYS) - {camera.bay for camera in dock.cameras.values()})


def plug(dock: SimulatedDock) -> str:
    if not (cameras := _undocked(dock)):
        return ""
    camera, bay = dock.chance.choice(cameras), dock.chance.choice(free_bays(dock))
    dock.plug(camera, bay)
    return f"{camera.serial} is docked in {bay}"


def yank(dock: SimulatedDock) -> str:
    if not (cameras := _docked(dock)):
        return ""
    camera = dock.chance.choice(cameras)
    operations = dock.chance.choice([0, 0, dock.chance.randrange(1, 40)])
    if not operations:
        return f"{camera.serial} is taken out of {dock.yank(camera)}"
    said = dock.chance.random() < 0.5

    def later() -> None:
        if camera.bay:
            dock.yank(camera, said=said) if said else dock.pull_out(camera)

    dock.after(operations, later)
    return f"{camera.serial} is pulled out in {operations} operations" + ("" if said else ", unnoticed")


def blink(dock: SimulatedDock) -> str:
    """It is gone and back: in the same bay, or in another; the kernel may report the old bay's end late."""
    if not (cameras := _docked(dock)):
        return ""
    camera = dock.chance.choice(cameras)
    target = dock.chance.choice([camera.bay, dock.chance.choice(free_bays(dock))])
    late = target != camera.bay and dock.chance.random() < 0.5
    old = dock.yank(camera, said=not late)
    dock.plug(camera, target)
    if late:
        dock.left(old)
    return f"{camera.serial} goes from {old} to {target}" + (", reported late" if late else "")


def record(dock: SimulatedDock) -> str:
    """An undocked camera records; some of it may still be being written when it is docked."""
    if not (cameras := _undocked(dock)):
        return ""
    camera = dock.chance.choice(cameras)
    return f"{camera.serial} records {record_on(dock, camera)}"


def record_on(dock: SimulatedDock, camera: Camera) -> str:
    """Put some more clips on a camera, or into a folder; return which."""
    chance, made = dock.chance, []
    for _ in range(chance.randrange(1, 4)):
        camera.recorded += 1
        hostile = camera.cable is None and chance.random() < 0.2
        name = escape(chance.choice(list(HOSTILE.values())).encode())[:40] if hostile else ""
        stem = f"DCIM/100TEST/C{camera.recorded:04}{name.replace('/', '')}"
        taken_ns = nanoseconds(dock.clock.now() - timedelta(minutes=5)) + camera.recorded
        if camera.cable is not None:  # whose dates are of whole seconds
            taken_ns = (taken_ns // 10**9 + camera.recorded) * 10**9
        data = chance.randbytes(chance.choice([1, 900, 4096, 9_000, 30_000, 140_000]) + camera.recorded)
        data += stem.encode() + camera.serial.encode()
        kind = chance.choice(_KINDS if camera.cable is None else _KINDS_OVER_MTP)
        path = f"{stem}.BIN" if kind == "unknown" else f"{stem}.MP4"
        file = FakeFile(data=data, mtime_ns=taken_ns, read_only=kind == "marked")
        if kind == "bad":
            file.bad_at = chance.randrange(len(data))
        if kind == "growing":
            camera.written[path], file.data = data, data[: len(data) // 2]
        if (
            kind == "growing" and not camera.is_folder
        ):  # of a folder nobody says so: it is judged by its files
            file.status, file.reason = FileStatus.NOT_READY, "it is still growing"
        if kind == "sidecar":
            camera.volume.files[f"{stem}.GPS"] = FakeFile(data=data[-30:], mtime_ns=taken_ns)
        camera.volume.files[path] = file
        made.append(f"{path[13:]} {len(data)} {kind}".strip())
    camera.unseen = camera.is_folder
    return ", ".join(made)


def finish_writing(dock: SimulatedDock) -> str:
    if not (cameras := [camera for camera in dock.cameras.values() if camera.written]):
        return ""
    camera = dock.chance.choice(cameras)
    path = next(reversed(camera.written))
    camera.end_writing(path)
    return f"{camera.serial} has written {path}"


def folder_is_written_to(dock: SimulatedDock) -> str:
    folder = dock.folder
    return f"into the folder come {record_on(dock, folder)}" if folder.bay else ""


def folder_goes_or_comes(dock: SimulatedDock) -> str:
    """Its share is unmounted, mounted, or both before anybody looks."""
    folder, how = dock.folder, dock.chance.choice(["goes or comes", "goes or comes", "blinks"])
    had = folder.bay
    if had:
        dock.yank(folder)
    if not had or how == "blinks":
        dock.plug(folder, FOLDER_BAY)
    return "the folder goes" + (", and is back at once" if folder.bay else "") if had else "the folder comes"


def heal_card(dock: SimulatedDock) -> str:
    bad = [
        (camera, path)
        for camera in dock.cameras.values()
        for path, file in camera.volume.files.items()
        if file.bad_at is not None
    ]
    if not bad:
        return ""
    camera, path = dock.chance.choice(bad)
    camera.volume.files[path].bad_at = None
    return f"{path} of {camera.serial} can be read again"


def camera_fails(dock: SimulatedDock) -> str:
    camera = dock.chance.choice(list(dock.cameras.values()))
    fault = fault_of(dock, dock.chance.choice(_CAMERA_STEPS), [*CAMERA_ERRORS, *NASTY], [1, 1, 3, 20])
    camera.volume.faults.arm(fault)
    return f"{camera.serial} {fault}"


def mtp_fails(dock: SimulatedDock) -> str:
    """A session ends, perhaps with all handles; or the camera stops answering, perhaps until it is docked."""
    cable, chance = dock.mtp.cable, dock.chance
    assert cable is not None
    how = chance.choice(["session", "handles", "hangs", "hangs", "well"])
    if how == "session":
        cable.end_session()
        return f"{dock.mtp.serial} forgets its session"
    if how == "handles":
        cable.renumber()
        return f"{dock.mtp.serial} gives its objects other handles"
    if how == "well":
        cable.end_faults()
        return f"{dock.mtp.serial} answers"
    name, until = chance.choice(list(_MTP_OPERATIONS)), chance.choice(list(Measure))
    times = chance.choice([1, 2, 20])
    cable.stop_answering(_MTP_OPERATIONS[name], until, times)
    return f"{dock.mtp.serial} stops answering {times} times when it is to {name}, until {until.name}"


def camera_lies(dock: SimulatedDock) -> str:
    """It lies to who erases: keeps the file, and may hide it; erases another; gives other bytes then."""
    chance, liars = dock.chance, [camera for camera in dock.cameras.values() if camera.cable is None]
    camera = chance.choice([camera for camera in liars if camera.volume.files] or liars)
    lies, how = camera.volume.lies, dock.chance.choice(["keeps", "hides", "mixes up", "differs"])
    times = chance.choice([1, 2, 2**20])
    if how == "mixes up":
        lies.mixes_up = times
        return f"{camera.serial} will erase something else {times} times"
    if how == "differs":
        lies.differs = times
        return f"{camera.serial} will give other bytes in {times} second reads"
    lies.keeps, lies.hides = times, how == "hides"
    return f"{camera.serial} will say {times} times that it erased what it keeps" + (
        " and hides" if lies.hides else ""
    )


# --- time and power ---------------------------------------------------------------------------------


def a_thread_hangs(dock: SimulatedDock) -> str:
    """What it waits for does not answer, until the dock is started again or it goes on."""
    dock.hung = dock.chance.choice(["", *sorted({worker.name for worker in dock.workers})])
    return f"the thread {dock.hung!r} hangs" if dock.hung else "no thread hangs"


def time_passes(dock: SimulatedDock) -> str:
    ms = dock.chance.choice(
        [1_000, 6_000, 30_000, MINUTE, 11 * MINUTE, HOUR, 9 * HOUR, DAY, 12 * DAY, 35 * DAY]
    )
    dock.clock.pass_ms(ms)
    dock.dock.delivery.probe()
    return f"{timedelta(milliseconds=ms)} pass"


def wall_clock_jumps(dock: SimulatedDock) -> str:
    hours = dock.chance.choice([-24 * 400, -25, -1, 0, 1, 25, 24 * 400])
    dock.clock.wrong_by, dock.jumps = timedelta(hours=hours), dock.jumps + 1
    dock.clock.is_synchronised = hours == 0 or dock.chance.random() < 0.2
    known = "" if dock.clock.is_synchronised else "not "
    return f"the wall clock is {hours} hours off, and {known}synchronised"


def turns_are_slow(dock: SimulatedDock) -> str:
    dock.clock.step_ms = dock.chance.choice([0, 0, 40, 300])
    return f"each look at the clock takes {dock.clock.step_ms} ms"


def power_will_fail(dock: SimulatedDock) -> str:
    operations = dock.chance.choice([dock.chance.randrange(6), dock.chance.randrange(80)])
    dock.supply.cut_in(operations)
    return f"the power will fail in {operations} operations"


def restart(dock: SimulatedDock) -> str:
    """Stop the dock in good order, or kill it, or cut the power between two operations."""
    how = dock.chance.choice(["stopped", "killed", "cut off"])
    if how == "stopped":
        try:
            dock.stop()
        except PowerCut:
            how = "stopped, and cut off meanwhile"
    dock.switch_off(power="cut off" in how)
    dock.switch_on()
    return f"the dock is {how}, and comes up again"


def tell_to_stop(dock: SimulatedDock) -> str:
    """A signal says that the daemon is to end; it is heard even while it waits."""
    dock.dock.inbox.put(Stop())
    return "the dock is told to stop"


OPERATIONS: dict[Operation, int] = {
    plug: 10,
    yank: 6,
    blink: 3,
    record: 10,
    finish_writing: 3,
    folder_is_written_to: 4,
    folder_goes_or_comes: 2,
    heal_card: 2,
    camera_fails: 3,
    camera_lies: 4,
    mtp_fails: 3,
    disk_fails: 3,
    spool_rots: 4,
    store_fails: 5,
    network_fails: 2,
    vault_changes: 3,
    signer_fails: 2,
    witness_fails: 3,
    journal_fills: 4,
    time_passes: 9,
    wall_clock_jumps: 2,
    turns_are_slow: 1,
    a_thread_hangs: 2,
    power_will_fail: 4,
    restart: 3,
    order: 8,
    dispatch: 5,
    badge: 10,
    reviewing.review: 3,
    reviewing.bring_back: 2,
    reviewing.request: 3,
    reviewing.rules_change: 1,
}
"""Each operation, and how often it is drawn, compared with the others."""
WHILE_WAITING = (
    folder_is_written_to,
    mtp_fails,
    plug,
    yank,
    blink,
    record,
    finish_writing,
    order,
    order,
    order,
    store_fails,
    vault_changes,
    tell_to_stop,
)
"""What may happen while the dock's thread waits for room in its journal."""
