"""Who are we to a store, and whom do we trust? Secrets and certificates, read as they are used.

A new one needs no restart. None of them is in a message, a name or a log.
"""

from __future__ import annotations

import os
import re
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bwvdock.edges.credentials import read_secret, require_plain
from bwvdock.edges.destinations.header_values import words
from bwvdock.edges.destinations.proxy import Proxy
from bwvdock.errors import AccessDeniedError

_PROXY_PORT = 80
_MOST_SECRET = 8 * 1024
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """How both ends prove who they are.

    Places of files are whole paths, or names of systemd credentials; "" where none is given. `header_files`
    maps a header's name to the place of its secret value. `proxy` is the URL of a proxy.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    header_files: Mapping[str, str] = field(default_factory=dict)
    bearer_token_file: str = ""
    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    proxy: str = ""
    proxy_credentials_file: str = ""
    credentials: Path | None = None


class AccessFiles:
    """The files of one store's access. May be used from several threads."""

    def __init__(self, access: Access, name: str, kind: str = "store") -> None:
        """Describe it; nothing is read yet.

        Args:
            access: who both ends are.
            name: of the destination, as the configuration has it.
            kind: what it is, for messages about it.
        """
        self._access, self._name, self._kind = access, name, kind
        self._lock = threading.Lock()
        self._sent: tuple[tuple[str, ...], ...] = ()  # the secrets that were sent last, and those before

    def headers(self) -> dict[str, str]:
        """Return the headers of every request, with their secrets.

        Raises:
            AccessDeniedError: a secret cannot be used.
        """
        access = self._access
        secret = {header: self._secret(place) for header, place in access.header_files.items()}
        if access.bearer_token_file:
            secret["Authorization"] = f"Bearer {self._secret(access.bearer_token_file)}"
        sent = tuple(value.removeprefix("Bearer ") for value in secret.values())
        with self._lock:
            if sent not in self._sent:
                self._sent = (sent, *self._sent[:1])
        return {"Accept-Encoding": "identity", **access.headers, **secret}

    def proxy(self) -> Proxy | None:
        """Return the proxy; its user and password are read each time a connection is made."""
        if not self._access.proxy:
            return None
        where = urlsplit(self._access.proxy)
        return Proxy(where.hostname or "", where.port or _PROXY_PORT, self._proxy_credentials)

    def _proxy_credentials(self) -> str:
        place = self._access.proxy_credentials_file
        given = self._secret(place) if place else ""
        if given and ":" not in given:
            why = f"{self._place(place)} has no user and password for the proxy"
            remedy = "Write the two into it with a colon between them"
            raise denied(self._name, why, remedy=remedy, kind=self._kind)
        return given

    def without_secrets(self, text: str) -> str:
        """Return what a store said without our secrets: some stores repeat what they were asked."""
        for secret in (secret for sent in self._sent for secret in sent):
            text = text.replace(secret, "(a secret)")
        return text

    def stamp(self) -> object:
        """Return what changes when a certificate does."""
        return tuple(_stamp(path) for path in self._paths())

    def context(self, *, plain: bool) -> ssl.SSLContext:
        """Return whom we trust, and who we are.

        Args:
            plain: without TLS the system's authorities, whose reading takes a while, are never asked.

        Raises:
            AccessDeniedError: the certificates cannot be used.
        """
        ca, cert, key = self._paths()
        try:
            for path in filter(None, (ca, cert, key)):
                require_plain(path)
            if plain and ca is None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            else:
                context = ssl.create_default_context(cafile=None if ca is None else str(ca))
            if cert is not None:
                context.load_cert_chain(cert, key, password=lambda: b"")  # a terminal is not asked for one
        except (OSError, ssl.SSLError, ValueError) as error:
            raise denied(
                self._name,
                f"the certificates of the configuration cannot be used ({why_of(error)})",
                remedy="Check `ca_file`, `client_cert` and `client_key`",
                kind=self._kind,
            ) from None
        return context

    def _paths(self) -> tuple[Path | None, Path | None, Path | None]:
        access = self._access
        ca, cert, key = (
            self._place(place) if place else None
            for place in (access.ca_file, access.client_cert, access.client_key)
        )
        return ca, cert, key

    def _place(self, place: str) -> Path:
        if "/" in place:
            return Path(place)
        if self._access.credentials is None:
            raise denied(
                self._name,
                f"the systemd credential {place} does not exist",
                remedy=f"systemctl edit bwvdock.service: [Service], LoadCredential={place}:/the/file",
                kind=self._kind,
            )
        return self._access.credentials / place

    def _secret(self, place: str) -> str:
        path = self._place(place)
        try:
            value = read_secret(path, _MOST_SECRET + 1).decode("ascii", "replace").strip()
        except OSError as error:
            why = f"{path} cannot be read ({error.strerror})"
            raise denied(self._name, why, remedy=f"Put the secret into {path}", kind=self._kind) from error
        if len(value) > _MOST_SECRET or not _VALUE.fullmatch(value):
            raise denied(
                self._name,
                f"{path} does not contain exactly one line of printable ASCII",
                remedy=f"Put the secret into {path}",
                kind=self._kind,
            )
        return value


def denied(name: str, why: str, *, remedy: str, kind: str = "store") -> AccessDeniedError:
    """Return the error that says that a store, or another `kind`, does not let us in."""
    return AccessDeniedError(f"{kind} {name} refuses access: {why}", remedy=remedy)


def why_of(error: Exception) -> str:
    """Return what happened in the system's own words, which quote no URL."""
    if isinstance(error, ssl.SSLError) and error.reason:
        return words(error.reason.replace("_", " ").lower())
    if isinstance(error, OSError) and error.strerror:
        return words(str(error.strerror))
    return type(error).__name__


def _stamp(path: Path | None) -> object:
    if path is None:
        return None
    with suppress(OSError):
        found = os.stat(path)
        return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    return "absent"
