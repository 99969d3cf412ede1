"""The demonstration is the first thing anybody sees, so it has to work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bwvdock import cli
from bwvdock.demo.journey import run_demo
from bwvdock.errors import UsageError


@pytest.mark.slow
def test_every_clip_ends_verified_and_what_is_kept_can_be_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two cameras, some 200 MB, custody ok; `--keep` leaves a dock that the commands understand."""
    root = tmp_path / "demo"
    assert run_demo(root, cli.main) == 0
    assert "Journal consistent." in capsys.readouterr().out
    assert cli.main(["clips", "list", "--json", "--config", str(root / "bwvdock.toml")]) == 0
    clips = json.loads(capsys.readouterr().out)
    assert {clip["state"] for clip in clips} == {"verified"}
    assert len({clip["camera"] for clip in clips}) == 2
    assert sum(clip["size"] for clip in clips) > 190_000_000


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    """Nothing of the user's is ever overwritten."""
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(UsageError, match="not empty") as told:
        run_demo(tmp_path, cli.main)
    assert "rm " not in told.value.remedy, "it may be anybody's folder"
    assert (tmp_path / "mine").read_text() == "precious"


@pytest.mark.parametrize("place", ["a file", "a file/below", "/proc/bwvdock-demo"])
def test_a_folder_that_cannot_be_used_is_said_to_be_so(tmp_path: Path, place: str) -> None:
    (tmp_path / "a file").write_text("precious")
    with pytest.raises(UsageError, match="cannot be used"):
        run_demo(tmp_path / place, cli.main)
