"""Measures bwvdock beside its peers and writes docs/benchmarks.md: `make bench`.

Each section of the document is one function in SECTIONS. It gets a folder in memory, for what
stands for a camera, and one on a real disk, and gives its part of the text.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.copying import LARGE_BYTES, large_clip, small_clips
from benchmarks.daemon import many_cameras
from benchmarks.dock import full_journal
from benchmarks.events import events
from benchmarks.finding import million_clips
from benchmarks.fleet.night import fleet
from benchmarks.idle import idle
from benchmarks.million import million
from benchmarks.peaks import peaks
from benchmarks.picture import picture
from benchmarks.plan_check import plan_check
from benchmarks.ports import ports
from benchmarks.s3_peers import s3
from benchmarks.slow_link import slow_link, uplink
from benchmarks.turn import longest_turn
from benchmarks.uploads import memory_of_uploads, uploads
from benchmarks.verifying import verifying

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "benchmarks.md"
PICTURE = DOCUMENT.with_suffix(".svg")
MEMORY = Path("/dev/shm")  # noqa: S108 - the one place that is memory on every Linux

Section = Callable[[Path, Path], str]
SECTIONS: dict[str, Section] = {
    "large": large_clip,
    "small": small_clips,
    "daemon": many_cameras,
    "ports": ports,
    "idle": idle,
    "journal": full_journal,
    "finding": million_clips,
    "events": events,
    "turn": longest_turn,
    "verifying": verifying,
    "million": million,
    "uploads": uploads,
    "s3": s3,
    "memory": memory_of_uploads,
    "peaks": peaks,
    "cuts": slow_link,
    "uplink": uplink,
    "plan": plan_check,
    "fleet": fleet,
}
_ALONE = {"million", "uplink", "fleet"}  # take so long that they are measured only where they are asked for
_BEGIN = re.compile(r"^<!-- (\w+) -->$\n", re.MULTILINE)

_HEAD = """\
# Benchmarks

Written by `make bench`. Run it again to replace these figures by yours, or replace only some sections:
`.venv/bin/python -m benchmarks.run uploads`. A speed of 2 beside a peer means twice as fast; it is the
median of the ratios within each round.

The clips to be acquired are in memory, the target is on a disk. *acquire* is what the dock does with a
clip: read it once, hash it whole and in pieces, make it durable, read it back from the disk and compare
(by a checksum of 128 bits), publish it. *Not read back* omits that step, which the dock never does.
Memory is the peak of a process that does nothing but acquire."""


def main() -> None:
    """Run the sections asked for, or all but the longest; write each into the document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sections", nargs="*", help=f"only these: {', '.join(SECTIONS)}")
    parser.add_argument("--disk", type=Path, default=ROOT / "build", help="a folder on the disk to measure")
    arguments = parser.parse_args()
    arguments.disk.mkdir(exist_ok=True)
    _require(arguments.disk)
    chosen = arguments.sections or [name for name in SECTIONS if name not in _ALONE]
    with (
        tempfile.TemporaryDirectory(prefix="bwvdock-bench-", dir=MEMORY) as memory,
        tempfile.TemporaryDirectory(prefix="bench-", dir=arguments.disk) as disk,
    ):
        for name in chosen:
            print(f"{name}:", flush=True)
            text = SECTIONS[name](Path(memory), Path(disk))
            print(text)
            _write(name, f"{text}\n\n{_measured(arguments.disk)}")
    print(f"wrote {DOCUMENT.relative_to(ROOT)}")


def _write(name: str, text: str) -> None:
    """Put a section into the document, where its older self stood or in its place among the others."""
    _, *parts = _BEGIN.split(DOCUMENT.read_text(encoding="utf-8")) if DOCUMENT.exists() else [""]
    texts = dict(zip(parts[::2], parts[1::2], strict=True)) | {name: text}
    known = [f"<!-- {name} -->\n{texts[name].strip()}" for name in SECTIONS if name in texts]
    document = "\n\n".join([_HEAD, *known]) + "\n"
    DOCUMENT.write_text(document, encoding="utf-8")
    PICTURE.write_text(picture(document), encoding="utf-8")


def _require(disk: Path) -> None:
    if _file_system(disk) == "tmpfs":
        sys.exit(f"{disk} is in memory, so nothing about a disk can be measured there: give --disk FOLDER")
    if shutil.disk_usage(MEMORY).free < LARGE_BYTES * 1.2:
        sys.exit(f"{MEMORY} has no room for the source of {LARGE_BYTES} bytes: free some memory")
    for tool in ("rsync", "curl"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is not there: apt install {tool}")


def _measured(disk: Path) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    machine = (
        f"{_processor()}, {os.cpu_count()} cores, {memory / 2**30:.0f} GiB of memory, {_file_system(disk)}, "
        f"Linux {platform.release()}, Python {platform.python_version()}"
    )
    return f"Measured on {datetime.now(UTC):%Y-%m-%d}: {machine}."


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(path: Path) -> str:
    answer = subprocess.run(
        ["stat", "--file-system", "--format=%T", str(path)], check=True, capture_output=True, text=True
    )
    return {"ext2/ext3": "ext4"}.get(answer.stdout.strip(), answer.stdout.strip())


if __name__ == "__main__":
    main()
