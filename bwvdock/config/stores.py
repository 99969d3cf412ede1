"""Which keys does each kind of evidence store have, and are their values valid?

Values only: store_checks.py checks files, and the service contacts the stores.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from bwvdock.config.toml_table import Table, choice, flag, instead, line, name
from bwvdock.core.clips.states import SPOOL

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})
_OWN_HEADERS = frozenset(
    {"accept-encoding", "connection", "content-encoding", "content-length", "content-type"}
)
_OWN_HEADERS |= {"expect", "host", "keep-alive", "range", "te", "trailer", "transfer-encoding", "upgrade"}
_OWN_HEADERS |= {"tus-resumable", "tus-version", "tus-extension", "tus-max-size", "tus-checksum-algorithm"}
_OWN_HEADERS |= {f"upload-{name}" for name in ("checksum", "concat", "defer-length", "expires", "length")}
_OWN_HEADERS |= {"upload-metadata", "upload-offset"}


ENCRYPTION = ("expected", "not-needed")
"""What may be said of a disk: whether it is a warning where nothing is seen that encrypts it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tls:
    """The TLS files of both ends, as `secret_file` reads them; "" where none is given."""

    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProxyUse:
    """The proxy through which a store is reached; `url` is "" for none."""

    url: str = ""
    credentials_file: str = ""


DIRECTLY = ProxyUse()


@dataclass(frozen=True, kw_only=True, slots=True)
class DirectoryStore:
    """A folder on a disk or a share.

    `must_be_mount`: whether the configuration says that it must be on a mounted disk or share; None: nothing.
    `disk_encryption`: one of `ENCRYPTION`; "": as [dock] says.
    """

    kind: ClassVar[str] = "directory"
    name: str
    required: bool
    path: Path
    must_be_mount: bool | None = None
    disk_encryption: str = ""
    classes_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TusStore:
    """A tus 1.0 server. `header_files` maps a header's name to the place of its secret value."""

    kind: ClassVar[str] = "tus"
    name: str
    required: bool
    url: str
    headers: Mapping[str, str]
    header_files: Mapping[str, str]
    bearer_token_file: str
    tls: Tls
    proxy: ProxyUse = DIRECTLY
    classes_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class S3Store:
    """A bucket of an S3-compatible store. `object_lock` is "off", "governance" or "compliance"."""

    kind: ClassVar[str] = "s3"
    name: str
    required: bool
    endpoint: str
    bucket: str
    region: str
    prefix: str
    access_key_file: str
    secret_key_file: str
    object_lock: str
    tls: Tls
    proxy: ProxyUse = DIRECTLY
    classes_only: bool = False


Store = DirectoryStore | TusStore | S3Store


def read_stores(tables: list[Table], vault: Path, proxy: ProxyUse = DIRECTLY) -> tuple[Store, ...]:
    """Return the stores of the array [[destination]]; mistakes are recorded in its tables.

    Args:
        tables: the array.
        vault: the path of the directory that is the only one where none is given.
        proxy: of a store that gives none.
    """
    if not tables:
        return (DirectoryStore(name="vault", required=True, path=vault),)
    stores: list[Store] = []
    for table in tables:
        store = read_store(table, vault, proxy)
        _judge(table, store, stores)
        table.nothing_else()
        stores.append(store)
    if not any(store.required for store in stores):
        tables[0].wrong(
            "required", "no destination is required, so no clip could become verified", "write true"
        )
    return tuple(stores)


def _judge(table: Table, store: Store, others: list[Store]) -> None:
    if store.name in {other.name for other in others}:
        table.wrong("name", "another destination has the same name", "give each its own")
    if store.name == SPOOL:
        table.wrong("name", "is what the dock calls its own copies", "choose another")
    if all(place_of(store)) and place_of(store) in {place_of(other) for other in others}:
        key = {"directory": "path", "tus": "url", "s3": "bucket"}[store.kind]
        table.wrong(
            key, "another destination stores in the same place, so one copy would count as two", "use another"
        )


