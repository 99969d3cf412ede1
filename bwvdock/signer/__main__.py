"""Where does the signer get its socket and its key, and whom does it serve?"""

from __future__ import annotations

import logging
import os
import pwd
import socket
import sys
from pathlib import Path

from bwvdock.edges import ed25519
from bwvdock.signer.by_root import ordered
from bwvdock.signer.conversation import serve
from bwvdock.signer.key import SIGNED, own_key, read_key
from bwvdock.signer.memory import FileMemory
from bwvdock.signer.notary import Notary

USER = "bwvdock"
CREDENTIAL = "bwvdock-custody.key"
IDLE_SECONDS = 60.0
_FIRST_FD = 3  # SD_LISTEN_FDS_START of sd_listen_fds(3)

_LOG = logging.getLogger("bwvdock-signer")


def main() -> int:
    """Answer on systemd's socket until there are no more requests, or root; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    if sys.argv[1:]:
        return ordered(sys.argv[1:])
    if (os.environ.get("LISTEN_PID"), os.environ.get("LISTEN_FDS")) != (str(os.getpid()), "1"):
        _LOG.error(
            "systemd starts this program when it is needed; type: systemctl start bwvdock-signer.socket"
        )
        return 2
    listener = socket.socket(fileno=_FIRST_FD)
    listener.set_inheritable(False)
    with listener:
        serve(listener, _open_notary, _allowed(), idle_seconds=IDLE_SECONDS)
    return 0


def _open_notary() -> Notary:
    state = Path(os.environ.get("STATE_DIRECTORY", ""))
    credential = Path(os.environ.get("CREDENTIALS_DIRECTORY", ""), CREDENTIAL)
    if os.environ.get("CREDENTIALS_DIRECTORY") and credential.exists():
        seed = read_key(credential, guarded=True)
    else:
        seed = own_key(state)
    return Notary(
        ed25519.public(seed),
        lambda message: ed25519.sign(seed, message),
        FileMemory(state / SIGNED),
    )


def _allowed() -> frozenset[int]:
    try:
        return frozenset({0, pwd.getpwnam(USER).pw_uid})
    except KeyError:
        _LOG.warning("user %s does not exist, so only root is served. Type: systemd-sysusers", USER)
        return frozenset({0})


if __name__ == "__main__":
    sys.exit(main())
