"""How is a store reached through a proxy for HTTP, where a network lets nothing else out?

To an https:// store the proxy makes a tunnel (CONNECT, RFC 9110): TLS is with the store, and the proxy learns
its name alone. Requests to an http:// store are handed to it as they are.
Whatever goes wrong names the proxy.
"""

from __future__ import annotations

import base64
import http.client
import re
import socket
from collections.abc import Callable
from contextlib import closing
from typing import Any

from bwvdock.edges.destinations.causes import cause_of
from bwvdock.edges.destinations.metering import MOST_HEAD, Meter, MeteredSocket, TooMuchError
from bwvdock.errors import DestinationUnavailableError

Credentials = Callable[[], str]
"""A function that returns "user:password", read anew; "" for none."""

_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: |\r?\n)")
_ASKS_WHO = 407
_REFUSALS = {401, 403, 405}


class ProxyError(DestinationUnavailableError):
    """The proxy could not be used; the message is the end of a sentence about the store."""


class Proxy:
    """A proxy. May be used from several threads."""

    def __init__(self, host: str, port: int, credentials: Credentials) -> None:
        """Describe it; nothing is connected or read yet."""
        self.host, self.port, self._credentials = host, port, credentials

    @property
    def name(self) -> str:
        """Its address, for people."""
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def tunnel(self, host: str, port: int, *, connect: float, answer: float) -> socket.socket:
        """Return a connection to a store's port through the proxy.

        Args:
            host: the store's.
            port: the store's.
            connect: seconds until there is a connection to the proxy.
            answer: seconds until it has one to the store.

        Raises:
            ProxyError: there is none to be had.
            AccessDeniedError: the credentials cannot be read.
        """
        where = f"{f'[{host}]' if ':' in host else host}:{port}"
        sent = [f"CONNECT {where} HTTP/1.1", f"Host: {where}", *self._authorization(), "", ""]
        connected = self.connect(connect)
        try:
            connected.settimeout(connect)
            connected.sendall("\r\n".join(sent).encode("ascii"))
            status = _status_of(_head(connected, answer))
        except (OSError, TooMuchError) as error:
            connected.close()
            raise self._silent(error) from error
        except BaseException:
            connected.close()
            raise
        if status is None or not 200 <= status < 300:
            connected.close()
            raise self._refused(status, where)
        return connected

    def connect(self, seconds: float) -> socket.socket:
        """Return a connection to the proxy itself.

        Raises:
            ProxyError: there is none to be had.
        """
        try:
            return socket.create_connection((self.host, self.port), seconds)
        except OSError as error:
            raise ProxyError(
                f"the proxy {self.name} cannot be reached: {cause_of(error).words}",
                remedy="Correct `proxy` in the configuration, or see that the proxy runs",
            ) from error

    def forwarding(self, origin: str, seconds: float) -> http.client.HTTPConnection:
        """Return a connection to the proxy that hands requests on to an http:// store.

        Raises:
            ProxyError: there is none to be had.
        """
        made = _Forwarding(self.host, self.port, timeout=seconds)
        made.origin, made.authorization = origin, self._authorization
        made.sock = self.connect(seconds)
        return made

    def asks_who(self) -> ProxyError:
        """Return the error that says that the proxy wants to know who asks."""
        if self._credentials():
            return ProxyError(
                f"the proxy {self.name} rejects the dock's user and password (status 407)",
                remedy="Correct them in `proxy_credentials_file`, as user:password",
            )
        return ProxyError(
            f"the proxy {self.name} asks for a user and a password (status 407)",
            remedy="Write user:password into a file, and name it in `proxy_credentials_file`",
        )

    def broke_off(self, error: OSError) -> ProxyError:
        """Return the error that says that a tunnel was closed before TLS with the store was agreed on."""
        return ProxyError(
            f"the connection through the proxy {self.name} ended: {cause_of(error).words}",
            remedy="See what the proxy's log says",
        )

    def _authorization(self) -> list[str]:
        credentials = self._credentials()
        if not credentials:
            return []
        return [f"Proxy-Authorization: Basic {base64.b64encode(credentials.encode()).decode('ascii')}"]

    def _refused(self, status: int | None, where: str) -> ProxyError:
        if status is None:
            return ProxyError(
                f"what answers at {self.name} is not a proxy for HTTP",
                remedy="Correct `proxy` in the configuration",
            )
        if status == _ASKS_WHO:
            return self.asks_who()
        if status in _REFUSALS:
            return ProxyError(
                f"the proxy {self.name} does not let the dock reach {where} (status {status})",
                remedy=f"Have the proxy allow CONNECT to {where}",
            )
        return ProxyError(
            f"the proxy {self.name} cannot reach {where} (status {status})",
            remedy="Correct the store's address in the configuration, or see what the proxy's log says",
        )

    def _silent(self, error: Exception) -> ProxyError:
        words = str(error) if isinstance(error, TooMuchError) else cause_of(error).words
        return ProxyError(
            f"the proxy {self.name} made no connection: {words}",
            remedy="See what the proxy's log says",
        )


class _Forwarding(http.client.HTTPConnection):
    """A connection to a proxy; requests name the whole address of what they are for."""

    origin: str
    authorization: Callable[[], list[str]]

    def putrequest(self, method: str, url: str, *args: Any, **more: Any) -> None:  # noqa: ANN401 - as there
        """Begin a request, with its whole address and with who asks."""
        super().putrequest(method, f"{self.origin}{url}", *args, **more)
        for line in self.authorization():
            name, _, value = line.partition(": ")
            self.putheader(name, value)


def _head(connected: socket.socket, seconds: float) -> bytes:
    """Return the head of the proxy's answer, and not a byte after it: those are the store's."""
    meter = Meter(seconds)
    meter.left = MOST_HEAD
    found = bytearray()
    with closing(MeteredSocket(connected, meter).raw()) as reading:
        while not found.endswith((b"\r\n\r\n", b"\n\n")) and (byte := reading.read(1)):
            found += byte
    return bytes(found)


def _status_of(head: bytes) -> int | None:
    found = _STATUS.match(head)
    return int(found[1]) if found and head.endswith((b"\r\n\r\n", b"\n\n")) else None
