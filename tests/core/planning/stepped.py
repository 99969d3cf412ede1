"""A station again, in small steps of time: written from what the documentation says, not from the model.

Every step, each camera and each transfer moves by as much as its share gives. Slow, and as coarse as its
steps; it shares the measured figures with bwvdock/core/planning/, and no line of what is made of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bwvdock.core.planning import figures

STEP = 0.05  # seconds
CLIP_WORK = (
    figures.ACQUIRE_CLIP.value
)  # bytes that could be read in the time that a clip takes beside its own
BATCH_BYTES = 64 * 1024 * 1024  # of clips that are made durable together; a larger clip is alone
CLIP_SECONDS = figures.SEND_CLIP.value / 1e6  # of the dock's thread, for each clip at each store
NO_HUB = float("inf")


@dataclass(frozen=True, kw_only=True)
class World:
    """Arrivals in seconds; each camera has these clips, in bytes. Rates in bytes per second."""

    arrivals: Sequence[float]
    clips: Sequence[int]
    hubs: Sequence[int]  # the ports of each
    port: float
    hub: float
    copied: float  # what disk and dock copy, all cameras together
    attach: float
    commit: float
    uplink: Sequence[tuple[float, float]]  # until this second of the day: rate
    upload: float  # the most of one transfer
    passes: Sequence[int]
    parallel: int


def level(caps: Sequence[float], total: float) -> float:
    """Return the level to which caps are filled so that they sum to `total`, by bisection."""
    if sum(caps) <= total:
        return max(caps, default=0.0)
    low, high = 0.0, max(caps)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if sum(min(c, middle) for c in caps) > total else (middle, high)
    return low


def copy(world: World) -> tuple[list[float], list[float]]:
    """Return when each camera was safe, and when each clip of any camera was on the disk.

    Clips are read batch by batch; while one is made durable, the next is not read.
    """
    queue = sorted(range(len(world.arrivals)), key=lambda n: world.arrivals[n])
    docked: dict[int, tuple[int, float]] = {}  # camera -> hub, since
    batches = {n: batches_of(world.clips) for n in queue}
    left = {n: read(batches[n][0]) for n in queue}
    finished: dict[int, float] = {}  # the batch that was read, and since when
    safe: dict[int, float] = {}
    copied, now = [], 0.0
    while len(safe) < len(world.arrivals):
        for n in [n for n in finished if now >= finished[n] + world.commit]:
            del finished[n]
            copied += [now] * len(batches[n].pop(0))
            if batches[n]:
                left[n] = read(batches[n][0])
            else:
                safe[n] = now
                del docked[n]
        while queue and world.arrivals[queue[0]] <= now:
            used = [sum(hub == h for hub, _ in docked.values()) for h in range(len(world.hubs))]
            free = [h for h in range(len(world.hubs)) if used[h] < world.hubs[h]]
            if not free:
                break
            docked[queue.pop(0)] = (min(free, key=lambda h: (used[h], h)), now)
        reading = [n for n, (_, since) in docked.items() if now >= since + world.attach and n not in finished]
        on_hub = [sum(docked[n][0] == h for n in reading) for h in range(len(world.hubs))]
        caps = {n: min(world.port, world.hub / on_hub[docked[n][0]]) for n in reading}
        most = level(list(caps.values()), world.copied)
        now += STEP
        for n in reading:
            left[n] -= min(caps[n], most) * STEP
            if left[n] <= 0:
                finished[n] = now
    return sorted(safe.values()), copied


def batches_of(clips: Sequence[int]) -> list[list[int]]:
    """Return the clips in batches."""
    found: list[list[int]] = []
    for size in clips:
        if found and sum(found[-1]) + size <= BATCH_BYTES:
            found[-1].append(size)
        else:
            found.append([size])
    return found


def read(batch: Sequence[int]) -> float:
    """Return what is read of a batch, with what its clips take beside their bytes."""
    return sum(batch) + CLIP_WORK * len(batch)


@dataclass
class Transfer:
    """A clip on its way to a store: bytes or seconds left, and what still follows."""

    left: float
    store: int
    clip: int
    to_come: list[str]


def send(world: World, ready: Sequence[float], sizes: Sequence[int]) -> list[float]:
    """Return when each clip was proven in every store; `ready` is when it was on the disk, in order."""
    line: list[Transfer] = []
    thread: list[Transfer] = []
    taken, busy = [0] * len(world.passes), [0] * len(world.passes)
    left, proven, now = [len(world.passes)] * len(sizes), [0.0] * len(sizes), 0.0
    while any(left):
        for store, passes in enumerate(world.passes):
            while busy[store] < world.parallel and taken[store] < len(sizes) and ready[taken[store]] <= now:
                to_come = ["thread", "line"] if passes > 1 else ["thread"]
                line.append(Transfer(sizes[taken[store]], store, taken[store], to_come))
                taken[store] += 1
                busy[store] += 1
        rate = next(rate for until, rate in world.uplink if now % 86400 < until)
        now += STEP
        for transfer in moved(line, world.upload, rate) + worked(thread):
            if not transfer.to_come:
                busy[transfer.store] -= 1
                left[transfer.clip] -= 1
                proven[transfer.clip] = now
            elif transfer.to_come.pop(0) == "line":
                transfer.left = sizes[transfer.clip]
                line.append(transfer)
            else:
                transfer.left = CLIP_SECONDS
                thread.append(transfer)
    return proven


def moved(line: list[Transfer], most: float, rate: float) -> list[Transfer]:
    """Let a step pass on the line; return those that have passed, which are on it no more."""
    each = min(most, rate / max(1, len(line)))
    for transfer in line:
        transfer.left -= each * STEP
    return [line.pop(n) for n in reversed(range(len(line))) if line[n].left <= 0][::-1]


def worked(thread: list[Transfer]) -> list[Transfer]:
    """Let the thread work for a step; return those that it is done with, which it has no more."""
    time, done = STEP, []
    while thread and time > 0:
        spent = min(time, thread[0].left)
        thread[0].left -= spent
        time -= spent
        if thread[0].left <= 1e-9:
            done.append(thread.pop(0))
    return done
