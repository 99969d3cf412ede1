"""How is a store spoken to over HTTP: by whom, with which secrets, with how much patience?

Nothing acts by itself: no proxy, netrc or list of certificates from the environment, no redirect but within
one origin, no repetition. Secrets and certificates are read from their files as they are used, so that a new
one needs no restart; none is in a message, a name or a log.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

from bwvdock import __version__
from bwvdock.core.visible_text import visible
from bwvdock.edges.destinations import certificates, header_values
from bwvdock.edges.destinations.access import Access, AccessFiles, denied
from bwvdock.edges.destinations.causes import cause_of
from bwvdock.edges.destinations.connections import (
    BLOCK_BYTES,
    PATIENCE,
    Connections,
    Headers,
    Patience,
    Reply,
)
from bwvdock.edges.destinations.metering import TooMuchError
from bwvdock.edges.destinations.proxy import ProxyError
from bwvdock.errors import AccessDeniedError, DestinationUnavailableError

_MOST_ANSWER = 64 * 1024  # of what a store says in words
_LONGEST_ANSWER = 5.0  # seconds for its words: the head of the answer is what counts
_MOST_REDIRECTS = 3
_PROXY_ASKS_WHO = 407
_REPEATABLE = {307, 308}  # RFC 9110: the method and the body stay as they are


class RequestBody(Protocol):
    """What a request carries: so many bytes, given in blocks, from the beginning each time it is asked."""

    def __len__(self) -> int:
        """Return the number of bytes."""
        ...

    def __iter__(self) -> Iterator[memoryview]:
        """Return the blocks; each is valid until the next is asked for."""
        ...


Body = RequestBody | bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a store answered, fit to be shown; `text` is how its body begins, `url` what was asked last.

    `location` is the header of that name as it came: it is not fit to be shown.
    """

    status: int
    headers: Mapping[str, str]
    text: str = ""
    url: str = ""
    location: str = ""

    def __post_init__(self) -> None:
        """Make all of it visible: some of a store's answers is shown, logged and journalled."""
        shown = {name: visible(value) for name, value in self.headers.items()}
        object.__setattr__(self, "headers", Headers.of(shown))
        object.__setattr__(self, "text", visible(self.text))

    def said(self, header: str) -> str:
        """Return a header's value, whatever the case of its name; "" if there is none."""
        return self.headers.get(header, "")


class LostAnswerError(DestinationUnavailableError):
    """A request may have arrived, and its answer did not.

    Args:
        store: who was asked what.
        why: what happened.
        silent: nothing was heard until patience ended: the other side may not know, and still be at work.
        remedy: what to do, if it lasts.
    """

    def __init__(self, store: str, why: str, *, silent: bool, remedy: str = "") -> None:
        super().__init__(f"{store}: {why}", remedy=remedy or "If it lasts, check the network")
        self.why, self.silent = why, silent


