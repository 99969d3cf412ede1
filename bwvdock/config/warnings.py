"""What in a valid configuration is unsafe or probably not intended?

Looked at from here: nothing is asked of any store, and nothing of a secret is read, shown or kept.
"""

from __future__ import annotations

import grp
import ipaddress
import os
import pwd
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import time
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit

from bwvdock.config.checkout.badges_file import read_badges
from bwvdock.config.disks import sole_keeper
from bwvdock.config.feeds.checks import secrets_of as feed_secrets
from bwvdock.config.footage.sources import FolderSource
from bwvdock.config.notify.checks import numbered
from bwvdock.config.notify.checks import secrets_of as notify_secrets
from bwvdock.config.notify.targets import Webhook
from bwvdock.config.settings import Config, Window
from bwvdock.config.store_checks import ANSWER_SECONDS, answers, mistake, secrets_of
from bwvdock.config.stores import DirectoryStore, S3Store, Store
from bwvdock.config.toml_table import Mistake
from bwvdock.core.visible_text import quoted
from bwvdock.errors import ConfigError
from bwvdock.units import format_size

_LEAST_FREE = 2**20
_ENOUGH = 'write at least min_free = "1 GiB"'
SERVICE = "bwvdock"  # user and group of an installed dock


def warnings(config: Config) -> Iterator[Mistake]:
    """Return each warning, in the order of the file."""
    for number, source in enumerate(config.sources, start=1):
        yield from _of_source(source, f"source[{number}]")
    for number, store in enumerate(config.destinations, start=1):
        yield from _of_store(config, store, f"destination[{number}]")
    yield from _of_windows(config.upload.windows)
    yield from _of_notify(config)
    yield from _of_feeds(config)
    yield from _of_groups(config)
    yield from _of_state(config)
    yield from _of_badges(config)
    if config.reverify is None:
        what = "no store is ever asked again whether it still has what it has proven"
        yield Mistake(key="reverify.every", value="", message=what, remedy="write every = 90")
    if alone := sole_keeper(config):
        yield Mistake(
            key="destination",
            value="",
            message=alone,
            remedy="add a required destination on another disk or machine",
        )


def _of_groups(config: Config) -> Iterator[Mistake]:
    """Yield the groups that are not on this machine: what they are to see, nobody in them does."""
    named = [
        (f"retention.class[{number}].groups", group)
        for number, one in enumerate(config.retention.classes, start=1)
        for group in one.groups
    ]
    for key, group in [*named, *(("access.restricted_groups", one) for one in config.retention.groups)]:
        try:
            grp.getgrnam(group)
        except (KeyError, OSError):
            what = "is not a group of this machine, so it lets nobody in"
            yield mistake(key, group, what, f"give its name, not its number: getent group {quoted(group)}")


def _of_badges(config: Config) -> Iterator[Mistake]:
    """Yield what is wrong with the list of badges, if this user may see that; the daemon starts with it."""
    path = config.checkout.badges
    if path is None or (path.exists() and not os.access(path, os.R_OK)):
        return
    try:
        read_badges(path, config.zone)
    except ConfigError as error:
        what = "; ".join(part.strip() for part in error.message.split("\n"))
        yield mistake("checkout.badges", str(path), what, error.remedy)


def _of_state(config: Config) -> Iterator[Mistake]:
    place = config.state_dir
    with suppress(OSError):
        if place.exists() and not place.is_dir():
            yield mistake("dock.state_dir", str(place), "is not a folder", f"remove it: {quoted(str(place))}")
            return
        above = next(folder for folder in (place, *place.parents) if folder.is_dir())
        disk = os.statvfs(above)
        if config.min_free < _LEAST_FREE:
            what = (
                "leaves no room for the journal, which is on the same disk: with a full disk the dock stops"
            )
            yield Mistake(
                key="spool.min_free", value=f'"{format_size(config.min_free)}"', message=what, remedy=_ENOUGH
            )
        if config.min_free >= disk.f_blocks * disk.f_frsize:
            what = "is not less than the whole disk, so nothing is ever copied"
            yield Mistake(
                key="spool.min_free",
                value=f'"{format_size(config.min_free)}"',
                message=what,
                remedy="lower it",
            )


def _of_source(source: FolderSource, where: str) -> Iterator[Mistake]:
    if source.path == Path("/"):
        return  # it stands in for one that is wrong
    path = quoted(str(source.path))
    make, let_in = f"make or mount it: findmnt -T {path}", f"let the user {SERVICE} in: ls -ld {path}"
    if not answers(source.path):
        hangs = f"does not answer within {ANSWER_SECONDS} s, so nothing is taken from it"
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


