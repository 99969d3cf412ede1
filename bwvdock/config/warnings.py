"""What in a valid configuration is unsafe or probably not intended?

Looked at from here: nothing is asked of any store, and nothing of a secret is read, shown or kept.
"""

from __future__ import annotations

import grp
import ipaddress
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from bwvdock.config.disks import sole_keeper
from bwvdock.config.settings import Config, FolderSource
from bwvdock.config.store_checks import mistake, secrets_of
from bwvdock.config.stores import DirectoryStore, S3Store, Store
from bwvdock.config.toml_table import Mistake
from bwvdock.core.visible_text import quoted
from bwvdock.mounts import mount_of

_SECONDS = 5
SERVICE = "bwvdock"  # user and group of an installed dock


def warnings(config: Config) -> Iterator[Mistake]:
    """Return each warning, in the order of the file."""
    for number, source in enumerate(config.sources, start=1):
        yield from _of_source(source, f"source[{number}]")
    for number, store in enumerate(config.destinations, start=1):
        yield from _of_store(store, f"destination[{number}]")
    yield from _of_state(config)
    if alone := sole_keeper(config):
        yield Mistake(
            key="destination",
            value="",
            message=alone,
            remedy="add a required destination on another disk or machine",
        )


def _of_state(config: Config) -> Iterator[Mistake]:
    place = config.state_dir
    with suppress(OSError):
        if place.exists() and not place.is_dir():
            yield mistake("dock.state_dir", str(place), "is not a folder", f"remove it: {quoted(str(place))}")
            return
        above = next(folder for folder in (place, *place.parents) if folder.is_dir())
        disk = os.statvfs(above)
        if config.min_free >= disk.f_blocks * disk.f_frsize:
            what = "is not less than the whole disk, so nothing is ever copied"
            yield Mistake(key="spool.min_free", value=str(config.min_free), message=what, remedy="lower it")


def _of_source(source: FolderSource, where: str) -> Iterator[Mistake]:
    if source.path == Path("/"):
        return  # it stands in for one that is wrong
    path = quoted(str(source.path))
    make, let_in = f"make or mount it: findmnt -T {path}", f"let the user {SERVICE} in: ls -ld {path}"
    if not mount_of(source.path).is_local and not _answers(source.path):
        hangs = f"does not answer within {_SECONDS} s, so nothing is taken from it"
        yield mistake(
            f"{where}.path", str(source.path), hangs, f"see that its server answers: findmnt -T {path}"
        )
        return
    try:
        found = source.path.stat()
    except PermissionError:
        yield mistake(f"{where}.path", str(source.path), "may not be seen by the user who asks here", let_in)
    except OSError:
        yield mistake(f"{where}.path", str(source.path), "is not there, so nothing is taken from it", make)
    else:
        if not stat.S_ISDIR(found.st_mode):
            yield mistake(f"{where}.path", str(source.path), "is not a folder", make)
        elif not os.access(source.path, os.R_OK | os.X_OK, effective_ids=True):
            what = "may not be listed by the user who asks here"
            yield mistake(f"{where}.path", str(source.path), what, let_in)


def _answers(path: Path) -> bool:
    """Return whether the file system of a path answers soon; a share whose server has gone never does."""

    def ask() -> None:
        with suppress(OSError):
            path.stat()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_SECONDS)
    return not asking.is_alive()


def _of_store(store: Store, where: str) -> Iterator[Mistake]:
    if isinstance(store, DirectoryStore):
        return
    key, url = ("endpoint", store.endpoint) if isinstance(store, S3Store) else ("url", store.url)
    named = {key: place for key, place in secrets_of(store).items() if place}
    if url and not _encrypted(url):
        sent = "the footage" if isinstance(store, S3Store) or not named else "its secret and the footage"
        what = f"{sent} can be read and altered by anybody on the way"
        yield mistake(f"{where}.{key}", url, what, "write https://; ca_file names your own authority")
    for key, place in {**named, "client_key": store.tls.client_key}.items():
        if "/" in place and (why := _readable_by(Path(place))):
            mend = f"chgrp {SERVICE} {quoted(place)} && chmod 0640 {quoted(place)}"
            yield mistake(f"{where}.{key}", place, why, mend)


def _encrypted(url: str) -> bool:
    """Return whether what is sent cannot be read on its way; it goes nowhere if it stays on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return True  # it is wrong, which is said elsewhere
    if parts.scheme == "https" or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _readable_by(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return ""  # said elsewhere, or only the service may look
    if found.st_mode & stat.S_IWOTH:
        return f"is a secret that everybody may replace (mode {stat.S_IMODE(found.st_mode):04o})"
    if found.st_mode & stat.S_IROTH:
        return f"is a secret that everybody may read (mode {stat.S_IMODE(found.st_mode):04o})"
    if found.st_mode & (stat.S_IRGRP | stat.S_IWGRP) and found.st_gid not in _own_groups():
        return f"is a secret that the group {_group(found.st_gid)} may read"
    return ""


def _own_groups() -> set[int]:
    try:
        return {0, grp.getgrnam(SERVICE).gr_gid}
    except KeyError:
        return {0, os.getegid()}


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
