"""Which keys does each kind of evidence store have, and are they right?

Every kind that the file format knows is checked whole here, also the ones that this release cannot
serve yet (config.py says which): a file that is right stays right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bwvdock.configtable import Table, choice, flag, name, text

_TLS_KEYS = ("ca_file", "client_cert", "client_key")
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """One [[destination]] as the file has it. `path` counts for the kind "directory" only."""

    name: str
    kind: str
    required: bool
    path: Path


def read_store(table: Table, vault: Path) -> Store:
    """Read one [[destination]]; mistakes are written down in the table.

    Args:
        table: the table in the file.
        vault: where a directory stands that names no path.
    """
    store_name = table.need("name", name, "", remedy='write name = "vault"')
    kind = table.need("kind", choice("directory", "tus", "s3"), "", remedy='write kind = "directory"')
    required = table.take("required", flag, default=True)
    path = table.take("path", absolute, vault) if kind in {"directory", ""} else vault
    if kind:
        _KEYS[kind](table)
    else:  # nothing says which keys belong here, so none of them is called unknown
        table.accept_the_rest()
    return Store(name=store_name, kind=kind, required=required, path=path)


def _directory(table: Table) -> None:
    """A directory has no keys but `path`."""


def _tus(table: Table) -> None:
    table.need("url", _url, "", remedy='write url = "https://…/files/"')
    table.take("headers", _headers, dict[str, str]())
    table.take("bearer_token_file", secret_file, "")
    for key in _TLS_KEYS:
        table.take(key, secret_file, "")
    _needs_both(table, "client_cert", "client_key")


def _s3(table: Table) -> None:
    table.need("endpoint", _url, "", remedy='write endpoint = "https://…"')
    table.need("bucket", _bucket, "", remedy='write bucket = "evidence"')
    for key in ("region", "prefix"):
        table.take(key, text, "")
    table.need("access_key_file", secret_file, "", remedy="name the file that holds the access key")
    table.need("secret_key_file", secret_file, "", remedy="name the file that holds the secret key")
    table.take("ca_file", secret_file, "")
    table.take("object_lock", choice("off", "governance", "compliance"), "off")


_KEYS: Mapping[str, Callable[[Table], None]] = {"directory": _directory, "tus": _tus, "s3": _s3}


def _needs_both(table: Table, one: str, other: str) -> None:
    for has, lacks in ((one, other), (other, one)):
        if table.has(has) and not table.has(lacks):
            table.wrong(has, f"is of no use without {lacks}", f"give {lacks} too")


def absolute(value: object) -> Path:
    """Parse the whole path of a file or folder."""
    path = Path(text(value))
    if not path.is_absolute() or ".." in path.parts:
        raise ValueError('a whole path is wanted: it begins with "/" and has no ".."')
    return path


def secret_file(value: object) -> str:
    """Parse where a secret or a certificate is: a whole path, or the name of a systemd credential."""
    given = text(value)
    return str(absolute(given)) if "/" in given else name(given)


def _url(value: object) -> str:
    given = text(value)
    match = re.fullmatch(r"https?://([^/?#]+)(/[^?#]*)?", given)
    if match is None:
        raise ValueError("a URL is wanted that begins with https:// or http:// and has no ? or #")
    if "@" in match[1]:
        raise ValueError("no user and no password may stand in the URL")
    return given


def _bucket(value: object) -> str:
    given = text(value)
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", given):
        raise ValueError("a bucket is wanted: 3 to 63 lower-case letters, digits, . and -")
    return given


def _headers(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError("a table of headers and texts is wanted")
    for header in value:
        if not re.fullmatch(r"[A-Za-z0-9-]+", header):
            raise ValueError(f"{header!r} is no header's name")
        if header.lower() in _SECRET_HEADERS:
            raise ValueError(f"{header} is a secret and may not stand here; use bearer_token_file")
    return dict(value)
