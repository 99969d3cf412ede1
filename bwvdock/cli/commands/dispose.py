"""`bwvdock dispose`: dispose of what is due, or show what is due and what prevents it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.journal import open_reader
from bwvdock.cli.moments import begin, read_moment, when
from bwvdock.cli.output.screen import RED, print_json, print_json_array, print_table, say
from bwvdock.config.settings import Config
from bwvdock.config.stores import DirectoryStore
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.retention import SPOOL, Obstacle, obstacle, places
from bwvdock.core.moments import iso_of_ns
from bwvdock.edges.system import SystemClock
from bwvdock.errors import UsageError
from bwvdock.operators.daemon_client import ask
from bwvdock.operators.requests import Dispose

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
    """Have the daemon dispose of what is due now, or show what it would do."""
    if arguments.dry_run:
        return _show(arguments)
    if arguments.at:
        raise UsageError("--until needs --dry-run.", remedy="bwvdock dispose --dry-run --until T")
    answer = ask(working_configuration(arguments).control_socket, Dispose(), _SECONDS)
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
        print_table(_HEAD, [_line(row) for row in rows], cut=("WHY", "WHERE"), drop=_DROP, colour=_colour)
    return 0


def _prospects(clips: Sequence[Clip], config: Config, now: datetime, *, trusted: bool) -> Iterator[Prospect]:
    keepers = [SPOOL, *(store.name for store in config.destinations if isinstance(store, DirectoryStore))]
    required = [store.name for store in config.destinations if store.required]
    for clip in clips:
        standing = tuple(places(clip, keepers))
        why = obstacle(clip, required=required, now=now, clock_trusted=trusted)
        if not standing or why is Obstacle.NOT_DUE:
            continue
        yield Prospect(
            clip=clip.id,
            camera=clip.camera,
            recorded_at=clip.dated.recorded_at if clip.dated else iso_of_ns(clip.files[0].mtime_ns),
            retain_until=clip.dated.retain_until if clip.dated else "",
            goes=why is None,
            why=why or "not evidence, retention date passed",
            places=standing,
        )


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
