"""What does the configuration file say, and what is wrong with it?

`load` returns a frozen `Config` or raises one ConfigError that lists every mistake: its key, its value,
what is wrong and what to do. docs/reference/configuration.md describes each key.

The folder of the control socket (`run_dir`) depends on the file alone, never on the environment: only the
daemon sees systemd's $RUNTIME_DIRECTORY, and the command line must find the same folder.
"""

from __future__ import annotations

import os
import shlex
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta, tzinfo
from pathlib import Path
from typing import Any

from bwvdock.config.checkout.settings import NO_CHECKOUT, CheckoutSettings, read_checkout
from bwvdock.config.custody import NO_CUSTODY, CustodySettings, read_custody, require_policy
from bwvdock.config.events.settings import NO_EVENTS, EventSettings, read_events
from bwvdock.config.feeds.targets import FeedTarget, read_feeds
from bwvdock.config.footage.requests import NO_REQUESTS, RequestSettings, read_requests
from bwvdock.config.footage.sources import FolderSource, read_sources
from bwvdock.config.holdings.reverify import read_reverify
from bwvdock.config.light.settings import NO_LIGHT, LightSettings, read_light
from bwvdock.config.metrics import NO_METRICS, MetricsSettings, read_metrics
from bwvdock.config.notify.targets import NotifyTarget, read_notify
from bwvdock.config.places import Places, overlaps
from bwvdock.config.retention.table import read_retention
from bwvdock.config.screen.settings import NO_SCREEN, ScreenSettings, read_screen
from bwvdock.config.stores import ENCRYPTION, DirectoryStore, Store, absolute, read_proxy, read_stores
from bwvdock.config.time_zone import named_zone
from bwvdock.config.toml_table import Mistake, Table, choice, flag, line, name, whole
from bwvdock.config.toml_units import age, rate, size, time_of_day, time_zone
from bwvdock.core.clips.admission import Admission
from bwvdock.core.clips.classes.rules import NO_CLASSES, RetentionRules
from bwvdock.core.holdings.rules import Reverify
from bwvdock.errors import ConfigError
from bwvdock.mounts import real_path

DEFAULT_PATH = "/etc/bwvdock/bwvdock.toml"


def _check(file: Path) -> str:
    return f"bwvdock config check --config {shlex.quote(str(file))}"


class MistakesError(ConfigError):
    """The file was read and is invalid; `mistakes` has every mistake in it.

    `config` is the rest of it, with defaults in place of the mistakes: for further checks.
    """

    def __init__(self, file: Path, mistakes: list[Mistake], config: Config) -> None:
        lines = [f"{file} is invalid:", *(f"  {mistake}" for mistake in mistakes)]
        super().__init__("\n".join(lines), remedy=f"Fix {file}, then run: {_check(file)}")
        self.file = file
        self.mistakes = tuple(mistakes)
        self.config = config


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Hours of the day, local to the dock, with their own upload limit; they may span midnight.

    `limit` is in bytes per second, None for no limit.
    """

    start: time
    end: time
    limit: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadSettings:
    """How many uploads at once, and how fast: `limit` in bytes per second, None for no limit."""

    parallel: int
    limit: int | None
    windows: tuple[Window, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """A valid configuration. `content` is that of the file, `min_free` is in bytes."""

    file: Path
    content: bytes = field(repr=False)
    dock: str
    site: str
    state_dir: Path
    run_dir: Path
    admission: Admission
    sources: tuple[FolderSource, ...]
    destinations: tuple[Store, ...]
    upload: UploadSettings
    erase: str
    reread: bool
    min_free: int
    reason_required: bool = True
    smallest_unit: int = 3
    absence_days: int = 7
    time_zone: str = ""
    log_level: str = "info"
    disk_encryption: str = "not-needed"
    single_disk: str = "refused"
    erase_needs_witness: bool = False
    custody: CustodySettings = NO_CUSTODY
    metrics: MetricsSettings = NO_METRICS
    notify: tuple[NotifyTarget, ...] = ()
    feeds: tuple[FeedTarget, ...] = ()
    backup_every: timedelta | None = None
    events: EventSettings = NO_EVENTS
    retention: RetentionRules = NO_CLASSES
    reverify: Reverify | None = None
    requests: RequestSettings = NO_REQUESTS
    screen: ScreenSettings = NO_SCREEN
    checkout: CheckoutSettings = NO_CHECKOUT
    light: LightSettings = NO_LIGHT

    @property
    def non_evidential_days(self) -> int:
        """For how many days footage is kept that is not evidence and has no class."""
        return self.retention.days

    @property
    def unreviewed_days(self) -> int:
        """For how many days footage is kept that nobody has reviewed, and so every clip at first."""
        return self.retention.unreviewed_days

    @property
    def zone(self) -> tzinfo:
        """The zone in which the dock is."""
        return named_zone(self.time_zone)

    @property
    def digest(self) -> str:
        """The SHA-256 of the file's bytes, hexadecimal."""
        import hashlib  # noqa: PLC0415 - loads OpenSSL, which most commands do not need

        return hashlib.sha256(self.content).hexdigest()

    @property
    def journal(self) -> Path:
        """The journal file; only SQLite may open it."""
        return self.state_dir / "journal.sqlite3"

    @property
    def spool(self) -> Path:
        """The folder where clips wait on the dock's own disk."""
        return self.state_dir / "spool"

    @property
    def vault_marks(self) -> Path:
        """The folder with the mark by which each directory vault is recognised."""
        return self.state_dir / "marks"

    @property
    def vaults(self) -> tuple[DirectoryStore, ...]:
        """The destinations that are directories."""
        return tuple(store for store in self.destinations if isinstance(store, DirectoryStore))

    def keeps(self, vault: DirectoryStore) -> bool:
        """Return whether a vault is in the state directory."""
        return vault.path.is_relative_to(self.state_dir)

    @property
    def upload_notes(self) -> Path:
        """The folder with the state of unfinished uploads."""
        return self.state_dir / "uploads"

    @property
    def control_socket(self) -> Path:
        """The socket on which the daemon answers the command line."""
        return self.run_dir / "control.sock"


