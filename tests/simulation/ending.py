"""Does everything come to its end once the faults end and time passes?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.edges.journal import JournalReader
from bwvdock.edges.journal.events.pairing import Pairing
from bwvdock.operators.requests import Enrol, Resume, Retry
from tests.fakes.exceptions import NASTY
from tests.simulation.cameras import FOLDER_BAY
from tests.simulation.dock import MARGINS, SimulatedDock
from tests.simulation.edges import Fault, Make
from tests.simulation.operations import CAMERA_ERRORS, DAY, MINUTE, free_bays
from tests.simulation.outages import STORE_ERRORS
from tests.simulation.reviewing import bring_back, request, review, rules_change

_ROUNDS = 20
_WEEKS = 9
_SOON = 6  # rounds, then days pass: a store is assessed once a day
_UNDER_WAY = {ClipState.ACQUIRED, ClipState.UPLOADED, ClipState.QUARANTINED}
_AT_THE_END = {ClipState.VERIFIED, ClipState.RELEASING, ClipState.RELEASED, ClipState.RETIRED}


def bring_to_an_end(
    dock: SimulatedDock, steps: list[str], wrong: list[str], look: Callable[[], None]
) -> None:
    """End all faults but those of one camera or one store, and then these; let time pass, as operators work.

    `look` is called after each round.
    """
    bad = dock.chance.choice(["", *dock.cameras, *dock.stores])
    _end_faults(dock)
    _dock_all(dock)
    if bad:
        _never_works(dock, bad)
        steps.append(f"all faults end but those of {bad}, which never works; the cameras are docked")
        _go_on(dock, wrong, look, without=bad)
        _end_faults(dock)
    if not wrong:
        steps.append("all faults end, the cameras are docked, and operators do what they are asked to")
        _go_on(dock, wrong, look, without="")
    if not wrong:
        wrong += _is_confirmed(dock)
    if not wrong:
        _let_it_fall_due(dock, steps, look)


def _is_confirmed(dock: SimulatedDock) -> Iterator[str]:
    """Say what of the journal is not signed and confirmed by all two minutes after it was recorded."""
    entries = dock.journal.size()
    for _ in range(3):
        dock.clock.pass_ms(MINUTE)
        dock.work()
    if not dock.outside.there:
        return
    heads = dock.outside.remembered()
    if len(heads) < 1 + len(dock.outside.witnesses) or min(head.size for head in heads) < entries:
        yield f"of {entries} entries only {[head.size for head in heads]} are signed and confirmed"


def _let_it_fall_due(dock: SimulatedDock, steps: list[str], look: Callable[[], None]) -> None:
    """Let weeks pass in which people review what falls due, hold it, and want back what has gone."""
    for _ in range(_WEEKS):
        dock.clock.pass_ms(dock.chance.choice([1, 4, 8]) * DAY)
        steps.append(dock.chance.choice([review, bring_back, bring_back, request, rules_change])(dock))
        dock.work()
        look()


def _never_works(dock: SimulatedDock, name: str) -> None:
    faults = dock.cameras[name].volume.faults if name in dock.cameras else dock.stores[name].faults
    makes: list[Make] = [*NASTY, *(CAMERA_ERRORS if name in dock.cameras else STORE_ERRORS)]
    faults.arm(Fault(make=dock.chance.choice(makes), times=2**60))


def _dock_all(dock: SimulatedDock) -> None:
    dock.order(Resume())
    for serial, camera in dock.cameras.items():
        dock.order(Enrol(serial=serial))
        if not camera.bay:
            dock.plug(camera, FOLDER_BAY if camera.is_folder else free_bays(dock)[0])


def _go_on(dock: SimulatedDock, wrong: list[str], look: Callable[[], None], *, without: str) -> None:
    for number in range(_ROUNDS):
        dock.work()
        look()
        if wrong or not list(_unfinished(dock, without)):
            return
        _do_what_is_asked(dock)
        dock.clock.pass_ms(11 * MINUTE if number < _SOON else DAY + MINUTE)
        dock.dock.delivery.probe()
    dock.work()
    wrong += _unfinished(dock, without)


def _do_what_is_asked(dock: SimulatedDock) -> None:
    """Do as operators do: retry clips in quarantine, dock a camera again that is done, failed or hangs."""
    for clip in dock.clips():
        if clip.state is ClipState.QUARANTINED or clip.refused or clip.undescribed:
            _tidy(dock, clip)
            dock.order(Retry(clip=clip.id))
    for bay in list(dock.bays().values()):
        state, said = dock.shown(bay)
        if state in {"safe-to-remove", "failed"} or "no longer answers" in said:
            camera = dock.cameras[bay.serial]
            there = dock.yank(camera)
            dock.watched_folder.look()
            dock.plug(camera, there)


def _tidy(dock: SimulatedDock, clip: Clip) -> None:
    """Remove from the stores what is not the clip: who runs a store does that, and the dock never."""
    for number, part in enumerate(clip.parts):
        for store in dock.stores.values():
            content = store.own.objects.get(f"{clip.id}.{number}")
            if content is not None and hashlib.sha256(content).hexdigest() != part.sha256:
                del store.own.objects[f"{clip.id}.{number}"]
                if number:  # a whole sidecar, of a clip that was copied again when its camera had it no more
                    store.lost.add(f"{clip.id}.{number}")


def _end_faults(dock: SimulatedDock) -> None:
    dock.later, dock.hung = [], ""
    dock.disk_faults.end()
    dock.disk.flips = dock.disk.refusals = 0
    dock.disk.capacity = 2**40
    dock.journal_disk.free(dock.journal)
    dock.clock.is_synchronised, dock.clock.step_ms = True, 0
    dock.outside.end_faults()
    for store in dock.stores.values():
        store.end_faults()
    for camera in dock.cameras.values():
        camera.volume.faults.end()
        camera.volume.lies.end()
        if camera.cable is not None:
            camera.cable.end_faults()
        if camera.bay and not camera.volume.plugged:
            dock.yank(camera)
        for file in camera.volume.files.values():
            file.bad_at = None
        for path in list(camera.written):
            camera.end_writing(path)
    dock.supply.cut_in(2**60)


def _unfinished(dock: SimulatedDock, without: str) -> Iterator[str]:
    """Say what has not come to its end, but for one camera or store that does not work."""
    if busy := [worker.name for worker in dock.workers if worker.jobs]:
        yield f"{busy} still have work"
    known = dock.clips()
    for clip in known:
        if clip.camera != without:
            yield from _unfinished_clip(dock, clip, without)
    found = {(clip.camera, clip.files[0].path) for clip in known}
    for camera in dock.cameras.values():
        for path in camera.volume.files if camera.serial != without else ():
            if path.endswith(".MP4") and (camera.serial, path) not in found:
                yield f"{path} of {camera.serial} was never found"
    yield from _unmatched(dock, [clip.id for clip in known])
    for bay in dock.bays().values():
        state, said = dock.shown(bay)
        if state != "safe-to-remove" and bay.serial != without:
            yield f"{bay.serial} is {state} at the end: {said}"


def _unmatched(dock: SimulatedDock, clips: list[str]) -> Iterator[str]:
    with JournalReader(dock.journal_file) as reader:
        for fact in reader.report(lambda db: Pairing(db, MARGINS).compare(clips)):
            yield f"the matches of clip {fact.clip} are not what is known: {fact.events}"


def _unfinished_clip(dock: SimulatedDock, clip: Clip, without: str) -> Iterator[str]:
    path = clip.files[0].path
    if clip.state is ClipState.FOUND and not dock.cameras[clip.camera].holds(clip.files[0]):
        return
    ends = _AT_THE_END if without not in dock.stores else {*_AT_THE_END, *_UNDER_WAY}
    if clip.state not in ends:
        yield f"{path} ({clip.id}) of {clip.camera} is {clip.state}: {clip.quarantine}"
        return
    for name, store in dock.stores.items():
        needed = dock.required[name] and name not in clip.disposed and name != without
        if needed and f"{clip.id}.0" not in store.own.objects.keys() | store.lost | store.aside.keys():
            yield f"{path} ({clip.id}) of {clip.camera} is not in {name}"
