"""How do the disks and the stores of a simulated dock fail, and when are they well again?"""

from __future__ import annotations

from collections.abc import Sequence

from bwvdock.core.clips.proof import Assessment
from bwvdock.errors import (
    AccessDeniedError,
    DestinationRefusedError,
    DestinationUnavailableError,
    ObjectConflictError,
    SpoolFullError,
    StorageError,
)
from tests.fakes.destination import Medium
from tests.fakes.exceptions import NASTY
from tests.fakes.hostile import HOSTILE
from tests.simulation.dock import SimulatedDock
from tests.simulation.edges import Fault, Faults, FaultyStore, Make
from tests.simulation.outside import SIGNER_ERRORS, STEPS, WITNESS_ERRORS

STORE_ERRORS: list[Make] = [
    lambda: DestinationUnavailableError("the store does not answer", remedy="Wait"),
    lambda: DestinationUnavailableError("the store asks to wait", remedy="Wait", retry_after=1200),
    lambda: DestinationUnavailableError("the store asks for much", remedy="Wait", retry_after=1e12),
    lambda: AccessDeniedError("the store rejects the credentials", remedy="Renew them"),
    lambda: DestinationRefusedError("the store refuses the clip", remedy="Look at it"),
    lambda: ObjectConflictError("other content stands there", remedy="Look at it"),
]
_DISK: list[Make] = [
    lambda: StorageError("the disk gives an error", remedy="Look at it"),
    lambda: SpoolFullError("the disk is full", remedy="Make room"),
]
_STORE_STEPS = ("assess", "store", "put", "prove", "describe", "probe", "dispose")
_DISK_CHANGES = ("create", "write", "rename", "remove")
_DISK_STEPS = (*_DISK_CHANGES, "sync", "read")


def disk_fails(dock: SimulatedDock) -> str:
    how = dock.chance.choice(["flips", "refusals", "raises", "full", "room"])
    if how == "flips":
        dock.disk.flips = dock.chance.choice([1, 2, 8])
        return f"the disk keeps {dock.disk.flips} writes wrong by a bit"
    if how == "refusals":
        dock.disk.refusals = dock.chance.choice([1, 2, 5])
        return f"the disk refuses {dock.disk.refusals} syncs"
    if how == "raises":
        step = dock.chance.choice(_DISK_STEPS)
        fault = fault_of(dock, step, [*_DISK, *NASTY] if step in _DISK_CHANGES else NASTY, [1, 2, 9])
        dock.disk_faults.arm(fault)
        return f"the disk {fault}"
    room = dock.chance.choice([0, 5_000, 60_000]) if how == "full" else 2**40
    dock.disk.capacity = dock.disk.used + room
    return f"the disk has room for {room} bytes"


def spool_rots(dock: SimulatedDock) -> str:
    """A bit of an acquired copy changes by itself: one that no store has first, while its camera has it."""
    there = {
        file.data
        for camera in dock.cameras.values()
        for path, file in camera.volume.files.items()
        if path not in camera.written  # of what is still being written, the bytes so far do not stay
    }
    spool = dock.disk.durable()
    clips = sorted(dock.clips(), key=lambda clip: (bool(clip.receipts), clip.id))
    names = [f"{clip.id}.{number}" for clip in clips for number in range(len(clip.parts))]
    sound = [name for name in names if spool.get(name) and spool[name] in there and name in dock.disk.names]
    if not sound:
        return ""
    name = dock.chance.choice(sound[:3])
    dock.rotted[name] = spool[name]
    dock.disk.rot(name)
    return f"the spool's {name} rots"


def store_fails(dock: SimulatedDock) -> str:
    store = dock.chance.choice(list(dock.stores.values()))
    return f"{store.name} {dock.chance.choice(_STORE_FAILS)(dock, store)}"


def network_fails(dock: SimulatedDock) -> str:
    """No store can be reached, so that what is copied waits in the spool."""
    for store in dock.stores.values():
        store.reachable = False
    return "no store can be reached"


def _is_away(dock: SimulatedDock, store: FaultyStore) -> str:
    store.reachable = False
    return "cannot be reached"


