"""Where does the mounter get its socket, and whom does it serve?"""

from __future__ import annotations

import logging
import os
import pwd
import socket
import sys

from bwvdock.mounter.conversation import Desk, serve
from bwvdock.mounter.kernel import LinuxKernel
from bwvdock.mounter.mount import System

USER = "bwvdock"
IDLE_SECONDS = 60.0
_FIRST_FD = 3  # SD_LISTEN_FDS_START of sd_listen_fds(3)

_LOG = logging.getLogger("bwvdock-mounter")


def main() -> int:
    """Answer on systemd's socket until there are no more requests; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    if (os.environ.get("LISTEN_PID"), os.environ.get("LISTEN_FDS")) != (str(os.getpid()), "1"):
        _LOG.error(
            "systemd starts this program when it is needed; type: systemctl start bwvdock-mounter.socket"
        )
        return 2
    listener = socket.socket(fileno=_FIRST_FD)
    listener.set_inheritable(False)
    with listener:
        serve(
            listener,
            Desk(system=System(kernel=LinuxKernel()), allowed_uids=_allowed()),
            idle_seconds=IDLE_SECONDS,
        )
    return 0


def _allowed() -> frozenset[int]:
    try:
        return frozenset({0, pwd.getpwnam(USER).pw_uid})
    except KeyError:
        _LOG.warning("user %s does not exist, so only root is served. Type: systemd-sysusers", USER)
        return frozenset({0})


if __name__ == "__main__":
    sys.exit(main())