class Web:
    """One store's origin. May be used from several threads."""

    def __init__(
        self,
        url: str,
        access: Access,
        *,
        name: str,
        kind: str = "store",
        patience: Patience = PATIENCE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Describe it; nothing is connected or read yet.

        Args:
            url: of the store; nothing is ever sent to another scheme, host or port.
            access: who we are.
            name: of the destination, as the configuration has it.
            kind: what it is, for messages about it.
            patience: how long to wait for what.
            now: the dock's clock.
        """
        self.url = url
        self.now = now
        self._access = AccessFiles(access, name, kind)
        self._name, self._kind = name, kind
        self._patience = patience
        self._renewing = threading.Lock()
        self._connections: Connections | None = None
        self._seen: object = None
        self._proxy = self._access.proxy()

    def __repr__(self) -> str:
        return f"Web({self._name})"

    def close(self) -> None:
        """Close idle connections."""
        if self._connections is not None:
            self._connections.close()

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: Body | None = None) -> Answer:
        """Send a request and give its final answer, whatever it is.

        Raises:
            DestinationUnavailableError: nothing was sent: it cannot be reached, or is not who it should be.
            LostAnswerError: something may have arrived there.
            AccessDeniedError: a secret or certificate of ours cannot be used.
        """
        with self.open(method, url, headers, body) as reply:
            text = reply.beginning(_MOST_ANSWER, seconds=_LONGEST_ANSWER).decode("utf-8", "replace")
            text = self._access.without_secrets(text)[:500]
            return answer_of(reply, text)

    @contextmanager
    def open(
        self, method: str, url: str, headers: Mapping[str, str], body: Body | None = None
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
            raise self.unavailable(
                "it redirects in a circle", remedy="Correct the URLs of the store or its proxy"
            )
        with self.reading(reply):
            yield reply

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Body | None = None,
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
        everything = {"User-Agent": f"bwvdock/{__version__}", **self._access.headers(), **headers}
        connections = self._current_connections()
        try:
            connection = connections.connect()
        except (OSError, ValueError, http.client.HTTPException, ProxyError) as error:
            raise self._not_reached(error) from error
        patience = self._patience
        if longest is not None:
            patience = Patience(connect=patience.connect, stall=patience.stall, answer=longest)
        with self.translated():
            reply = connections.ask(connection, method, url, everything, _blocks(body), patience=patience)
        if reply.status == _PROXY_ASKS_WHO and self._proxy is not None:
            reply.close()
            raise self._not_reached(self._proxy.asks_who())
        return reply

    @contextmanager
    def reading(self, reply: Reply) -> Iterator[None]:
        """Read an answer's body; whatever goes wrong with that is raised in words, and the answer closed."""
        try:
            with self.translated():
                yield
        finally:
            reply.close()

    def unavailable(self, why: str, *, remedy: str, retry_after: float = 0.0) -> DestinationUnavailableError:
        """Make the error that says that this store is of no use just now."""
        return DestinationUnavailableError(
            f"{self._kind} {self._name} is not available: {why}",
            remedy=self._for_this_kind(remedy),
            retry_after=retry_after,
        )

    def shown(self, url: str) -> str:
        """Return a URL or a Location fit to be shown: without its query, which may hold a secret."""
        return header_values.words(self._access.without_secrets(url).partition("?")[0]) or '""'

    def denied(self, why: str, *, remedy: str) -> AccessDeniedError:
        """Make the error that says that we are not let in."""
        return denied(self._name, why, remedy=self._for_this_kind(remedy), kind=self._kind)

    def _for_this_kind(self, remedy: str) -> str:
        return remedy if self._kind == "store" else remedy.replace("the store", f"the {self._kind}")

    # --- one request -----------------------------------------------------------------------------

    def _onward(self, reply: Reply) -> str:
        location = reply.headers.said("Location")
        if reply.status not in _REPEATABLE or not location:
            return ""
        onward = header_values.onward(reply.url, location)
        if onward is None:
            reply.close()
            raise self.unavailable(
                "it redirects to another server, to which secrets and footage are not sent: "
                f"{self.shown(reply.url)} was answered {reply.status}, Location {self.shown(location)}",
                remedy="Correct `url` if the store has moved, or the proxy in front of it",
            )
        return onward

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Raise in words what goes wrong once a connection is made."""
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
            what, silent = cause_of(error), isinstance(error, TimeoutError)
            raise self._lost(what.words, silent=silent, remedy=what.remedy) from cause

    def _lost(self, what: str, *, silent: bool, remedy: str = "") -> LostAnswerError:
        asked = f"{self._kind} {self._name} gave no answer"
        return LostAnswerError(asked, what, silent=silent, remedy=self._for_this_kind(remedy))

    def _not_reached(self, error: Exception) -> DestinationUnavailableError:
        if isinstance(error, ProxyError):
            return self.unavailable(error.message, remedy=error.remedy)
        if isinstance(error, ssl.SSLError):
            return self._not_trusted(error)
        cause = cause_of(error)
        return self.unavailable(cause.words, remedy=cause.remedy)

    def _not_trusted(self, error: ssl.SSLError) -> DestinationUnavailableError:
        cause = cause_of(error)
        if cause.ours:  # it is the other side that ended the handshake
            return self.denied(cause.words, remedy=cause.remedy)
        if isinstance(error, ssl.SSLCertVerificationError):
            where = urlsplit(self.url)
            port = where.port or http.client.HTTPS_PORT
            about = certificates.in_words(
                error,
                where.hostname or "",
                port,
                seconds=self._patience.connect,
                now=self.now(),
                proxy=self._proxy,
            )
            if about:
                return self.unavailable(
                    about, remedy="Renew the store's certificate; or set the dock's clock: `timedatectl`"
                )
        return self.unavailable(cause.words, remedy=cause.remedy)

    def _current_connections(self) -> Connections:
        with self._renewing:
            seen = self._access.stamp()
            if self._connections is None or seen != self._seen:
                context = self._access.context(plain=self.url.startswith("http://"))
                fresh = Connections(self.url, context, self._patience, self._proxy)
                self.close()  # connections that are in use end with their request
                self._connections, self._seen = fresh, seen
            return self._connections


def answer_of(reply: Reply, text: str = "") -> Answer:
    """Return an answer without its body."""
    location = reply.headers.said("Location")
    return Answer(status=reply.status, headers=reply.headers, text=text, url=reply.url, location=location)


def _blocks(body: Body | None) -> tuple[int, Iterator[memoryview | bytes]]:
    if body is None:
        return 0, iter(())
    if isinstance(body, bytes):
        view = memoryview(body)
        return len(body), (view[at : at + BLOCK_BYTES] for at in range(0, len(body), BLOCK_BYTES))
    return len(body), iter(body)


def _same_origin(one: str, other: str) -> bool:
    try:
        return urlsplit(one)[:2] == urlsplit(other)[:2]
    except ValueError:
        return False
