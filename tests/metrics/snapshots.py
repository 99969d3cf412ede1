"""Snapshots of docks for tests of figures: one that is well, and any that there could be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

from bwvdock.config.settings import Config, parse
from bwvdock.core.clips.states import ClipState
from bwvdock.core.custody.summary import JournalSummary
from bwvdock.core.moments import iso
from bwvdock.edges.journal.read.figures import Numbers
from bwvdock.errors import NoAnswerError
from bwvdock.metrics.counters import ACQUIRED, SAFE_BOUNDS, UPLOADED, VERIFIED, Counters
from bwvdock.metrics.figures import Snapshot
from bwvdock.runtime.turn_times import BOUNDS
from bwvdock.status.alerts import Alert, AlertCode, Severity
from bwvdock.status.report import report
from bwvdock.status.values import CameraState, Live, LiveCamera, LiveDestination, LiveFeed, SpoolUse

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
PERSONAL = "PERSONAL"
"""A part of every text that no figure may show."""


@dataclass(frozen=True, slots=True)
class World:
    """A snapshot, and whether the dock answered."""

    seen: Snapshot
    answered: bool


def config(site: str = "Lewisham", stores: tuple[str, ...] = ("vault",)) -> Config:
    destinations = [{"name": name, "kind": "directory", "path": f"/srv/{name}"} for name in stores]
    sources = [{"kind": "folder", "path": f"/srv/{PERSONAL}", "serial": f"{PERSONAL}-17"}]
    document = {"dock": {"id": "LEW-03", "site": site}, "destination": destinations, "source": sources}
    return parse(document, file=Path("/etc/bwvdock/bwvdock.toml"), content=b"")


_counts = st.integers(0, 2**53)
_maybe = st.none() | _counts
_any_text = st.text(st.characters(), max_size=300)  # with halves of pairs, controls and quotes
_moments = st.none() | st.integers(0, 10**9).map(lambda s: iso(NOW - timedelta(seconds=s)))
_sites = st.text(st.characters(categories=["L", "P", "S"]), min_size=1, max_size=200)
_names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)


@st.composite
def _stores(draw: st.DrawFn, name: str) -> LiveDestination:
    return LiveDestination(
        name=name,
        kind="directory",
        reachable=draw(st.none() | st.booleans()),
        error=draw(st.just("") | st.just(f"{PERSONAL} cannot be reached")),
        method=draw(st.none() | st.sampled_from(["", "read-back"])),
        assessed_at=draw(_moments),
        clips_sending=draw(_counts),
        bytes_sending=draw(_counts),
    )


@st.composite
def _cameras(draw: st.DrawFn) -> LiveCamera:
    transport = draw(st.sampled_from(["mass-storage", "mtp", "folder"]))
    return LiveCamera(
        serial=draw(st.just(f"{PERSONAL}-17") | st.just(f"{PERSONAL}-18")),
        officer=PERSONAL,
        bay=f"folder /srv/{PERSONAL}" if transport == "folder" else draw(st.just("1-2.3") | _any_text),
        transport=transport,
        state=draw(st.sampled_from(CameraState)),
        reason=f"{PERSONAL}",
        bytes_total=draw(_counts),
        bytes_copied=draw(_counts),
        docking=PERSONAL,
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Any dock: its daemon answers or not, its journal can be read or not."""
    names = tuple(draw(st.lists(_names, min_size=1, max_size=3, unique_by=str.lower)))
    given = config(stores=names, site=draw(_sites))
    answered, read = draw(st.booleans()), draw(st.booleans())
    alerts = draw(st.lists(st.tuples(st.sampled_from(AlertCode), st.sampled_from(Severity)), max_size=8))
    live = Live(
        started_at=iso(NOW),
        paused=draw(st.booleans()),
        cameras=tuple(draw(st.lists(_cameras(), max_size=4))),
        destinations=tuple(draw(_stores(name)) for name in names if draw(st.booleans())),
        spool=SpoolUse(bytes=draw(_maybe), free_bytes=draw(st.none() | st.integers(-(2**40), 2**53))),
        alerts=tuple(Alert(code=c, severity=s, message=PERSONAL, remedy=PERSONAL) for c, s in alerts),
    )
    summary = JournalSummary(
        entries=draw(_counts),
        root="3f" * 32,
        clips={state: draw(st.integers(0, 10**6)) for state in ClipState},
        queue_clips=draw(_counts),
        queue_bytes=draw(_counts),
        queue_oldest_at=draw(_moments),
        last_receipts={PERSONAL: iso(NOW)},
        paused=draw(st.booleans()),
        running=True,
        started_at=None,
        checkpoint_at=draw(_moments | st.just("not a time")),
        verified_at=draw(_moments),
        backup_at=draw(_moments),
        problems=draw(_counts),
    )
    silence = NoAnswerError(f"{PERSONAL} does not answer.", remedy=PERSONAL)
    status = report(
        summary if read else None,
        live if answered else None,
        given,
        now=NOW,
        silence=None if answered else silence,
    )
    return World(
        Snapshot(
            at=NOW,
            status=status,
            read=read,
            started_at=draw(st.just("") | st.just(iso(NOW))),
            required={store.name: store.required for store in given.destinations},
            numbers=draw(st.none() | st.builds(_numbers, _counts, _maybe, _moments)) if read else None,
            counters=draw(st.none() | st.just(counters(names))),
            turns=draw(st.none() | st.just((tuple(range(len(BOUNDS) + 1)), 3.25))),
            bays={f"{PERSONAL}-17": "folder-1"},
            vaults={name: draw(_counts) for name in names if draw(st.booleans())},
        ),
        answered,
    )


