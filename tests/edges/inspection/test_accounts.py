"""To whom does a path belong, and who is in a group?"""

from __future__ import annotations

import grp
import os
from pathlib import Path

import pytest

from bwvdock.edges.inspection.accounts import members_of, owner_of, strangers_in, user_exists
from bwvdock.errors import NotSeenError
from tests.unprivileged import unprivileged


def test_users_and_groups() -> None:
    assert user_exists("root")
    assert not user_exists("no-such-user")
    assert members_of("no-such-group") is None
    assert members_of(grp.getgrgid(0).gr_name) is not None


def test_the_owner_of_a_path_and_of_a_link_itself(tmp_path: Path) -> None:
    (tmp_path / "file").touch(mode=0o640)
    (tmp_path / "link").symlink_to("file")
    kinds = {name: owner_of(tmp_path / name) for name in (".", "file", "link")}
    assert [found.kind if found else "" for found in kinds.values()] == ["folder", "file", "other"]
    found = kinds["file"]
    assert found is not None
    assert found.mode == 0o640
    assert owner_of(tmp_path / "gone") is None
    assert owner_of(tmp_path / "file/below") is None


def test_what_belongs_to_somebody_else_in_a_folder(tmp_path: Path) -> None:
    for name in "cab":
        (tmp_path / name).touch()
    own = owner_of(tmp_path)
    assert own is not None
    assert strangers_in(tmp_path, owner=own.user) == []
    assert strangers_in(tmp_path, owner="somebody", most=2) == ["a", "b"]
    (tmp_path / "lost+found").mkdir()
    assert "lost+found" not in strangers_in(tmp_path, owner="somebody", most=9)
    (tmp_path / "lost+found").rmdir()
    (tmp_path / "lost+found").touch()
    assert "lost+found" in strangers_in(tmp_path, owner="somebody", most=9), "no folder, so not the disk's"


@pytest.mark.skipif(os.geteuid() != 0, reason="the folder must be another user's")
def test_who_may_not_look_is_told_so(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "x").touch()
    with unprivileged():
        with pytest.raises(NotSeenError):
            owner_of(closed / "x")
        with pytest.raises(NotSeenError):
            strangers_in(closed, owner="root")