_READ_AT_START = {
    "[dock]": ("dock", "site", "state_dir", "run_dir", "time_zone", "disk_encryption"),
    "[[source]]": ("sources",),
    "[[destination]]": ("destinations",),
    "[release]": ("erase", "reread", "single_disk", "erase_needs_witness"),
    "[custody]": ("custody",),
    "[spool]": ("min_free",),
    "[reverify]": ("reverify",),
    "[metrics]": ("metrics",),
    "[notify]": ("notify",),
    "[events]": ("events",),
    "[[feed]]": ("feeds",),
    "[screen]": ("screen",),
    "[light]": ("light",),
}


def needs_restart(old: Config, new: Config) -> list[str]:
    """Return the changed tables that take effect only after a restart."""
    changed = {
        table: any(getattr(old, name) != getattr(new, name) for name in names)
        for table, names in _READ_AT_START.items()
    }
    changed["[upload] parallel"] = old.upload.parallel != new.upload.parallel
    return [table for table, differs in changed.items() if differs]


def until_restart(old: Config, new: Config) -> Config:
    """Return the changed configuration, with the old one's values of what only a restart takes up."""
    kept = {name: getattr(old, name) for names in _READ_AT_START.values() for name in names}
    return replace(new, upload=replace(new.upload, parallel=old.upload.parallel), **kept)