def _numbers(held: int, absent: int | None, witnessed: str | None) -> Numbers:
    return Numbers(clips_held=held, cameras_enrolled=held, cameras_absent=absent, witnessed_at=witnessed)


def counters(stores: tuple[str, ...] = ("vault",)) -> Counters:
    """Return counters of a start in which something happened of each kind."""
    made = Counters(caught_up=True, safe_seconds=75.5)
    made.clips[ACQUIRED], made.bytes[ACQUIRED] = 3, 3000
    for name in stores:
        for kind in (UPLOADED, VERIFIED):
            made.clips[kind, name], made.bytes[kind, name] = 2, 2000
        made.errors[name] = 4
    made.clips[UPLOADED, PERSONAL] = 1  # a store that the configuration no longer has
    made.dockings.update(complete=2, refused=1)
    made.safe = [1] * (len(SAFE_BOUNDS) + 1)
    return made


def well(name: str = "vault") -> Snapshot:
    """Return a dock where everything is known, and something is so of each kind."""
    given = config(stores=(name,))
    live = Live(
        started_at=iso(NOW - timedelta(hours=8)),
        cameras=(
            LiveCamera(serial="A-1", bay="1-2", transport="mtp", state=CameraState.COPYING, bytes_total=9),
        ),
        destinations=(
            LiveDestination(
                name=name, kind="directory", reachable=True, method="read-back", assessed_at=iso(NOW)
            ),
        ),
        spool=SpoolUse(bytes=5, free_bytes=7),
        feeds=(LiveFeed(name="county", waiting=3, acknowledged=117, acknowledged_at=iso(NOW)),),
        alerts=(Alert.error(AlertCode.DISK_FAILED, PERSONAL, PERSONAL),),
    )
    summary = JournalSummary(
        entries=120,
        root="3f" * 32,
        clips={**dict.fromkeys(ClipState, 0), ClipState.ACQUIRED: 4},
        queue_clips=4,
        queue_bytes=4000,
        queue_oldest_at=iso(NOW - timedelta(hours=1)),
        last_receipts={name: iso(NOW)},
        paused=False,
        running=True,
        started_at=None,
        checkpoint_at=iso(NOW),
        verified_at=iso(NOW),
        backup_at=iso(NOW),
        problems=0,
    )
    return Snapshot(
        at=NOW,
        status=report(summary, live, given, now=NOW),
        read=True,
        started_at=live.started_at,
        required={name: True},
        numbers=_numbers(1, 2, iso(NOW)),
        counters=counters((name,)),
        turns=((1,) * (len(BOUNDS) + 1), 3.25),
        vaults={name: 11},
    )
