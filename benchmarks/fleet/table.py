"""What was seen of a fleet's night, as a table: what was promised, beside what came of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from benchmarks.fleet.docks import Passed
from benchmarks.fleet.figures import common, length, merged, most_within, shares, without
from benchmarks.fleet.plan import Night, PlannedClip
from benchmarks.fleet.store import DISKS, Access, Kept
from benchmarks.measure import table

_SPREAD, _FAIR = 30.0, 2.0  # to reach: seconds, ratio
_SHORTEST = 20.0  # seconds; in less, one clip more or less is most of what a dock sends
_AT_ONCE = 2.0  # seconds in which docks that come count as coming together


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What docks and store were seen to have; times in seconds since 1970, mappings by dock.

    `given` is what was on its camera, by SHA-256; `clips` and `status` as its commands say; `used` its
    processor seconds and MiB; `kept` what the bucket has, by key.
    """

    killed: float
    returned: float
    done: float
    given: Mapping[str, Mapping[str, PlannedClip]]
    clips: Mapping[str, Sequence[Mapping[str, Any]]]
    status: Mapping[str, Mapping[str, Any]]
    passed: Mapping[str, Passed]
    used: Mapping[str, tuple[float, float]]
    accesses: Sequence[Access]
    kept: Mapping[str, Kept]
    unfinished: int


def lost(seen: Seen) -> list[str]:
    """Return each clip that was on a camera and is not proven by its dock, or not at the store as it was."""
    found = []
    for dock, given in seen.given.items():
        receipts = {clip["sha256"]: clip["receipts"] for clip in seen.clips[dock]}
        for digest, clip in given.items():
            proven = [r for r in receipts.get(digest, []) if r["sha256"] == digest and _stands(seen, r)]
            if not proven:
                found.append(f"{dock}/{clip.name}: {receipts.get(digest)}")
    return found


def _stands(seen: Seen, receipt: Mapping[str, Any]) -> bool:
    kept = seen.kept.get(receipt["object"])
    return kept is not None and kept.sha256 == receipt["sha256"] and receipt["version"] in kept.versions


def twice(seen: Seen) -> list[str]:
    """Return each object too many: a second with a clip's bytes, a second version, one that was deleted."""
    of_digest: dict[str, list[str]] = {}
    for key, kept in seen.kept.items():
        of_digest.setdefault(kept.sha256, []).append(key)
    copies = [f"{digest}: {keys}" for digest, keys in of_digest.items() if len(keys) > 1]
    versions = [f"{key}: {k}" for key, k in seen.kept.items() if len(k.versions) > 1 or k.deleted]
    known = {digest for given in seen.given.values() for digest in given}
    return copies + versions + [f"{digest}: unknown" for digest in of_digest.keys() - known]


def section(night: Night, seen: Seen, *, load: float) -> str:
    """Return the section of the document."""
    for problem in [*lost(seen), *twice(seen)]:
        print(f"  PROBLEM {problem}")
    all_clips = [clip for given in seen.given.values() for clip in given.values()]
    size = sum(clip.size for clip in all_clips)
    rows = [
        *_kept_rows(seen, len(all_clips)),
        *_return_rows(seen),
        *_fair_rows(seen),
        *_load_rows(seen, size),
    ]
    text = _TEXT.format(
        docks=night.docks,
        clips=len(all_clips),
        size=size / 1e6,
        limit=night.limit * 8 / 1e6,
        minutes=night.seconds / 60,
        uplinks=night.docks * night.limit / 1e6,
        disks=DISKS,
        away=seen.returned - seen.killed,
        load=load,
        cores=os.cpu_count(),
    )
    return (
        f"## A fleet: {night.docks} docks and one store\n\n{text}\n\n{table(['', 'seen', 'to reach'], rows)}"
    )


_TEXT = """\
{docks} daemons, each with its own state directory and an uplink limited to {limit:.2f} Mbit/s, brought
{clips} clips ({size:.0f} MB) to one Ceph RadosGW with Object Lock ("compliance") on {disks} disks, each of
which keeps a copy. Each dock's footage came in three dockings at times of its own; the night lasted
{minutes:g} minutes. In its middle all of the store was killed (SIGKILL: gateway, disks, monitor) and was back
after {away:.0f} s. Times are from the gateway's access log; the bucket was listed, fetched and hashed with
boto3. All uplinks together carry {uplinks:.2f} MB/s. The machine's load was {load:.1f} on {cores} cores when
this began."""