def read_store(table: Table, vault: Path, proxy: ProxyUse = DIRECTLY) -> Store:
    """Return the store of one [[destination]]; mistakes are recorded in the table.

    Args:
        table: the table in the file.
        vault: the path of a directory that gives none.
        proxy: of a store that gives none.
    """
    store_name = table.need("name", name, "", remedy='write name = "vault"')
    kind = table.need("kind", choice("directory", "tus", "s3"), "", remedy='write kind = "directory"')
    classes_only = table.take("classes_only", flag, default=False)
    required = table.take("required", flag, default=not classes_only)
    if classes_only and required:
        message = "a destination that only some classes go to cannot be required of every clip"
        table.wrong("required", message, "leave it out: classes require the destinations that they name")
    store: Store
    if kind == "tus":
        store = _tus(table, store_name, proxy, required=required)
    elif kind == "s3":
        store = _s3(table, store_name, proxy, required=required)
    else:
        store = _directory(table, store_name, vault, kind, required=required)
    return replace(store, classes_only=classes_only)


def _directory(table: Table, store_name: str, vault: Path, kind: str, *, required: bool) -> DirectoryStore:
    path = table.take("path", absolute, vault)
    must_be_mount = table.take("must_be_mount", flag, default=None)
    encryption = table.take("disk_encryption", choice(*ENCRYPTION), "")
    if not kind:  # without a kind, any key may be valid, so none is reported as unknown
        table.accept_the_rest()
    return DirectoryStore(
        name=store_name,
        required=required,
        path=path,
        must_be_mount=must_be_mount,
        disk_encryption=encryption,
    )


def _tus(table: Table, store_name: str, proxy: ProxyUse, *, required: bool) -> TusStore:
    store = TusStore(
        name=store_name,
        required=required,
        url=table.need("url", url, "", remedy='write url = "https://…/files/"'),
        headers=table.take("headers", _headers, dict[str, str]()),
        header_files=table.take("header_files", _header_files, dict[str, str]()),
        bearer_token_file=table.take("bearer_token_file", secret_file, ""),
        tls=_tls(table),
        proxy=read_proxy(table, proxy),
    )
    _judge_twice(table, store)
    return store


def _s3(table: Table, store_name: str, proxy: ProxyUse, *, required: bool) -> S3Store:
    return S3Store(
        name=store_name,
        required=required,
        endpoint=table.need("endpoint", url, "", remedy='write endpoint = "https://…"'),
        bucket=table.need("bucket", _bucket, "", remedy='write bucket = "evidence"'),
        region=table.take("region", _region, ""),
        prefix=table.take("prefix", _prefix, ""),
        access_key_file=table.need(
            "access_key_file", secret_file, "", remedy="give the file with the access key"
        ),
        secret_key_file=table.need(
            "secret_key_file", secret_file, "", remedy="give the file with the secret key"
        ),
        object_lock=table.take("object_lock", choice("off", "governance", "compliance"), "off"),
        tls=_tls(table),
        proxy=read_proxy(table, proxy),
    )


def read_proxy(table: Table, otherwise: ProxyUse = DIRECTLY) -> ProxyUse:
    """Return the proxy that a table names; `otherwise` where it names none."""
    given = table.take("proxy", _proxy, None)
    place = table.take("proxy_credentials_file", secret_file, "")
    if place and not given:
        table.wrong("proxy_credentials_file", "is useless without proxy", "give proxy too")
    return otherwise if given is None else ProxyUse(url=given, credentials_file=place)


def _proxy(value: object) -> str:
    if value == "none":
        return ""
    given = url(value)
    if not given.startswith("http://") or urlsplit(given).path not in {"", "/"}:
        raise instead('write the proxy as "http://proxy.example.org:3128", or "none"')
    return given


def _tls(table: Table) -> Tls:
    tls = Tls(**{key: table.take(key, secret_file, "") for key in ("ca_file", "client_cert", "client_key")})
    _needs_both(table, "client_cert", "client_key")
    return tls


def _judge_twice(table: Table, store: TusStore) -> None:
    """Record headers that are given in two ways."""
    plain = {header.lower() for header in store.headers}
    for header in store.header_files:
        if header.lower() in plain:
            table.wrong("header_files", f"{header} is in headers too", "write it once")
        if header.lower() == "authorization" and store.bearer_token_file:
            table.wrong("header_files", f"{header} is what bearer_token_file is sent as", "give one of them")


