"""Who is at the other end of a Unix socket, and as whom did that person log in?

The kernel says which process connected (SO_PEERCRED). What `sudo` hides is the login: the kernel keeps its
user through every change of user (/proc/PID/loginuid), wherever PAM set it. An installed daemon sees no other
user's processes (ProtectProc= in its unit), so the command line sends its own; that is called a claim, as
is what sudo says ($SUDO_UID): who is root could claim anything, and who is not gains nothing by it.
"""

from __future__ import annotations

import os
import pwd
import select
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

_PEERCRED = struct.Struct("iII")  # pid, uid, gid: struct ucred
_PEERGROUPS = 59  # SO_PEERGROUPS, which the module socket does not name
_NOBODY = 2**32 - 1  # of loginuid: nobody logged in, as for a service


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """A process that connected: the user it runs as, the one who logged in if known, and its groups."""

    pid: int
    uid: int
    login: int | None = None
    groups: frozenset[int] = frozenset()


def peer_of(connection: socket.socket) -> Peer:
    """Return who connected."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEERCRED.size)
    pid, uid, gid = _PEERCRED.unpack(raw)
    return Peer(pid=pid, uid=uid, login=login_of(pid, uid), groups=frozenset({gid, *_also_in(connection)}))


def _also_in(connection: socket.socket) -> tuple[int, ...]:
    """Return the groups of who connected, beside the first, as they were then; none where it is not known."""
    try:
        raw = connection.getsockopt(socket.SOL_SOCKET, _PEERGROUPS, 1024)
    except OSError:
        return ()  # with more than 256 groups nobody is let in by one: to know too little is the safe side
    return struct.unpack(f"{len(raw) // 4}I", raw)


def this_process() -> Peer:
    """Return who runs this process."""
    groups = frozenset({os.getgid(), *os.getgroups()})
    return Peer(pid=os.getpid(), uid=os.getuid(), login=login_of(os.getpid(), os.getuid()), groups=groups)


def login_of(pid: int, uid: int, *, proc: Path = Path("/proc")) -> int | None:
    """Return the user who logged in and came to run a process; None where that is not known.

    A process that ended meanwhile, so that its number may be another's by now, says nothing.
    """
    try:
        held = os.pidfd_open(pid)
    except OSError:
        return None
    try:
        folder = proc / str(pid)
        login = int((folder / "loginuid").read_text(encoding="ascii"))
        of_the_same_user = folder.stat().st_uid == uid
        ended = bool(select.select([held], [], [], 0)[0])
    except (OSError, ValueError):
        return None
    finally:
        os.close(held)
    return login if of_the_same_user and not ended and login != _NOBODY else None


def runs_as(peer: Peer, name: str) -> bool:
    """Return whether a process is that of the user with a name."""
    try:
        return pwd.getpwnam(name).pw_uid == peer.uid
    except KeyError:
        return False


def user(uid: int) -> str:
    """Return a user as the journal names one: "1000:ann", or "1000:" for one without a name."""
    try:
        return f"{uid}:{pwd.getpwuid(uid).pw_name}"
    except (KeyError, OverflowError):
        return f"{uid}:"


def actor_of(peer: Peer, *, claimed: int | None = None) -> str:
    """Name who acts: "1000:ann", or by sudo "0:root (login 1000:ann)".

    Args:
        peer: who connected.
        claimed: who logged in, as the process itself says; shown where the kernel does not say the same.
    """
    also = []
    if peer.login is not None and peer.login != peer.uid:
        also.append(f"login {user(peer.login)}")
    if claimed is not None and claimed not in {peer.uid, peer.login}:
        also.append(f"login {user(claimed)}, as claimed")
    return f"{user(peer.uid)} ({'; '.join(also)})" if also else user(peer.uid)