def _of_vault(vault: DirectoryStore, where: str, *, made_by_itself: bool) -> Iterator[Mistake]:
    path = vault.path
    if not answers(path):
        return  # the daemon says so
    with suppress(OSError):
        not_folder = next((p for p in (path, *path.parents) if p.exists() and not p.is_dir()), None)
        if not_folder is not None:
            what = f"is not a folder, and none can be made there: {not_folder} is a file"
            yield mistake(f"{where}.path", str(path), what, "use a folder of its own")
        elif not (made_by_itself or path.exists()):
            mount = f"mount its disk (findmnt -T {quoted(str(path))}) and make the vault, once: bwvdock init"
            yield mistake(f"{where}.path", str(path), "is not there, so nothing is stored in it", mount)


def _of_windows(windows: Sequence[Window]) -> Iterator[Mistake]:
    for (number, one), (other_number, other) in combinations(enumerate(windows, start=1), 2):
        if _covers(one, other.start) or _covers(other, one.start):
            key = f"upload.window[{other_number}]"
            what = f"overlaps window[{number}], whose limit counts where both apply"
            yield Mistake(key=key, value="", message=what, remedy="change one of them")


def _covers(window: Window, moment: time) -> bool:
    if window.start < window.end:
        return window.start <= moment < window.end
    return moment >= window.start or moment < window.end


def _of_store(config: Config, store: Store, where: str) -> Iterator[Mistake]:
    if isinstance(store, DirectoryStore):
        yield from _of_vault(store, where, made_by_itself=config.keeps(store))
        return
    key, url = ("endpoint", store.endpoint) if isinstance(store, S3Store) else ("url", store.url)
    named = {key: place for key, place in secrets_of(store).items() if place}
    if url and not _encrypted(url):
        sent = "the footage" if isinstance(store, S3Store) or not named else "its secret and the footage"
        what = f"{sent} can be read and altered by anybody on the way"
        yield mistake(f"{where}.{key}", url, what, "write https://; ca_file names your own authority")
    for key, place in {**named, "client_key": store.tls.client_key}.items():
        yield from _of_secret(f"{where}.{key}", place)


def _of_notify(config: Config) -> Iterator[Mistake]:
    for where, target in numbered(config.notify):
        if isinstance(target, Webhook) and target.url and not _encrypted(target.url):
            what = "messages can be read by anybody on the way; they are signed, so they cannot be altered"
            remedy = "write https://; ca_file names your own authority"
            yield mistake(f"{where}.url", target.url, what, remedy)
        for key, place in notify_secrets(target).items():
            yield from _of_secret(f"{where}.{key}", place)


def _of_feeds(config: Config) -> Iterator[Mistake]:
    for number, feed in enumerate(config.feeds, start=1):
        if feed.url and not _encrypted(feed.url):
            what = "entries can be read by anybody on the way; they are signed, so they cannot be altered"
            yield mistake(
                f"feed[{number}].url", feed.url, what, "write https://; ca_file names your own authority"
            )
        for key, place in feed_secrets(feed).items():
            yield from _of_secret(f"feed[{number}].{key}", place)


def _of_secret(key: str, place: str) -> Iterator[Mistake]:
    if "/" not in place or not answers(Path(place)):
        return
    if why := _readable_by(Path(place)):
        mend = f"chgrp {SERVICE} {quoted(place)} && chmod 0640 {quoted(place)}"
        yield mistake(key, place, why, mend)
    elif why := _replaceable_by(Path(place)):
        own = f"move it to /etc/bwvdock and give it to root: chown root:{SERVICE} {quoted(place)}"
        yield mistake(key, place, why, own)


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
    if not stat.S_ISREG(found.st_mode):
        return ""  # likewise
    if found.st_mode & stat.S_IWOTH:
        return f"is a secret that everybody may replace (mode {stat.S_IMODE(found.st_mode):04o})"
    if found.st_mode & stat.S_IROTH:
        return f"is a secret that everybody may read (mode {stat.S_IMODE(found.st_mode):04o})"
    if found.st_mode & (stat.S_IRGRP | stat.S_IWGRP) and found.st_gid not in _own_groups():
        return f"is a secret that the group {_group(found.st_gid)} may read"
    return ""


def _replaceable_by(path: Path) -> str:
    """Return who else may put another secret into the place of this one, as a reason; "" for nobody."""
    with suppress(OSError):
        if (owner := path.stat().st_uid) not in _own_users():
            return f"is a secret that belongs to the user {_user(owner)}, who may replace it"
        folder = path.parent.stat()
        if folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX:
            return f"is a secret that everybody may replace: everybody may write in {path.parent}"
    return ""


def _own_users() -> set[int]:
    with suppress(KeyError):
        return {0, os.geteuid(), pwd.getpwnam(SERVICE).pw_uid}
    return {0, os.geteuid()}


def _user(uid: int) -> str:
    with suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return str(uid)


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