def _raises(dock: SimulatedDock, store: FaultyStore) -> str:
    fault = fault_of(dock, dock.chance.choice(_STORE_STEPS), [*STORE_ERRORS, *NASTY], [1, 2, 12])
    store.faults.arm(fault)
    return str(fault)


def _flips(dock: SimulatedDock, store: FaultyStore) -> str:
    store.flips = dock.chance.choice([1, 3])
    return f"keeps {store.flips} objects wrong by a bit"


def _drops(dock: SimulatedDock, store: FaultyStore) -> str:
    store.drops = dock.chance.choice([1, 3])
    return f"says that it keeps {store.drops} objects, and drops them"


def _loses(dock: SimulatedDock, store: FaultyStore) -> str:
    if not store.own.objects:
        return "has nothing to lose"
    lost = dock.chance.choice(list(store.own.objects))
    del store.own.objects[lost]
    store.lost.add(lost)
    return f"loses {lost}"


def _says(dock: SimulatedDock, store: FaultyStore) -> str:
    store.says = dock.chance.choice(list(HOSTILE.values()))
    return f"says {store.says[:30]!r}"


def _proves_nothing(dock: SimulatedDock, store: FaultyStore) -> str:
    store.assessment = Assessment(method=None, words="it says no more than that it has it")
    return "proves nothing"


def _is_well(dock: SimulatedDock, store: FaultyStore) -> str:
    store.end_faults()
    return "is well again"


_STORE_FAILS = (_is_away, _raises, _raises, _flips, _drops, _loses, _says, _proves_nothing, _is_well)


def fault_of(dock: SimulatedDock, step: str, makes: Sequence[Make], times: Sequence[int]) -> Fault:
    return Fault(make=dock.chance.choice(makes), times=dock.chance.choice(times), of=frozenset({step}))


def vault_changes(dock: SimulatedDock) -> str:
    """It goes away, and comes back as itself, as another vault, or as an empty place."""
    vault, chance = dock.stores["vault"], dock.chance
    how = chance.choice(["away", "itself", "another", "a copy", "empty"])
    vault.reachable = how != "away"
    if how == "itself":
        vault.mount(vault.own)
    elif how == "another":
        vault.mount_another(Medium(mark="another", objects={"01kknxf55000000000.0": b"another dock's"}))
    elif how == "a copy":  # of the vault, made a while ago, and used by another dock since
        vault.mount_another(Medium(mark="another", objects=dict(vault.own.objects)))
    elif how == "empty":
        vault.mount_another(Medium(mark=""))
    return "the vault is away" if how == "away" else f"where the vault is expected, there is {how}"


def journal_fills(dock: SimulatedDock) -> str:
    """Its disk is full, or nearly, until the dock has waited for room so often; or it has room again."""
    if dock.journal_disk.waits:
        dock.journal_disk.free(dock.journal)
        return "the journal's disk has room again"
    room, waits = dock.chance.choice([0, 0, 1, 3, 8]), dock.chance.choice([1, 2, 5, 20])
    dock.journal_disk.fill(dock.journal, room=room, waits=waits)
    return f"the journal's disk has room for {room} pages, until {waits} waits for more are over"


def signer_fails(dock: SimulatedDock) -> str:
    """It cannot be reached, or its answer is lost: then it remembers what the dock does not know of."""
    return f"the signer {_outside_fails(dock, dock.outside.signer.faults, SIGNER_ERRORS)}"


def witness_fails(dock: SimulatedDock) -> str:
    if not dock.outside.witnesses:
        return ""
    witness = dock.chance.choice(dock.outside.witnesses)
    return f"witness {witness.name} {_outside_fails(dock, witness.faults, WITNESS_ERRORS)}"


def _outside_fails(dock: SimulatedDock, faults: Faults, makes: Sequence[Make]) -> str:
    if dock.chance.random() < 0.3:
        faults.end()
        return "is well"
    fault = fault_of(dock, dock.chance.choice(STEPS), [*makes, *NASTY], [1, 1, 4, 30])
    faults.arm(fault)
    return str(fault)
