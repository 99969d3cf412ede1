"""Does nothing stay behind when a test run is killed?"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.process import ROOT

pytestmark = pytest.mark.slow

_RUN = """
import os, signal, sys
from tests.servers.process import Process, own_folder
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs us in the background ignores it
folder = own_folder("guarded")
ended = Process(["true"], folder / "log", {})
ended.end()
running = Process(["tail", "-f", "/dev/null"], folder / "log", {})
print(running.pid, folder, flush=True)
os.read(0, 1)
"""


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_what_a_killed_run_has_started_is_ended(ending: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _RUN],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as run:
        assert run.stdout is not None
        pid, folder = run.stdout.readline().split()
        watched = os.pidfd_open(int(pid))
        run.send_signal(ending)
        run.wait(60)
        ended, _, _ = select.select(
            [watched], [], [], 10
        )  # a process's descriptor is readable once it has ended
        os.close(watched)
        assert ended
        assert any(not Path(folder).exists() for _ in range(100_000))
