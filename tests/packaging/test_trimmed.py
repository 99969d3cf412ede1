"""Is what the package keeps of botocore enough to speak S3, of rich to draw, and little enough?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import botocore
import pytest

from tests.architecture.tree import ROOT
from tests.edges.destinations.s3_rig import PREFIX
from tests.servers.lying_s3 import LyingS3

pytestmark = pytest.mark.slow

MOST_BYTES = 10_000_000  # of botocore on the disk; 31 MB untrimmed

# What a dock does with a bucket, in a process that finds the trimmed botocore first and no boto3.
SCRIPT = """
import sys
from pathlib import Path
trimmed, base, url = sys.argv[1:]
sys.path.insert(0, trimmed)
import botocore
assert Path(botocore.__file__).is_relative_to(trimmed), botocore.__file__
from tests.edges.destinations.s3_rig import S3Dock
from tests.fakes.transfer import UNLIMITED
dock = S3Dock(Path(base), access="AK", secret="SK")
clip = dock.clip(b"footage")
destination = dock.destination(url)
destination.assess(UNLIMITED)
destination.store(clip, UNLIMITED)
print(destination.prove(clip, UNLIMITED).sha256 == clip.sha256, "boto3" in sys.modules)
"""


# What `status --watch` does on a terminal.
DRAW = """
import sys
trimmed = sys.argv[1]
sys.path.insert(0, trimmed)
import rich
assert rich.__file__.startswith(trimmed), rich.__file__
from rich.live import Live
from bwvdock.cli.watch.command import Picture, console_for, drawn
from bwvdock.cli.watch.texts import glyphs_for
from tests.cli.watch.scenes import station
from datetime import UTC, datetime
picture, console = Picture(), console_for(sys.stdout, colours=True)
picture.take(station(16), 1.0, datetime.now(UTC))
with Live(console=console, screen=True, auto_refresh=False) as live:
    live.update(drawn(picture, console, glyphs_for("utf-8"), 1.0), refresh=True)
print(sorted({"pygments", "markdown_it", "mdurl"} & sys.modules.keys()))
"""


def _trimmed(folder: Path, *names: str) -> Path:
    packages = Path(botocore.__file__).parents[1]
    subprocess.run(["cp", "-rs", *(packages / name for name in names), folder], check=True)
    subprocess.run([ROOT / "packaging/trim-python.sh", folder], check=True)
    return folder


def test_what_is_left_of_botocore_serves_a_bucket(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "dock").mkdir()
    trimmed = _trimmed(tmp_path / "lib", "botocore", "boto3", "s3transfer")
    assert [path.name for path in trimmed.iterdir()] == ["botocore"]
    kept = [path for path in trimmed.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert sum(path.stat().st_size for path in kept) < MOST_BYTES
    with LyingS3() as server:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, trimmed, tmp_path / "dock", server.url],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "True False\n"), done.stderr
        assert next(key for key in server.objects if server.objects[key]).startswith(f"{PREFIX}/2026/04/30/")


def test_what_is_left_of_rich_draws_a_screen(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    trimmed = _trimmed(tmp_path / "lib", "botocore", "rich", "pygments", "markdown_it", "mdurl")
    assert sorted(path.name for path in trimmed.iterdir()) == ["botocore", "rich"]
    done = subprocess.run(
        [sys.executable, "-c", DRAW, trimmed], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "SAFE" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("[]")
