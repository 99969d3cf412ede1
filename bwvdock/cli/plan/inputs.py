"""What is planned: what was typed, what a configuration says, and what is assumed of the rest?"""

from __future__ import annotations

import os
import shutil
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from bwvdock.cli.output.console import configuration
from bwvdock.cli.plan import values
from bwvdock.cli.plan.parser import OPTIONS
from bwvdock.config.settings import Config, UploadSettings
from bwvdock.core.planning.station import DAY, Hours, Shift, Station, StoreKind
from bwvdock.errors import UsageError

T = TypeVar("T")

TYPED, CONFIGURED, ASSUMED = "typed", "configuration", "default"
_MOST_PORTS = 100_000
_MOST_CLIPS = 100_000  # on one camera
_MOST_DAYS = 36_500
_KB = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """What is planned, and from where each option was taken: typed, configuration or default."""

    station: Station
    sources: Mapping[str, str]
    file: str


def inputs(arguments: Namespace) -> Inputs:
    """Return what is planned.

    Raises:
        UsageError: a value cannot be used; it says what to type.
        ConfigError: the configuration that was named is wrong.
    """
    config = _configuration(arguments)
    given = _Given(arguments, _configured(config) if config else {})
    station = _station(given, config.upload if config else None)
    return Inputs(station=station, sources=given.sources, file=str(config.file) if config else "")


def _configuration(arguments: Namespace) -> Config | None:
    """Load the file that was named, if one was: a plan is not about the dock on which it is typed."""
    named = arguments.config or os.environ.get("BWVDOCK_CONFIG")
    return configuration(arguments) if named else None


def _configured(config: Config) -> Mapping[str, str | Sequence[str]]:
    """Return what a configuration says, as it would be typed."""
    kinds = {"directory": StoreKind.DIRECTORY, "tus": StoreKind.TUS_READ_BACK, "s3": StoreKind.S3}
    found: dict[str, str | Sequence[str]] = {
        "store": [kinds[store.kind] for store in config.destinations if store.required],
        "parallel": str(config.upload.parallel),
        "retention-days": str(config.non_evidential_days),
        "min-free": f"{config.min_free}B",
    }
    if config.state_dir.is_dir():
        found["disk"] = f"{shutil.disk_usage(config.state_dir).total}B"
    return found


class _Given:
    """Reads options, and remembers where each value came from."""

    def __init__(self, arguments: Namespace, configured: Mapping[str, str | Sequence[str]]) -> None:
        self._arguments = arguments
        self._configured = configured
        self.sources: dict[str, str] = {}

    def one(self, name: str, read: Callable[[str, values.Wrong], T], default: str = "") -> T:
        """Return the value of an option."""
        option = _BY_NAME[name]
        text, source = self._text(name)
        if text is None:
            text, source = option.default or default, ASSUMED
        self.sources[name] = source
        return read(str(text), values.Wrong(name, option.default or default))

    def several(self, name: str, read: Callable[[str, values.Wrong], T], example: str = "") -> list[T]:
        """Return the values of an option that may be repeated."""
        option = _BY_NAME[name]
        texts, source = self._text(name)
        if texts is None:
            texts, source = option.default.split(), ASSUMED
        self.sources[name] = source
        wrong = values.Wrong(name, example or option.default.split()[0])
        return [read(text, wrong) for text in texts]

    def _text(self, name: str) -> tuple[str | Sequence[str] | None, str]:
        typed = getattr(self._arguments, name.replace("-", "_"))
        return (typed, TYPED) if typed is not None else (self._configured.get(name), CONFIGURED)


_BY_NAME = {option.name: option for option in OPTIONS}


def _station(given: _Given, upload: UploadSettings | None) -> Station:
    shifts = _shifts(given)
    largest = max(shift.cameras for shift in shifts)
    port_rate = given.one("port-speed", values.port_rate)
    per_shift, clip = given.one("per-shift", values.size(_KB)), given.one("clip", values.size(_KB))
    if -(-per_shift // clip) > _MOST_CLIPS:
        values.Wrong("clip", "500MB")(f"{clip}B", f"then a camera has more than {_MOST_CLIPS:,} clips")
    return Station(
        shifts=shifts,
        per_shift=per_shift,
        clip=clip,
        ports=given.one("ports", values.whole(1, _MOST_PORTS), str(largest)),
        port_rate=port_rate,
        hub_ports=given.one("hub-ports", values.whole(0, _MOST_PORTS)),
        hub_rate=given.one("hub-speed", values.port_rate, f"{port_rate}B/s"),
        disk=given.one("disk", values.size(_KB)),
        disk_rate=given.one("disk-speed", values.rate),
        min_free=given.one("min-free", values.size(0)),
        stores=tuple(given.several("store", values.store)),
        parallel=given.one("parallel", values.whole(1, 32)),
        retention_days=given.one("retention-days", values.whole(1, _MOST_DAYS)),
        evidence=given.one("evidence", values.percent),
        evidence_days=given.one("evidence-days", values.whole(1, _MOST_DAYS)),
        outage_days=given.one("outage-days", values.whole(0, 3650)),
        docks=given.one("docks", values.whole(1, values.MOST_CAMERAS)),
        hours=_hours(given, upload),
    )


def _shifts(given: _Given) -> tuple[Shift, ...]:
    cameras = given.one("cameras", values.whole(1, values.MOST_CAMERAS))
    within = given.one("arrive-within", values.span)
    found = sorted(given.several("shift", values.shift))
    if len({at for at, _ in found}) < len(found):
        raise UsageError(
            "Two shifts end at the same time.", remedy="For example: bwvdock plan --shift 07:00=80"
        )
    shifts = tuple(Shift(at=at, cameras=own or cameras, within=within) for at, own in found)
    if (total := sum(shift.cameras for shift in shifts)) > 3 * values.MOST_CAMERAS:
        raise UsageError(
            f"One dock is planned for at most {3 * values.MOST_CAMERAS:,} cameras a day, not {total:,}.",
            remedy="For example: bwvdock plan --cameras 700 --docks 32",
        )
    return shifts


def _hours(given: _Given, upload: UploadSettings | None) -> tuple[Hours, ...]:
    """Return the parts of the day, each with one rate."""
    uplink = given.one("uplink", values.rate)
    allowed = given.several("uplink-hours", values.hours, "22:00-06:00")
    windows = (
        [(values.second(w.start), values.second(w.end), w.limit) for w in upload.windows] if upload else []
    )
    ends = {0, DAY, *(at for span in allowed for at in span), *(at for w in windows for at in w[:2])}
    found = []
    for start, end in pairwise(sorted(ends)):
        most = next(
            (limit for *span, limit in windows if _within(start, *span)), upload.limit if upload else None
        )
        limit = 0 if allowed and not any(_within(start, *span) for span in allowed) else most
        limit = values.MOST_RATE if limit is None else limit
        found.append(Hours(start=start, end=end, rate=min(uplink, limit), limit=limit))
    return tuple(found)


def _within(second: int, start: int, end: int) -> bool:
    return start <= second < end if start < end else second >= start or second < end


def is_file(path: str) -> Path:
    """Return the path of a file to write.

    Raises:
        UsageError: there is a directory, or none to write it in.
    """
    file = Path(path)
    if file.is_dir() or not file.parent.is_dir() or not file.name:
        raise UsageError(
            "--svg needs a file in a directory that exists.", remedy="bwvdock plan --svg plan.svg"
        )
    return file
