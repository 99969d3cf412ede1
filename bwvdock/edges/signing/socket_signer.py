"""How is the signer, a process and user of its own, asked for a signature?

The docstring of bwvdock.signer shows what is said.
"""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bwvdock.core.plain_json import object_of
from bwvdock.errors import BwvdockError, SignerRefusedError, SignerUnavailableError

_MAX_ANSWER_BYTES = 16384
_START = "systemctl start bwvdock-signer.socket; then: systemctl status bwvdock-signer"


class SocketSigner:
    """The client's side of the signer's socket (a CheckpointSigner). May be used from any thread."""

    def __init__(self, path: Path, *, timeout: float = 20.0) -> None:
        """Prepare; nothing is connected yet.

        Args:
            path: where systemd listens for the signer.
            timeout: seconds to wait at each step for the signer, which systemd starts when it is asked.
        """
        self._path = path
        self._timeout = timeout

    def public_key(self) -> bytes:
        """Return the public key."""
        match self._ask({"op": "key"}):
            case {"ok": True, "key": str(encoded)}:
                try:
                    return base64.b64decode(encoded, validate=True)
                except ValueError as error:
                    raise _nonsense() from error
        raise _nonsense()

    def sign(self, submission: bytes) -> str:
        """Return the signed note."""
        match self._ask({"op": "sign", "submission": submission.decode()}):
            case {"ok": True, "note": str(note)}:
                return note
        raise _nonsense()

    def _ask(self, request: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
                connection.settimeout(self._timeout)
                connection.connect(str(self._path))
                connection.send(json.dumps(request).encode())
                said = _read(connection.recv(_MAX_ANSWER_BYTES))
        except TimeoutError as error:
            raise SignerUnavailableError(
                f"The signer did not answer within {self._timeout:g} s.",
                remedy="See `journalctl -u bwvdock-signer -k`.",
            ) from error
        except OSError as error:
            raise SignerUnavailableError(
                f"The signer cannot be reached at {self._path}: {error.strerror}.", remedy=_START
            ) from error
        if said.get("ok") is not True:
            raise _error(said)
        return said


def _read(answer: bytes) -> Mapping[str, Any]:
    try:
        return object_of(answer)
    except ValueError as error:
        raise _nonsense() from error


def _error(said: Mapping[str, Any]) -> BwvdockError:
    match said:
        case {
            "code": "refused",
            "message": str(message),
            "remedy": str(remedy),
            "size": int() | None as size,
            "note": str(note),
        }:
            return SignerRefusedError(message, remedy=remedy, size=size, note=note)
        case {"code": str(), "message": str(message), "remedy": str(remedy)}:
            return SignerUnavailableError(f"The signer does not sign: {message}", remedy=remedy)
    return _nonsense()


def _nonsense() -> SignerUnavailableError:
    return SignerUnavailableError(
        "The signer sent an invalid answer, which is ignored.",
        remedy="Check that both have the same version, then: systemctl restart bwvdock-signer.socket bwvdock",
    )
