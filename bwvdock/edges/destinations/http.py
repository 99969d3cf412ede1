"""How is a store spoken to over HTTP: by whom, with which secrets, with how much patience?

On requests, without anything that acts by itself: no proxy, netrc or list of certificates from the
environment, no redirect but within one origin, no repetition. Secrets and certificates are read from
their files as they are used, so that a new one needs no restart; none is in a message, a name or a log.
"""

from __future__ import annotations

import os
import re
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.structures import CaseInsensitiveDict

from bwvdock import __version__
from bwvdock.core.visible import visible
from bwvdock.edges.destinations.connections import PATIENCE, Patience, StoreAdapter
from bwvdock.errors import AccessDeniedError, DestinationUnavailableError

BLOCK_BYTES = 256 * 1024  # sent at once: the stall timeout is for each of them
_MOST_ANSWER = 64 * 1024  # of what a store says in words
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
    """What a store answered; `text` is the beginning of its words."""

    status: int
    headers: Mapping[str, str]
    text: str = ""

    def __post_init__(self) -> None:
        """Let nothing in that cannot be seen: of what a store says, some is shown, logged and journalled."""
        shown = {name: visible(value) for name, value in self.headers.items()}
        object.__setattr__(self, "headers", CaseInsensitiveDict(shown))
        object.__setattr__(self, "text", visible(self.text))


class LostAnswerError(DestinationUnavailableError):
    """A request may have arrived, and its answer did not.

    Args:
        message: what happened and what it means.
        silent: nothing was heard until patience ended: the other side may not know, and still be at work.
    """

    def __init__(self, message: str, *, silent: bool) -> None:
        super().__init__(message, remedy="The dock tries again by itself; if it lasts, check the network")
        self.silent = silent


