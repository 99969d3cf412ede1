"""Does every acknowledged fact, and every clip, survive being cut anywhere, on real file systems?

Each sweep does one small ingest after the other, the n-th of them cut just before its n-th system call that
changes anything: by SIGKILL, or by shutting its file systems down with nothing flushed. After each cut what
had been said must be in the journal and on the disk, and the next start must bring everything to its end.
`make test` draws three of the five sweeps anew in each run, a kill and a shutdown among them; `make nightly`
does all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.extent import EXTENT, Extent, drawn, offset

EVERY = 40  # calls from one cut to the next, but for `make nightly`; and each kind of call at least once
ROOT = Path(__file__).resolve().parents[2]
# What an ingest does, whatever it is given; a cut at each of these must have been seen.
EVERYTHING = {
    *("openat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync"),
    *("mkdirat", "renameat", "unlinkat", "fchmod"),
}

pytestmark = [
    pytest.mark.crash,
    pytest.mark.slow,
    pytest.mark.needs_root,
    pytest.mark.skipif(
        os.geteuid() != 0, reason="NOT TESTED: crashes on real file systems need root (loop mounts)"
    ),
]


def sweep(how: str, kind: str, vault_kind: str, clips: str) -> tuple[dict[str, int], list[str]]:
    """Return how often it was cut at which call, and what was wrong after which cut."""
    every = 1 if EXTENT is Extent.NIGHTLY else EVERY
    first = offset(every)
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.points", how, kind, vault_kind, clips, str(first), str(every)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    print(f"cut at every {every}th call from {first} on: {answer['cuts']}")  # noqa: T201 - where it failed
    return answer["cuts"], answer["problems"]


@pytest.mark.parametrize(
    "how,kind,vault_kind",
    [
        # Each file system has both: what is not here, the long clip below goes through.
        ("kill", "ext4", "ext4"),
        *drawn([("shutdown", "xfs", "xfs"), ("shutdown", "ext4", "xfs")], 1, of="two clips"),
    ],
)
def test_nothing_acknowledged_is_lost_and_everything_arrives(how: str, kind: str, vault_kind: str) -> None:
    """Two clips, one with a sidecar; the vault beside the spool (hard links) or elsewhere (copies)."""
    cuts, problems = sweep(how, kind, vault_kind, "small")
    assert problems == []
    names = {"linkat"} if kind == vault_kind else {"renameat2"}
    # Threads take turns as they like: of a call that is made twice in five hundred, a sweep may miss both.
    assert len((EVERYTHING | names) - set(cuts)) <= 1, cuts


@pytest.mark.parametrize("how,kind", drawn([("kill", "xfs"), ("shutdown", "ext4")], 1, of="a long clip"))
def test_a_long_clip_goes_on_from_its_pieces(how: str, kind: str) -> None:
    """A clip of two pieces, whose first is on the disk and in the log before the second has come."""
    cuts, problems = sweep(how, kind, kind, "large")
    assert problems == []
    assert set(cuts) >= {"pwrite64", "fsync", "openat", "renameat"}