def default_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the configuration file that is used without --config."""
    return Path(environ.get("BWVDOCK_CONFIG") or DEFAULT_PATH)


def load(path: Path) -> Config:
    """Read and check a configuration file.

    Raises:
        ConfigError: it cannot be read or is not TOML.
        MistakesError: it has mistakes.
    """
    content = _read(path)
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path} is not UTF-8 text (line {line}).", remedy="Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path} is not valid TOML: {error}.", remedy=f"Fix that line, then run: {_check(path)}"
        ) from None
    return parse(document, file=path, content=content)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(
            f"There is no configuration at {path}.",
            remedy="Create it (only [dock] id is required), or give another file with --config FILE.",
        ) from None
    except PermissionError:
        raise ConfigError(
            f"You may not read {path}.",
            remedy="Use sudo, or let the group bwvdock-operators read it: no secret is in it.",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}.", remedy="Give another file with --config FILE."
        ) from None


def parse(document: Mapping[str, Any], *, file: Path, content: bytes) -> Config:
    """Check a parsed file.

    Raises:
        MistakesError: with every mistake in it.
    """
    mistakes: list[Mistake] = []
    root = Table(document, mistakes)
    config = _config(root, file, content)
    root.nothing_else()
    mistakes += misplaced(config, {mistake.key for mistake in mistakes})
    if mistakes:
        raise MistakesError(file, mistakes, config)
    return config


def misplaced(config: Config, wrong: Collection[str], *, real: bool = False) -> Iterator[Mistake]:
    """Return the mistakes of places that are in each other's way.

    Args:
        config: the configuration.
        wrong: the keys with mistakes: a wrong path says nothing of its place.
        real: follow the links in the paths, which looks at local disks, but at no share.
    """
    stores = enumerate(config.destinations, start=1)
    vaults = [(f"destination[{n}].path", s.path) for n, s in stores if isinstance(s, DirectoryStore)]
    sources = [(f"source[{n}].path", source.path) for n, source in enumerate(config.sources, start=1)]
    if "dock.state_dir" in wrong:
        return

    def right(places: list[tuple[str, Path]]) -> list[tuple[str, Path]]:
        return [(key, real_path(path) if real else path) for key, path in places if key not in wrong]

    state, run = (real_path(p) if real else p for p in (config.state_dir, config.run_dir))
    places = Places(state_dir=state, run_dir=run, vaults=right(vaults), sources=right(sources))
    yield from (mistake for mistake in overlaps(places) if mistake.key not in wrong)


def _config(root: Table, file: Path, content: bytes) -> Config:
    dock, admission = root.table("dock"), root.table("admission")
    release, spool = root.table("release"), root.table("spool")
    privacy, absence, backup = (root.table(name) for name in ("privacy", "absence", "backup"))
    upload = root.table("upload")
    state_dir = dock.take("state_dir", absolute, Path("/var/lib/bwvdock"))
    stores = read_stores(root.tables("destination"), state_dir / "vault", read_proxy(upload))
    retention = read_retention(
        root.table("retention"), root.table("access"), {store.name for store in stores}
    )
    dock_id = dock.need("id", name, "", remedy='write id = "LEW-03", the name of this dock, under [dock]')
    config = Config(
        file=file,
        content=content,
        dock=dock_id,
        site=dock.take("site", line, ""),
        state_dir=state_dir,
        run_dir=dock.take("run_dir", absolute, run_dir_of(state_dir)),
        admission=admission.take("mode", choice(*Admission), Admission.ENROLLED),
        sources=read_sources(root.tables("source")),
        destinations=stores,
        upload=_upload(upload),
        erase=release.take("erase", choice("never", "after-verified"), "never"),
        reread=release.take("reread", flag, default=True),
        single_disk=release.take("single_disk", choice("refused", "accepted"), "refused"),
        min_free=spool.take("min_free", size, 5 * 2**30),
        reason_required=privacy.take("reason_required", flag, default=True),
        smallest_unit=privacy.take("smallest_unit", whole(0, 1000), 3),
        absence_days=absence.take("days", whole(0, 3650), 7),
        time_zone=dock.take("time_zone", time_zone, ""),
        log_level=dock.take("log_level", choice("debug", "info", "warning", "error"), "info"),
        disk_encryption=dock.take("disk_encryption", choice(*ENCRYPTION), _encryption_of(state_dir)),
        erase_needs_witness=release.take("erase_needs_witness", flag, default=False),
        custody=read_custody(root.table("custody"), dock_id),
        metrics=read_metrics(root.table("metrics"), state_dir),
        notify=read_notify(root.table("notify")),
        feeds=read_feeds(root.tables("feed")),
        backup_every=backup.take("expected_every", age, None),
        events=read_events(root.table("events")),
        retention=retention,
        reverify=read_reverify(root.table("reverify")),
        requests=read_requests(root.table("requests")),
        screen=read_screen(root.table("screen")),
        checkout=read_checkout(root.table("checkout")),
        light=read_light(root.table("light")),
    )
    if config.erase_needs_witness:
        require_policy(release, config.custody)
    for table in (dock, admission, release, spool, privacy, absence, backup):
        table.nothing_else()
    return config


def run_dir_of(state_dir: Path) -> Path:
    """Return the folder of the control socket where the file does not name one."""
    return Path("/run/bwvdock") if _is_installed(state_dir) else state_dir / "run"


def _encryption_of(state_dir: Path) -> str:
    return ENCRYPTION[0] if _is_installed(state_dir) else ENCRYPTION[1]


def _is_installed(state_dir: Path) -> bool:
    return state_dir.is_relative_to("/var/lib")


def _upload(table: Table) -> UploadSettings:
    windows = tuple(_window(window) for window in table.tables("window"))
    upload = UploadSettings(
        parallel=table.take("parallel", whole(1, 32), 3),
        limit=table.take("limit", rate, None),
        windows=windows,
    )
    table.nothing_else()
    return upload


def _window(table: Table) -> Window:
    window = Window(
        start=table.need("from", time_of_day, time(0), remedy='write from = "22:00"'),
        end=table.need("to", time_of_day, time(1), remedy='write to = "06:00"'),
        limit=table.need("limit", rate, None, remedy='write limit = "20 Mbit/s", or "none"'),
    )
    if window.start == window.end:
        table.wrong("to", "the window begins and ends at the same time", "remove it, or change one end")
    table.nothing_else()
    return window
