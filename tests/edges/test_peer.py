"""Is it known who acts, also behind sudo?"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bwvdock.edges.peer import Peer, actor_of, login_of, peer_of, this_process, user
from bwvdock.operators.daemon_client import claimed_login

_NO_USER = 1_234_567


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A /proc in which this process was begun by somebody who logged in as nobody we know."""
    folder = tmp_path / str(os.getpid())
    folder.mkdir()
    (folder / "loginuid").write_text(str(_NO_USER))
    return tmp_path


def test_the_kernel_says_who_connected() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        peer = peer_of(ours)
    assert (peer.pid, peer.uid) == (os.getpid(), os.getuid())
    assert peer == this_process()


def test_who_logged_in_is_read_from_the_process(proc: Path) -> None:
    assert login_of(os.getpid(), os.getuid(), proc=proc) == _NO_USER


def test_a_service_was_begun_by_nobody(proc: Path) -> None:
    (proc / str(os.getpid()) / "loginuid").write_text("4294967295")
    assert login_of(os.getpid(), os.getuid(), proc=proc) is None


@pytest.mark.parametrize("text", ["", "ann", "1\n2"])
def test_what_is_no_number_is_nobody(proc: Path, text: str) -> None:
    (proc / str(os.getpid()) / "loginuid").write_text(text)
    assert login_of(os.getpid(), os.getuid(), proc=proc) is None


def test_a_process_of_another_user_is_another_process(proc: Path) -> None:
    assert login_of(os.getpid(), os.getuid() + 1, proc=proc) is None


def test_a_process_that_ended_says_nothing(proc: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    (proc / str(os.getpid())).rename(proc / str(child.pid))
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    try:
        assert login_of(child.pid, os.getuid(), proc=proc) is None  # dead, and not buried
    finally:
        child.wait()
    assert login_of(child.pid, os.getuid(), proc=proc) is None  # its number may be another's


def test_an_order_by_sudo_names_who_logged_in() -> None:
    assert actor_of(Peer(pid=1, uid=0)) == "0:root"
    assert actor_of(Peer(pid=1, uid=0, login=0)) == "0:root"
    assert actor_of(Peer(pid=1, uid=0, login=_NO_USER)) == f"0:root (login {_NO_USER}:)"
    assert actor_of(Peer(pid=1, uid=_NO_USER, login=0)) == f"{_NO_USER}: (login 0:root)"


def test_what_is_claimed_is_told_as_a_claim_where_the_kernel_does_not_say_it() -> None:
    of_root = Peer(pid=1, uid=0)
    assert actor_of(of_root, claimed=_NO_USER) == f"0:root (login {_NO_USER}:, as claimed)"
    logged_in = Peer(pid=1, uid=0, login=_NO_USER)
    assert actor_of(logged_in, claimed=_NO_USER) == f"0:root (login {_NO_USER}:)"
    assert actor_of(logged_in, claimed=5).endswith(f"(login {_NO_USER}:; login {user(5)}, as claimed)")


@pytest.mark.parametrize(
    "text,claim", [("1000", 1000), ("", None), ("ann", None), ("-1", None), ("٣", None), ("9" * 30, None)]
)
@pytest.mark.skipif(this_process().login is not None, reason="the kernel knows who logged in here")
def test_only_a_users_number_is_a_claim(text: str, claim: int | None) -> None:
    assert claimed_login({"SUDO_UID": text}) == claim


def test_without_a_claim_there_is_what_the_kernel_knows() -> None:
    assert claimed_login({}) == this_process().login
