"""`bwvdock dispose`: dispose of what is due, or show what is due and what prevents it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.journal import open_reader
from bwvdock.cli.moments import begin, read_moment, when
from bwvdock.cli.output.console import RED, print_json, print_json_array, print_table, say, size
from bwvdock.config.disks import vaults_beside_spool
from bwvdock.config.settings import Config
from bwvdock.config.stores import DirectoryStore
from bwvdock.core.clips.classes.routing import Stores
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.retention import (
    Obstacle,
    Wait,
    goes_from,
    obstacle,
    obstacle_to_freeing,
    places,
    proof_of,
)
from bwvdock.core.clips.states import SPOOL, ClipState
from bwvdock.core.moments import iso
from bwvdock.edges.system import SystemClock
from bwvdock.errors import UsageError
from bwvdock.operators.daemon_client import order
from bwvdock.operators.requests import Dispose
from bwvdock.units import format_count

_EXAMPLE = "bwvdock dispose --dry-run --until 2026-05-01"
_HEAD = ("CLIP", "CAMERA", "RECORDED", "KEPT UNTIL", "WOULD GO", "WHY", "WHERE")
_WOULD_GO = _HEAD.index("WOULD GO")
_DROP = ("RECORDED", "WHERE", "CAMERA", "KEPT UNTIL")
_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Prospect:
    """What would happen to one clip: `why` is the rule that decides, `places` are where copies of it are."""

    clip: str
    camera: str
    recorded_at: str
    retain_until: str
    goes: bool
    why: str
    places: tuple[str, ...]


def dispose(arguments: Namespace) -> int:
    """Have the daemon dispose of what is due now, or of what is proven, or show what it would do."""
    if arguments.proven and arguments.at:
        raise UsageError(
            "--until does not go with --proven, which asks for no date.",
            remedy="bwvdock dispose --proven --dry-run",
        )
    if arguments.dry_run:
        return _show_proven(arguments) if arguments.proven else _show(arguments)
    if arguments.at:
        raise UsageError("--until needs --dry-run.", remedy="bwvdock dispose --dry-run --until T")
    config = working_configuration(arguments)
    answer = order(config.control_socket, Dispose(proven=arguments.proven), _SECONDS)
    if arguments.proven:
        _say_what_gains_no_room(config)
    if arguments.json:
        print_json(answer)
    else:
        print(answer["message"])
    return 0


def _show(arguments: Namespace) -> int:
    config = working_configuration(arguments)
    at = read_moment(arguments.at or None, begin, remedy=_EXAMPLE)
    now = at or datetime.now(UTC)
    trusted = at is not None or SystemClock().synchronised()
    with open_reader(config) as reader:
        clips = reader.kept_clips(until=now)
    rows = list(_prospects(clips, config, now, trusted=trusted))
    if arguments.json:
        print_json_array(asdict(row) for row in rows)
    elif not rows:
        say("Nothing is due: no clip would be disposed of, and none is kept past its date.")
    else:
        print_table(_HEAD, [_line(row) for row in rows], wrap=("WHY", "WHERE"), drop=_DROP, colour=_colour)
        _say_what_is_aside(clips)
    return 0


def _say_what_is_aside(clips: Sequence[Clip]) -> None:
    aside = [clip for clip in clips if clip.withdrawn]
    taken = sum(part.size for clip in aside for part in clip.parts)
    if aside:
        count = format_count(len(aside), "clip")
        say(f"{count} moved aside in vaults, {size(taken)}: they take that room until they are removed.")


def _show_proven(arguments: Namespace) -> int:
    config = working_configuration(arguments)
    with open_reader(config) as reader:
        clips = reader.kept_clips(until=datetime.max.replace(tzinfo=UTC))
    here = [clip for clip in clips if clip.parts and any(places(clip, [SPOOL]))]
    wait = _wait(config)
    rows = [_prospect(clip, config, wait) for clip in here if clip.state is not ClipState.RETIRED]
    if arguments.json:
        print_json_array(asdict(row) for row in rows)
        return 0
    if not rows:
        say("The spool holds no clip.")
        return 0
    print_table(_HEAD, [_line(row) for row in rows], wrap=("WHY", "WHERE"), drop=_DROP, colour=_colour)
    goes = {row.clip for row in rows if row.goes}
    taken = sum(part.size for clip in here if clip.id in goes for part in clip.parts)
    say(f"{format_count(len(goes), 'clip')} would leave the spool, {size(taken)}. Vaults keep their copies.")
    _say_what_gains_no_room(config)
    return 0


def _stores(config: Config) -> Stores:
    named = config.destinations
    return Stores(
        required=[store.name for store in named if store.required], configured=[store.name for store in named]
    )


def _wait(config: Config) -> Wait | None:
    vaults = frozenset(vault.name for vault in config.vaults)
    return Wait(past=config.reverify.wait, vaults=vaults) if config.reverify else None


def _prospect(clip: Clip, config: Config, wait: Wait | None) -> Prospect:
    stores = _stores(config)
    why = obstacle_to_freeing(clip, stores=stores, wait=wait)
    return Prospect(
        clip=clip.id,
        camera=clip.camera,
        recorded_at=clip.recorded_at,
        retain_until=clip.retain_until,
        goes=why is None,
        why=why or proof_of(clip, stores.required),
        places=(SPOOL,),
    )


def _say_what_gains_no_room(config: Config) -> None:
    for name in vaults_beside_spool(config):
        say(
            f"Vault {name} is on the spool's file system and shares its files: what it has too takes the "
            "same room afterwards."
        )


def _prospects(clips: Sequence[Clip], config: Config, now: datetime, *, trusted: bool) -> Iterator[Prospect]:
    keepers = [SPOOL, *(store.name for store in config.destinations if isinstance(store, DirectoryStore))]
    stores = _stores(config)
    wait = _wait(config)
    for clip in clips:
        standing = tuple(places(clip, keepers))
        why = obstacle(
            clip,
            stores=stores,
            now=now,
            clock_trusted=trusted,
            notice_days=config.retention.notice_days,
            wait=wait,
        )
        if why is None and all(clip.withdrawn.get(place, "") > iso(now) for place in standing):
            why = Obstacle.GRACE
        if why is Obstacle.NOTICE and _foreseen(clip, config, now):
            why = None
        if not standing or why is Obstacle.NOT_DUE:
            continue
        yield Prospect(
            clip=clip.id,
            camera=clip.camera,
            recorded_at=clip.recorded_at,
            retain_until=clip.retention_date,
            goes=why is None,
            why=why or "not evidence, retention date passed",
            places=standing,
        )


def _foreseen(clip: Clip, config: Config, at: datetime) -> bool:
    """Return whether notice of a clip will have been given long enough before a time yet to come."""
    goes = goes_from(clip, datetime.now(UTC), days=config.retention.notice_days)
    return goes is not None and goes <= at


def _line(row: Prospect) -> list[str]:
    return [
        row.clip,
        row.camera or "-",
        when(row.recorded_at),
        when(row.retain_until),
        "yes" if row.goes else "no",
        row.why,
        ", ".join(row.places),
    ]


def _colour(row: Sequence[str], column: int) -> str:
    return RED if column == _WOULD_GO and row[column] == "yes" else ""
