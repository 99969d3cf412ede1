"""How is a store spoken to over HTTP: by whom, with which secrets, with how much patience?

Nothing acts by itself: no proxy, netrc or list of certificates from the environment, no redirect but within
one origin, no repetition. Secrets and certificates are read from their files as they are used, so that a new
one needs no restart; none stands in a message, a name or a log.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from bwvdock import __version__
from bwvdock.edges.destinations import certificates, header_values
from bwvdock.edges.destinations.connections import (
    BLOCK_BYTES,
    PATIENCE,
    Connections,
    Headers,
    Patience,
    Reply,
    TooMuchError,
)
from bwvdock.errors import AccessDeniedError, DestinationUnavailableError

_MOST_ANSWER = 64 * 1024  # of what a store says in words
_LONGEST_ANSWER = 5.0  # seconds for its words: the head of the answer is what counts
_MOST_SECRET = 8 * 1024
_MOST_REDIRECTS = 3
_REPEATABLE = {307, 308}  # RFC 9110: the method and the body stay as they are
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")


class RequestBody(Protocol):
    """What a request carries: so many bytes, given in blocks, from the beginning each time it is asked."""

    def __len__(self) -> int:
        """Return the number of bytes."""
        ...

    def __iter__(self) -> Iterator[memoryview]:
        """Return the blocks; each is valid until the next is asked for."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """How both ends prove who they are.

    Places of files are whole paths, or names of systemd credentials; "" where none is given. `header_files`
    maps a header's name to the place of its secret value.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    header_files: Mapping[str, str] = field(default_factory=dict)
    bearer_token_file: str = ""
    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    credentials: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a store answered; `text` is the beginning of its words, `url` what was asked in the end."""

    status: int
    headers: Headers
    text: str = ""
    url: str = ""


class LostAnswerError(DestinationUnavailableError):
    """A request may have arrived, and its answer did not.

    Args:
        store: who was asked what.
        why: what happened.
        silent: nothing was heard until patience ended: the other side may not know, and still be at work.
    """

    def __init__(self, store: str, why: str, *, silent: bool) -> None:
        super().__init__(
            f"{store}: {why}", remedy="It is asked again by itself; look at the network if it stays so"
        )
        self.why, self.silent = why, silent


class Web:
    """One store's origin. May be used from several threads."""

    def __init__(
        self,
        url: str,
        access: Access,
        *,
        name: str,
        patience: Patience = PATIENCE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Describe it; nothing is connected or read yet.

        Args:
            url: of the store; nothing is ever sent to another scheme, host or port.
            access: who we are.
            name: of the destination, as the configuration has it.
            patience: how long to wait for what.
            now: the dock's clock.
        """
        self.url = url
        self.now = now
        self._access = access
        self._name = name
        self._patience = patience
        self._renewing = threading.Lock()
        self._connections: Connections | None = None
        self._seen: tuple[object, ...] = ()
        self._secrets: tuple[tuple[str, ...], ...] = ()  # that were sent last, and those before

    def __repr__(self) -> str:
        return f"Web({self._name})"

    def close(self) -> None:
        """Let go of idle connections."""
        if self._connections is not None:
            self._connections.close()

    def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: RequestBody | bytes | None = None
    ) -> Answer:
        """Send a request and give its final answer, whatever it is.

        Raises:
            DestinationUnavailableError: nothing was sent: it cannot be reached, or is not who it should be.
            LostAnswerError: something may have arrived there.
            AccessDeniedError: a secret or certificate of ours cannot be used.
        """
        with self.open(method, url, headers, body) as reply:
            text = reply.beginning(_MOST_ANSWER, seconds=_LONGEST_ANSWER).decode("utf-8", "replace")
            text = self._without_secrets(text)[:500]
            return Answer(status=reply.status, headers=reply.headers, text=text, url=reply.url)

    @contextmanager
    def open(
        self, method: str, url: str, headers: Mapping[str, str], body: RequestBody | bytes | None = None
    ) -> Iterator[Reply]:
        """Send a request; give the answer with its body still to be read. Raises as `ask` does."""
        for _ in range(_MOST_REDIRECTS + 1):
            reply = self.send(method, url, headers, body)
            onward = self._onward(reply)
            if not onward:
                break
            reply.close()
            url = onward
        else:
            raise self.unavailable("it redirects in a circle", remedy="Mend the store's or its proxy's URLs")
        with self.reading(reply):
            yield reply

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: RequestBody | bytes | None = None,
        *,
        longest: float | None = None,
    ) -> Reply:
        """Send one request and give its answer, whatever it is, with its body still to be read.

        Args:
            method: of the request.
            url: within the origin.
            headers: besides those of the configuration.
            body: what it carries.
            longest: seconds until the answer must be there whole, where it is not the usual.

        Raises:
            DestinationUnavailableError: nothing was sent: it cannot be reached, or is not who it should be.
            LostAnswerError: something may have arrived there.
            AccessDeniedError: a secret or certificate of ours cannot be used.
        """
        if not _same_origin(url, self.url) or not url.isascii():
            raise self.unavailable("a request would have left its origin", remedy="Report this: it is a bug")
        everything = {**self._own_headers(), **headers}
        connections = self._current_connections()
        try:
            connection = connections.connect()
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise self._not_reached(error) from error
        patience = self._patience
        if longest is not None:
            patience = Patience(connect=patience.connect, stall=patience.stall, answer=longest)
        with self.translated():
            return connections.ask(connection, method, url, everything, _blocks(body), patience=patience)

    @contextmanager
    def reading(self, reply: Reply) -> Iterator[None]:
        """Read an answer's body; whatever goes wrong with that is said in words, and the answer let go of."""
        try:
            with self.translated():
                yield
        finally:
            reply.close()

    def unavailable(self, why: str, *, remedy: str, retry_after: float = 0.0) -> DestinationUnavailableError:
        """Make the error that says that this store is of no use just now."""
        return DestinationUnavailableError(
            f"store {self._name} is not available: {why}", remedy=remedy, retry_after=retry_after
        )

    def shown(self, url: str) -> str:
        """Return a URL or a Location fit to be shown: without its query, which may hold a secret."""
        return header_values.words(self._without_secrets(url).partition("?")[0]) or '""'

    def denied(self, why: str, *, remedy: str) -> AccessDeniedError:
        """Make the error that says that we are not let in."""
        return AccessDeniedError(f"store {self._name} refuses access: {why}", remedy=remedy)

    # --- one request -----------------------------------------------------------------------------

    def _own_headers(self) -> dict[str, str]:
        access = self._access
        secret = {header: self._secret(place) for header, place in access.header_files.items()}
        if access.bearer_token_file:
            secret["Authorization"] = f"Bearer {self._secret(access.bearer_token_file)}"
        with self._renewing:
            told = tuple(value.removeprefix("Bearer ") for value in secret.values())
            if told not in self._secrets:
                self._secrets = (told, *self._secrets[:1])
        known = {"User-Agent": f"bwvdock/{__version__}", "Accept-Encoding": "identity"}
        return {**known, **access.headers, **secret}

    def _without_secrets(self, text: str) -> str:
        """Return what a store said without our secrets: there are some that repeat what they were asked."""
        for secret in (secret for told in self._secrets for secret in told):
            text = text.replace(secret, "(a secret)")
        return text

    def _onward(self, reply: Reply) -> str:
        location = reply.headers.said("Location")
        if reply.status not in _REPEATABLE or not location:
            return ""
        onward = header_values.onward(reply.url, location)
        if onward is None:
            reply.close()
            raise self.unavailable(
                f"it redirects elsewhere, where our secrets and the footage do not go: to "
                f"{self.shown(reply.url)} it answered {reply.status} with Location {self.shown(location)}",
                remedy="Mend `url` if the store has moved, or the proxy before it",
            )
        return onward

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Say in words what goes wrong once a connection is there."""
        try:
            yield
        except TooMuchError as error:
            raise self._lost(f"{error}", silent=False) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            if isinstance(error, ssl.SSLError) and "ALERT" in str(error).upper():
                raise self._not_trusted(error) from error  # TLS 1.3 says so only now
            cause = (
                None if isinstance(error, ValueError | http.client.InvalidURL) else error
            )  # they quote URLs
            lost = self._lost(f"it gave no answer: {_why(error)}", silent=isinstance(error, TimeoutError))
            raise lost from cause

    def _lost(self, what: str, *, silent: bool) -> LostAnswerError:
        return LostAnswerError(f"store {self._name}", what, silent=silent)

    def _not_reached(self, error: Exception) -> DestinationUnavailableError:
        if isinstance(error, ssl.SSLError):
            return self._not_trusted(error)
        remedy = "Look at the network, and whether the store runs"
        if isinstance(error, socket.gaierror | ValueError | http.client.HTTPException):
            remedy = "Mend `url`, or the dock's name servers"
        return self.unavailable(_why(error), remedy=remedy)

    def _not_trusted(self, error: ssl.SSLError) -> DestinationUnavailableError:
        why = _why(error)
        if "ALERT" in why.upper():  # it is the other side that ended the handshake
            return self.denied(why, remedy="Renew `client_cert` and `client_key`")
        if isinstance(error, ssl.SSLCertVerificationError):
            where = urlsplit(self.url)
            port = where.port or http.client.HTTPS_PORT
            about = certificates.in_words(
                error, where.hostname or "", port, seconds=self._patience.connect, now=self.now()
            )
            if about:
                return self.unavailable(
                    about, remedy="Renew the store's certificate; or set the dock's clock: `timedatectl`"
                )
        return self.unavailable(
            f"it does not prove who it is: {why}",
            remedy="Look at `ca_file`, at the store's certificate and at the dock's clock",
        )

    # --- secrets ---------------------------------------------------------------------------------

    def _place(self, place: str) -> Path:
        if "/" in place:
            return Path(place)
        if self._access.credentials is None:
            raise self.denied(
                f"the systemd credential {place} is not there",
                remedy=f"systemctl edit bwvdock.service: [Service], LoadCredential={place}:/the/file",
            )
        return self._access.credentials / place

    def _secret(self, place: str) -> str:
        path = self._place(place)
        try:
            with open(path, "rb") as file:
                value = file.read(_MOST_SECRET + 1).decode("ascii", "replace").strip()
        except OSError as error:
            raise self.denied(
                f"{path} cannot be read ({error.strerror})", remedy=f"Put the secret into {path}"
            ) from error
        if len(value) > _MOST_SECRET or not _VALUE.fullmatch(value):
            raise self.denied(
                f"{path} does not hold one line of printable ASCII", remedy=f"Put the secret into {path}"
            )
        return value

    def _current_connections(self) -> Connections:
        places = (self._access.ca_file, self._access.client_cert, self._access.client_key)
        paths = [self._place(place) if place else None for place in places]
        with self._renewing:
            seen = tuple(_seen(path) for path in paths)
            if self._connections is None or seen != self._seen:
                fresh = Connections(self.url, self._make_context(*paths), self._patience)
                self.close()  # connections that are in use end with their request
                self._connections, self._seen = fresh, seen
            return self._connections

    def _make_context(self, ca: Path | None, cert: Path | None, key: Path | None) -> ssl.SSLContext:
        try:
            # Without TLS the system's authorities, whose reading takes a while, are never asked.
            plain = ca is None and self.url.startswith("http://")
            context = (
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                if plain
                else ssl.create_default_context(cafile=None if ca is None else str(ca))
            )
            if cert is not None:
                context.load_cert_chain(cert, key)
        except (OSError, ssl.SSLError) as error:
            raise self.denied(
                f"the certificates of the configuration cannot be used ({_why(error)})",
                remedy="Look at `ca_file`, `client_cert` and `client_key`",
            ) from None
        return context


def _blocks(body: RequestBody | bytes | None) -> tuple[int, Iterator[memoryview | bytes]]:
    if body is None:
        return 0, iter(())
    if isinstance(body, bytes):
        view = memoryview(body)
        return len(body), (view[at : at + BLOCK_BYTES] for at in range(0, len(body), BLOCK_BYTES))
    return len(body), iter(body)


def _seen(path: Path | None) -> object:
    if path is None:
        return None
    with suppress(OSError):
        found = os.stat(path)
        return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    return "absent"


def _same_origin(one: str, other: str) -> bool:
    try:
        return urlsplit(one)[:2] == urlsplit(other)[:2]
    except ValueError:
        return False


def _why(error: Exception) -> str:
    """Return what happened in the system's own words, which quote no URL."""
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, OSError) and error.strerror:
        return header_values.words(str(error.strerror))
    return type(error).__name__
