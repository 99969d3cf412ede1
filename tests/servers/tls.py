"""A private certificate authority, and what it signs for servers on loopback and for clients (by openssl)."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.servers.listening import listening

# Python 3.13 accepts no authority without it.
_SIGNS = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
_NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost"


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, PEM files."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates, in a folder that is there."""

    def __init__(self, folder: Path, name: str = "authority", *, key_usage: bool = True) -> None:
        """Make it; without `key_usage` it is as many private authorities are."""
        self._folder = folder
        more = _SIGNS if key_usage else ()
        self.own = self._make(name, "-addext", "basicConstraints=critical,CA:TRUE", *more)

    @property
    def ca_file(self) -> Path:
        """What a client has to trust."""
        return self.own.certificate

    def sign(self, name: str, days: int = 1) -> Identity:
        """Return an identity for this machine's loopback addresses, valid for so many days from now."""
        signed_by = ["-CA", str(self.own.certificate), "-CAkey", str(self.own.key)]
        return self._make(
            name, *signed_by, "-addext", _NAMES, "-addext", "basicConstraints=CA:FALSE", days=days
        )

    def _make(self, name: str, *more: str, days: int = 1) -> Identity:
        made = Identity(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        files = ["-out", str(made.certificate), "-keyout", str(made.key)]
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(days)]
        command = ["openssl", "req", "-x509", *kind, "-subj", f"/CN={name}", *files, *more]
        subprocess.run(command, check=True, capture_output=True)
        return made


def server_context(identity: Identity, clients: Path | None = None) -> ssl.SSLContext:
    """Return the context of a server; with the CA of its clients, one that wants their certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    return context


@contextmanager
def tls_in_front_of(port: int, context: ssl.SSLContext) -> Iterator[int]:
    """Give the port of what takes TLS off and passes the rest to another port of this machine."""
    with listening(lambda client, _: _pass_on(client, port, context)) as outside:
        yield outside


def _pass_on(plain: socket.socket, port: int, context: ssl.SSLContext) -> None:
    with (
        plain,
        suppress(OSError),
        context.wrap_socket(plain, server_side=True) as client,
        socket.create_connection(("127.0.0.1", port)) as server,
    ):
        back = threading.Thread(target=_copy, args=(server, client), daemon=True)
        back.start()
        _copy(client, server)
        back.join()


def _copy(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while block := one.recv(1 << 16):
            other.sendall(block)
    with suppress(OSError):  # whoever still reads there hears that nothing more comes
        other.shutdown(socket.SHUT_RDWR)