def _needs_both(table: Table, one: str, other: str) -> None:
    for has, lacks in ((one, other), (other, one)):
        if table.has(has) and not table.has(lacks):
            table.wrong(has, f"is useless without {lacks}", f"give {lacks} too")


def absolute(value: object) -> Path:
    """Parse an absolute path."""
    path = Path(line(value))
    if not path.is_absolute() or ".." in path.parts:
        raise instead('write an absolute path, which begins with "/" and has no ".."')
    return path


def secret_file(value: object) -> str:
    """Parse the place of a secret or certificate: an absolute path, or the name of a systemd credential."""
    given = line(value)
    if "/" in given:
        return str(absolute(given))
    try:
        return name(given)
    except ValueError:
        raise instead("write an absolute path, or the name of a systemd credential") from None


def url(value: object) -> str:
    """Parse an http or https URL without user, password, query and fragment."""
    given = line(value)
    match = re.fullmatch(r"https?://([^/?#]+)(/[^?#]*)?", given)
    if match is None:
        raise instead("write a URL that begins with https:// or http:// and has no ? or #")
    if "@" in match[1]:
        raise instead("write the URL without user and password")
    try:
        parts = urlsplit(given)
        usable = parts.hostname and parts.port != 0 and given.isascii() and " " not in given
    except ValueError:
        usable = False
    if not usable:
        raise instead("write a URL with a valid host and port, in ASCII and without spaces")
    return given


def _bucket(value: object) -> str:
    given = line(value)
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", given):
        raise instead("write a bucket name: 3 to 63 lower-case letters, digits, . and -")
    return given


def _region(value: object) -> str:
    given = line(value)
    if not re.fullmatch(r"[A-Za-z0-9-]+", given):
        raise instead('write the name of a region, such as "eu-west-2"')
    return given


def _prefix(value: object) -> str:
    given = line(value)
    if {".", ".."} & set(given.split("/")) or "\\" in given:
        raise instead('write a folder in the bucket, such as "docks/lewisham"')
    return given


def _headers(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
        raise instead('write header names and texts, such as { X-Station = "LEW" }')
    _judge_names(value)
    for header, text in value.items():
        if header.lower() in _SECRET_HEADERS:
            raise instead(
                f"{header} is a secret and must not be written here; use bearer_token_file or header_files"
            )
        if not is_header_value(text):
            raise instead(f"write one line of printable ASCII for {header}, without spaces around it")
    return dict(value)


def _header_files(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise instead(
            'write header names and the files of their values, such as { X-Key = "/etc/bwvdock/key" }'
        )
    _judge_names(value)
    return {header: secret_file(file) for header, file in value.items()}


def _judge_names(headers: Mapping[str, object]) -> None:
    lower = [header.lower() for header in headers]
    for header in headers:
        if not re.fullmatch(r"[A-Za-z0-9-]+", header):
            raise instead("write header names with letters, digits and - only")
        if header.lower() in _OWN_HEADERS:
            raise instead(f"leave {header} out: the dock sets it itself")
        if lower.count(header.lower()) > 1:
            raise instead(f"write {header} once: header names do not differ by case")


def is_header_value(text: str) -> bool:
    """Return whether a text can be sent as a header: one line of printable ASCII, no space at its ends."""
    return text.isascii() and text.isprintable() and text == text.strip()


def place_of(store: Store) -> tuple[str, ...]:
    """Return what two stores that lead to the same place have in common; "" in it for what is wrong."""
    match store:
        case DirectoryStore():
            return store.kind, str(store.path)
        case TusStore():
            return store.kind, _normal(store.url)
        case S3Store():
            return store.kind, _normal(store.endpoint), store.bucket, f"/{store.prefix.strip('/')}"


def _normal(url: str) -> str:
    """Return a URL so that two which lead to the same place are equal."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:  # a mistake of its own
        return url
    return f"{parts.scheme}://{parts.hostname}:{port}{parts.path.rstrip('/')}" if url else ""