def _kept_rows(seen: Seen, number: int) -> list[list[str]]:
    missing, more = lost(seen), twice(seen)
    waiting = sum(status["queue"]["clips"] for status in seen.status.values())
    return [
        [
            "clips proven by their dock, at the store with their SHA-256",
            f"{number - len(missing)}",
            f"{number}",
        ],
        ["lost", f"{len(missing)}", "0"],
        ["footage objects in the bucket", f"{len(seen.kept)}", f"{number}"],
        ["versions of footage", f"{sum(len(k.versions) for k in seen.kept.values())}", f"{number}"],
        ["there twice, or deleted", f"{len(more)}", "0"],
        ["multipart uploads that nobody finished", f"{seen.unfinished}", "0"],
        ["clips that wait in a queue", f"{waiting}", "0"],
    ]


def _return_rows(seen: Seen) -> list[list[str]]:
    first, stored = _after(seen, stored=False), _after(seen, stored=True)
    if len(first) < len(seen.given):
        return [["docks that came back", f"{len(first)}", f"{len(seen.given)}"]]
    times = sorted(at - seen.returned for at in first.values())
    return [
        ["first request of the first dock after the store was back", f"{times[0]:.1f} s", ""],
        ["of the dock in the middle; of the last one", f"{median(times):.1f} s; {times[-1]:.1f} s", ""],
        ["spread from the first to the last", f"{times[-1] - times[0]:.1f} s", f"at least {_SPREAD:.0f} s"],
        [
            f"most docks whose first request came within {_AT_ONCE:.0f} s",
            f"{most_within(times, _AT_ONCE)}",
            "",
        ],
        ["first object stored, by the last dock", f"{max(stored.values()) - seen.returned:.1f} s", ""],
    ]


def _after(seen: Seen, *, stored: bool) -> dict[str, float]:
    """Return when each dock's first request after the return began, or the first that stored something."""
    first: dict[str, float] = {}
    for access in seen.accesses:
        if access.at > seen.killed and access.user in seen.given and (access.stored or not stored):
            first.setdefault(access.user, access.at)
    return first


def _fair_rows(seen: Seen) -> list[list[str]]:
    back = max(_after(seen, stored=True).values(), default=seen.done)
    sent = {
        dock: [(a.at, a.at + a.took, a.size) for a in seen.accesses if a.user == dock and a.stored]
        for dock in seen.given
    }
    busy = common([_work(clips) for clips in seen.clips.values()])
    rows = []
    whole = without(busy, (seen.killed, back))
    for name, spans in (
        ("before the store was away", common([whole, [(0.0, seen.killed)]])),
        ("after the last dock was back", common([whole, [(back, seen.done)]])),
    ):
        each = sorted(shares(sent, spans).values())
        rows.append([f"all docks had work {name}", f"{length(spans):.0f} s", ""])
        if length(spans) < _SHORTEST:
            continue
        ratio = f"{each[-1] / each[0]:.2f}" if each[0] else "one sent nothing"
        rows += [
            ["- together they sent", f"{sum(each) / length(spans) / 1e6:.2f} MB/s", ""],
            ["- most beside least that a dock sent", ratio, f"under {_FAIR:.0f}"],
        ]
    return rows


def _work(clips: Sequence[Mapping[str, Any]]) -> list[tuple[float, float]]:
    """Return when a dock had something to send: a clip that it had acquired and the store had not proven."""
    return merged(
        (_time(clip["acquired_at"]), _time(receipt["received_at"]))
        for clip in clips
        for receipt in clip["receipts"]
    )


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _load_rows(seen: Seen, size: int) -> list[list[str]]:
    requests = [access for access in seen.accesses if access.user in seen.given]
    times = [access.at for access in requests]
    seconds = seen.done - min(times) - (seen.returned - seen.killed)
    clips = sum(len(given) for given in seen.given.values())
    again = sum(passed.again for passed in seen.passed.values())
    failed = sum(passed.failed for passed in seen.passed.values())
    errors = sum(access.code >= 500 for access in requests)
    processor = sum(cpu for cpu, _ in seen.used.values())
    return [
        ["requests a second while the store was there", f"{len(requests) / seconds:.1f}", ""],
        ["most in one second", f"{most_within(times, 1.0)}", ""],
        ["requests for each clip, everything counted", f"{len(requests) / clips:.1f}", ""],
        ["answers with 5xx; attempts that failed, in the journals", f"{errors}; {failed}", ""],
        ["bytes sent / needed", f"{1 + again / size:.3f}", ""],
        ["a daemon's processor seconds for each GB, in the mean", f"{processor / size * 1e9:.0f}", ""],
        ["a daemon's peak memory: median, most", _mib([mib for _, mib in seen.used.values()]), ""],
    ]


def _mib(peaks: Sequence[float]) -> str:
    return f"{median(peaks):.0f}; {max(peaks):.0f} MiB"