class Web:
    """One store's origin. May be used from several threads."""

    def __init__(self, url: str, access: Access, *, name: str, patience: Patience = PATIENCE) -> None:
        """Describe it; nothing is connected or read yet.

        Args:
            url: of the store; nothing is ever sent to another scheme, host or port.
            access: who we are.
            name: of the destination, as the configuration has it.
            patience: how long to wait for what.
        """
        self.url = url
        self._access = access
        self._name = name
        self._patience = patience
        self._renewing = threading.Lock()
        self._session: requests.Session | None = None
        self._seen: tuple[object, ...] = ()

    def __repr__(self) -> str:
        return f"Web({self._name})"

    def close(self) -> None:
        """Close idle connections."""
        if self._session is not None:
            self._session.close()

    def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: RequestBody | bytes | None = None
    ) -> Answer:
        """Send a request and give its final answer, whatever it is.

        Raises:
            DestinationUnavailableError: nothing was sent: it cannot be reached, or is not who it should be.
            LostAnswerError: something may have arrived there.
            AccessDeniedError: a secret or certificate of ours cannot be used.
        """
        with self.open(method, url, headers, body) as response:
            return _answer(response, self._sent_secrets(response))

    @contextmanager
    def open(
        self, method: str, url: str, headers: Mapping[str, str], body: RequestBody | bytes | None = None
    ) -> Iterator[requests.Response]:
        """Send a request; give the answer with its body still to be read. Raises as `ask` does."""
        for _ in range(_MOST_REDIRECTS + 1):
            response = self._send(method, url, headers, body)
            onward = self._onward(response)
            if not onward:
                break
            response.close()
            url = onward
        else:
            raise self.unavailable(
                "it redirects in a circle", remedy="Correct the URLs of the store or its proxy"
            )
        try:
            yield response
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise self._translated(error) from None
        finally:
            response.close()

    def unavailable(self, why: str, *, remedy: str, retry_after: float = 0.0) -> DestinationUnavailableError:
        """Make the error that says that this store is of no use just now."""
        return DestinationUnavailableError(
            f"store {self._name} is not available: {why}", remedy=remedy, retry_after=retry_after
        )

    def denied(self, why: str, *, remedy: str) -> AccessDeniedError:
        """Make the error that says that we are not let in."""
        return AccessDeniedError(f"store {self._name} refuses access: {why}", remedy=remedy)

    # --- one request -----------------------------------------------------------------------------

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: RequestBody | bytes | None
    ) -> requests.Response:
        if not _same_origin(url, self.url):
            raise self.unavailable(
                "a request would have left its origin", remedy="This is a bug in bwvdock; report it"
            )
        session, everything = self._current_session(), {**self._own_headers(), **headers}
        try:
            return session.request(
                method,
                url,
                headers=everything,
                data=cast(Iterable[bytes] | None, body),
                timeout=(self._patience.connect, self._patience.answer),
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            raise self._translated(error) from None  # theirs quote URLs, which may hold secrets

    def _own_headers(self) -> dict[str, str]:
        access = self._access
        secret = {header: self._secret(place) for header, place in access.header_files.items()}
        if access.bearer_token_file:
            secret["Authorization"] = f"Bearer {self._secret(access.bearer_token_file)}"
        known = {"User-Agent": f"bwvdock/{__version__}", "Accept-Encoding": "identity"}
        return {**known, **access.headers, **secret}

    def _sent_secrets(self, response: requests.Response) -> list[str]:
        sent = [response.request.headers.get(h, "") for h in (*self._access.header_files, "Authorization")]
        return [str(value).removeprefix("Bearer ") for value in sent if value]

    def _onward(self, response: requests.Response) -> str:
        location = response.headers.get("Location", "")
        if response.status_code not in _REPEATABLE or not location:
            return ""
        onward = urljoin(response.url, location)
        if not _same_origin(onward, self.url):
            response.close()
            raise self.unavailable(
                "it redirects to another server, to which secrets and footage are not sent",
                remedy="Correct `url` if the store has moved",
            )
        return onward

    def _translated(self, error: Exception) -> DestinationUnavailableError:
        chain = list(_chain(error))
        why = _words(chain)
        names = {type(link).__name__ for link in chain}
        if names & {"SSLError", "SSLCertVerificationError"}:
            return self._not_trusted(why)
        if names & {"ConnectTimeout", "NewConnectionError"}:
            return self.unavailable(why, remedy="Check the network, and whether the store is running")
        if "NameResolutionError" in names:
            return self.unavailable(why, remedy="Correct `url`, or the dock's name servers")
        silent = any(isinstance(link, TimeoutError | requests.Timeout) for link in chain)
        return LostAnswerError(f"store {self._name} gave no answer: {why}", silent=silent)

    def _not_trusted(self, why: str) -> DestinationUnavailableError:
        if "ALERT" in why.upper():  # it is the other side that ended the handshake
            return self.denied(why, remedy="Renew `client_cert` and `client_key`")
        return self.unavailable(
            f"its certificate was not accepted: {why}",
            remedy="Check `ca_file`, the store's certificate and the dock's clock",
        )

    # --- secrets ---------------------------------------------------------------------------------

    def _place(self, place: str) -> Path:
        if "/" in place:
            return Path(place)
        if self._access.credentials is None:
            raise self.denied(
                f"the systemd credential {place} does not exist",
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
                f"{path} does not contain exactly one line of printable ASCII",
                remedy=f"Put the secret into {path}",
            )
        return value

    def _current_session(self) -> requests.Session:
        places = (self._access.ca_file, self._access.client_cert, self._access.client_key)
        paths = [self._place(place) if place else None for place in places]
        with self._renewing:
            seen = tuple(_seen(path) for path in paths)
            if self._session is None or seen != self._seen:
                fresh = self._make_session(*paths)
                self.close()  # connections that are in use end with their request
                self._session, self._seen = fresh, seen
            return self._session

    def _make_session(self, ca: Path | None, cert: Path | None, key: Path | None) -> requests.Session:
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
                f"the certificates of the configuration cannot be used ({_words([error])})",
                remedy="Check `ca_file`, `client_cert` and `client_key`",
            ) from None
        session = requests.Session()
        session.trust_env = False
        session.headers.clear()
        for scheme in ("https://", "http://"):
            session.mount(scheme, StoreAdapter(context, self._patience))
        return session


def _answer(response: requests.Response, secrets: Iterable[str]) -> Answer:
    text = b""
    with suppress(Exception):  # what it says in words is for people; a torn text is no torn answer
        text = response.raw.read(_MOST_ANSWER, decode_content=False)
    words = text.decode("utf-8", "replace")
    for secret in secrets:  # there are stores that repeat in an error what they were asked
        words = words.replace(secret, "(a secret)")
    return Answer(status=response.status_code, headers=response.headers, text=words[:500])


def _seen(path: Path | None) -> object:
    if path is None:
        return None
    with suppress(OSError):
        found = os.stat(path)
        return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    return "absent"


def _same_origin(one: str, other: str) -> bool:
    return urlsplit(one)[:2] == urlsplit(other)[:2]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Return an error and all that it was made of: libraries hide the cause in different places."""
    waiting, known = [error], set[int]()
    while waiting:
        link = waiting.pop(0)
        if id(link) in known:
            continue
        known.add(id(link))
        yield link
        inside = (link.__cause__, link.__context__, getattr(link, "reason", None), *link.args)
        waiting.extend(item for item in inside if isinstance(item, BaseException))


def _words(chain: list[BaseException]) -> str:
    """Return what happened in the system's own words, which quote no URL."""
    system = [link for link in chain if isinstance(link, OSError) and link.strerror]
    if system:
        return str(system[-1].strerror)
    return type(chain[-1]).__name__ if chain else "unknown"
