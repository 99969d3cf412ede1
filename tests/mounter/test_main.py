"""Does the program serve the socket that systemd hands it, with nothing but the standard library?"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.slow

# As packaging/deb/bwvdock-mounter does it: no site-packages, the checkout behind the standard library.
PROGRAM = (
    f"import sys, runpy; sys.path.append({str(ROOT)!r});"
    "runpy.run_module('bwvdock.mounter', run_name='__main__', alter_sys=True)"
)

# As systemd hands a socket over, sd_listen_fds(3): descriptor 3, for the process of that number.
HANDING_OVER = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3);"
    "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()));"
    "os.execv(sys.executable, [sys.executable, '-IS', '-c', sys.argv[2]])"
)


def test_started_by_hand_it_says_how_it_is_started() -> None:
    done = subprocess.run(
        [sys.executable, "-IS", "-c", PROGRAM], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "systemctl start bwvdock-mounter.socket" in done.stderr


@pytest.fixture(name="listener")
def _listener(tmp_path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(tmp_path / "socket"))
    listener.listen()
    return listener


def test_it_answers_on_the_socket_that_it_inherits(listener: socket.socket, tmp_path: Path) -> None:
    with (
        listener,
        subprocess.Popen(
            [sys.executable, "-c", HANDING_OVER, str(listener.fileno()), PROGRAM],
            pass_fds=[listener.fileno()],
            stderr=subprocess.PIPE,
            text=True,
        ) as program,
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client,
    ):
        client.settimeout(30)
        client.connect(str(tmp_path / "socket"))
        client.send(b'{"op": "mount", "device": "../../etc"}')
        answer = json.loads(client.recv(65536))
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) == -signal.SIGTERM
        assert program.stderr is not None
        told = program.stderr.read()
    expected = "bad_device" if os.getuid() == 0 else "not_allowed"
    assert answer["code"] == expected
    assert f"user {os.getuid()}: {expected}" in told
