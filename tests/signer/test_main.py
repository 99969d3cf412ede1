"""Does the program serve the socket that systemd hands it, and load nothing that it may not?"""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import cryptography
import pytest

from bwvdock.edges import ed25519
from bwvdock.signer.key import written
from tests.architecture.imports import SIGNER_MAY
from tests.architecture.tree import ROOT
from tests.signer.logs import Log

pytestmark = pytest.mark.slow

LIBRARIES = str(Path(cryptography.__file__).parent.parent)

# As packaging/deb/bwvdock-signer does it: the checkout, and the libraries, behind the standard library.
PROGRAM = (
    f"import sys, runpy; sys.path += [{str(ROOT)!r}, {LIBRARIES!r}];"
    "runpy.run_module('bwvdock.signer', run_name='__main__', alter_sys=True)"
)
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
    assert "systemctl start bwvdock-signer.socket" in done.stderr


@pytest.mark.parametrize("credential", [False, True])
def test_it_signs_with_the_key_that_it_is_given(tmp_path: Path, *, credential: bool) -> None:
    seed = bytes(range(32))
    key = tmp_path / ("credentials/bwvdock-custody.key" if credential else "custody.key")
    key.parent.mkdir(exist_ok=True)
    key.write_bytes(written(seed))
    key.chmod(0o440 if credential else 0o400)
    environment = {"STATE_DIRECTORY": str(tmp_path)}
    if credential:
        environment["CREDENTIALS_DIRECTORY"] = str(key.parent)
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener,
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client,
    ):
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        with subprocess.Popen(
            [sys.executable, "-c", HANDING_OVER, str(listener.fileno()), PROGRAM],
            pass_fds=[listener.fileno()],
            env=os.environ | environment,
            stderr=subprocess.PIPE,
            text=True,
        ) as program:
            client.settimeout(30)
            client.connect(str(tmp_path / "socket"))
            log = Log().grow(2)
            client.send(json.dumps({"op": "sign", "submission": log.submission(0).decode()}).encode())
            said = json.loads(client.recv(65536))
            program.send_signal(signal.SIGTERM)
            program.wait(60)
            assert program.stderr is not None
            told = program.stderr.read()
    if os.getuid() != 0:
        assert said["code"] == "not_allowed"
        return
    assert said["ok"], said
    *_, line = said["note"].splitlines()
    signature = base64.b64decode(line.rpartition(" ")[2])[4:]
    assert ed25519.verify(ed25519.public(seed), str(log.checkpoint()).encode(), signature)
    assert "with 2 entries" in told
    assert base64.b64encode(seed).decode() not in told


def test_nothing_is_loaded_that_it_may_not_import() -> None:
    asked = (
        "import sys, json; before = set(sys.modules)\n"
        f"sys.path += [{str(ROOT)!r}, {LIBRARIES!r}]\n"
        "import bwvdock.signer.__main__\n"
        "print(json.dumps(sorted({m for m in sys.modules if m not in before})))"
    )
    done = subprocess.run(
        [sys.executable, "-IS", "-c", asked], check=True, capture_output=True, text=True, timeout=60
    )
    loaded = set(json.loads(done.stdout))
    libraries = {top for name in loaded if (top := name.partition(".")[0]) not in sys.stdlib_module_names}
    assert libraries <= {"bwvdock", "cryptography", "_cffi_backend", "_openssl"}
    allowed = (*SIGNER_MAY, "bwvdock.core.visible_text")
    ours = {name for name in loaded if name.startswith("bwvdock")} - {
        "bwvdock",
        "bwvdock.core",
        "bwvdock.edges",
    }
    assert [name for name in ours if not name.startswith(allowed)] == []
    assert "bwvdock.edges.ed25519" in ours
