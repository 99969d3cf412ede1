"""What `bwvdock config check` warns of, and whether it says all that is wrong at once."""

from __future__ import annotations

import grp
import json
import os
from pathlib import Path

import pytest

from bwvdock.cli import main
from bwvdock.config.settings import load
from bwvdock.config.warnings import warnings
from tests.service.daemons import configure
from tests.unprivileged import unprivileged

Capture = pytest.CaptureFixture[str]
TUS = """
[[destination]]
name = "county"
kind = "tus"
url = "{url}"
bearer_token_file = "{token}"
"""
S3 = """
[[destination]]
name = "archive"
kind = "s3"
endpoint = "{url}"
bucket = "evidence"
access_key_file = "{token}"
secret_key_file = "{token}"
"""


def warned(folder: Path, more: str) -> dict[str, str]:
    """Return what is warned of but one disk, of which test_disks.py is."""
    found = warnings(load(configure(folder, more=more)))
    return {w.key: w.message for w in found if w.key != "destination"}


def token(folder: Path, mode: int) -> Path:
    file = folder / "token"
    file.write_text("hunter22\n")
    file.chmod(mode)
    return file


@pytest.mark.parametrize(
    "url,is_warned",
    [
        ("http://evidence.example.org/files/", True),
        ("http://192.0.2.7:1080/files/", True),
        ("http://localhost.example.org/", True),
        ("https://evidence.example.org/files/", False),
        ("http://localhost:1080/files/", False),
        ("http://127.0.0.1:9000/", False),
        ("http://[::1]:9000/", False),
    ],
)
@pytest.mark.parametrize("store,key", [(TUS, "url"), (S3, "endpoint")])
def test_what_goes_over_the_network_in_the_clear(
    tmp_path: Path, store: str, key: str, url: str, is_warned: bool
) -> None:
    found = warned(tmp_path, store.format(url=url, token=token(tmp_path, 0o600)))
    assert set(found) == ({f"destination[1].{key}"} if is_warned else set())
    assert all("anybody on the way" in message for message in found.values())


@pytest.mark.parametrize("mode,says", [(0o644, "read"), (0o604, "read"), (0o602, "replace"), (0o600, "")])
def test_a_secret_that_everybody_has(tmp_path: Path, mode: int, says: str) -> None:
    file = token(tmp_path, mode)
    found = warned(tmp_path, TUS.format(url="https://x.example.org/", token=file))
    assert list(found) == (["destination[1].bearer_token_file"] if says else [])
    assert all(f"everybody may {says} (mode {mode:04o})" in message for message in found.values())


@pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: giving a file to another group needs root")
def test_a_secret_that_some_other_group_has(tmp_path: Path) -> None:
    file = token(tmp_path, 0o640)
    assert warned(tmp_path, TUS.format(url="https://x.example.org/", token=file)) == {}
    os.chown(file, 0, 65534)
    found = warned(tmp_path, TUS.format(url="https://x.example.org/", token=file))
    assert "the group nogroup may read" in found["destination[1].bearer_token_file"]


@pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: giving a file to another user needs root")
def test_a_secret_that_somebody_else_may_replace(tmp_path: Path) -> None:
    file = token(tmp_path, 0o600)
    os.chown(file, 65534, 0)
    found = warned(tmp_path, TUS.format(url="https://x.example.org/", token=file))
    assert "belongs to the user nobody" in found["destination[1].bearer_token_file"]


@pytest.mark.parametrize("mode,is_warned", [(0o755, False), (0o1777, False), (0o777, True)])
def test_a_secret_in_a_folder_of_everybody(tmp_path: Path, mode: int, is_warned: bool) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    folder.chmod(mode)
    found = warned(tmp_path, TUS.format(url="https://x.example.org/", token=token(folder, 0o600)))
    assert ("everybody may write in" in str(found)) is is_warned


@pytest.mark.parametrize("below", ["", "/vault"])
def test_a_vault_that_is_a_file_or_in_one(tmp_path: Path, below: str) -> None:
    (tmp_path / "there").touch()
    vault = '[[destination]]\nname = "v"\nkind = "directory"\npath = "{}"\n'
    assert list(warned(tmp_path, vault.format(f"{tmp_path}/there{below}"))) == ["destination[1].path"]
    Path(f"{tmp_path}/new{below}").mkdir(parents=True)
    assert warned(tmp_path, vault.format(f"{tmp_path}/new{below}")) == {}


@pytest.mark.parametrize(
    "one,other,is_warned",
    [
        (("22:00", "06:00"), ("06:00", "22:00"), False),
        (("22:00", "06:00"), ("05:00", "07:00"), True),
        (("22:00", "06:00"), ("23:00", "23:30"), True),
        (("08:00", "12:00"), ("11:59", "13:00"), True),
        (("08:00", "12:00"), ("12:00", "13:00"), False),
    ],
)
def test_windows_of_which_one_hides_a_part_of_another(
    tmp_path: Path, one: tuple[str, str], other: tuple[str, str], is_warned: bool
) -> None:
    window = '[[upload.window]]\nfrom = "{}"\nto = "{}"\nlimit = "none"\n'
    for first, second in ((one, other), (other, one)):
        found = warned(tmp_path, window.format(*first) + window.format(*second))
        assert list(found) == (["upload.window[2]"] if is_warned else [])


@pytest.mark.parametrize("free,is_warned", [("0", True), ("5", True), ('"1 MiB"', False)])
def test_a_disk_that_may_be_filled_up(tmp_path: Path, free: str, is_warned: bool) -> None:
    found = warned(tmp_path, f"[spool]\nmin_free = {free}\n")
    assert list(found) == (["spool.min_free"] if is_warned else [])


def test_a_group_that_is_not_here_lets_nobody_in(tmp_path: Path) -> None:
    """A number is not a name: a gid that is typed for one is such a group."""
    ours = grp.getgrgid(os.getgid())
    classes = "".join(
        f'[[retention.class]]\nname = "c{number}"\ndays = 7\ngroups = ["{group}"]\n'
        for number, group in enumerate((ours.gr_name, str(ours.gr_gid), "no-such-group"))
    )
    found = warned(tmp_path, f'{classes}[access]\nrestricted_groups = ["nobody-is-in-it"]\n')
    assert list(found) == [
        "retention.class[2].groups",
        "retention.class[3].groups",
        "access.restricted_groups",
    ]


@pytest.mark.parametrize("kind", ["missing", "file", "folder"])
def test_a_source_that_is_no_folder(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "export"
    if kind == "file":
        path.touch()
    elif kind == "folder":
        path.mkdir()
    found = warned(tmp_path, f'[[source]]\nkind = "folder"\npath = "{path}"\nserial = "CAM-17"\n')
    assert set(found) == (set() if kind == "folder" else {"source[1].path"})


def test_the_command_warns_and_still_says_that_it_is_right(tmp_path: Path, capsys: Capture) -> None:
    file = configure(tmp_path, more=TUS.format(url="http://x.example.org/", token=token(tmp_path, 0o644)))
    assert main(["config", "check", "--config", str(file)]) == 0
    said = capsys.readouterr()
    assert "is valid, with 3 warnings" in said.out
    assert said.err.count("warning: destination[1].") == 2
    assert "hunter22" not in said.out + said.err
    assert main(["config", "check", "--json", "--config", str(file)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is True
    assert [w["key"] for w in document["warnings"]] == [
        "destination[1].url",
        "destination[1].bearer_token_file",
        "destination",
    ]


def test_every_mistake_is_told_at_once(tmp_path: Path, capsys: Capture) -> None:
    more = (
        TUS.format(url="ftp://x.example.org/", token=tmp_path / "missing")
        + f'[[source]]\nkind = "folder"\npath = "{tmp_path}/gone"\nserial = "CAM-17"\n'
        + '[release]\nerase = "sometimes"\n'
    )
    file = configure(tmp_path, more=more)
    assert main(["config", "check", "--json", "--config", str(file)]) == 78
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert {m["key"] for m in document["mistakes"]} == {
        "destination[1].url",
        "destination[1].bearer_token_file",
        "release.erase",
    }
    assert [w["key"] for w in document["warnings"]] == ["source[1].path", "destination"]
    for key in ("destination[1].url", "destination[1].bearer_token_file", "release.erase", "source[1].path"):
        assert key in said.err


@pytest.mark.parametrize("words", [("config", "check"), ("init",)])
def test_a_folder_that_we_may_not_look_into_is_said(words: tuple[str, ...], capsys: Capture) -> None:
    """As an operator types it on a dock whose folders are the service's alone."""
    with unprivileged() as folder:
        closed = folder / "closed"
        (closed / "camera").mkdir(parents=True)
        file = configure(folder, camera=closed / "camera")
        text = file.read_text(encoding="utf-8").replace(f"{folder}/state", f"{closed}/state")
        file.write_text(text, encoding="utf-8")
        closed.chmod(0)
        try:
            code = main([*words, "--config", str(file)])
        finally:
            closed.chmod(0o700)
    assert code == (0 if words[0] == "config" else 1)
    said = capsys.readouterr().err
    assert "may not be seen by the user" in said if words[0] == "config" else "Permission denied" in said


def test_a_vault_that_is_not_there_is_warned_of_and_init_is_named(tmp_path: Path) -> None:
    vault = tmp_path / "nas" / "vault"
    more = f'[[destination]]\nname = "nas"\nkind = "directory"\npath = "{vault}"\n'
    [found] = [w for w in warnings(load(configure(tmp_path, more=more))) if w.key != "destination"]
    assert (found.key, found.value) == ("destination[1].path", f'"{vault}"')
    assert "is not there" in found.message
    assert "bwvdock init" in found.remedy
    vault.mkdir(parents=True)
    assert warned(tmp_path, more) == {}


def test_a_vault_in_the_state_directory_is_made_by_the_dock(tmp_path: Path) -> None:
    assert warned(tmp_path, "") == {}


def test_a_size_is_shown_with_its_unit(tmp_path: Path) -> None:
    config = load(configure(tmp_path, more='[spool]\nmin_free = "900 TiB"\n'))
    [found] = [w for w in warnings(config) if w.key == "spool.min_free"]
    assert found.value == '"900 TiB"'


def test_a_list_of_badges_with_mistakes_is_warned_of_without_what_is_in_it(tmp_path: Path) -> None:
    badges = tmp_path / "badges.csv"
    more = f'[checkout]\nbadges = "{badges}"\n'
    assert "No such file" in warned(tmp_path, more)["checkout.badges"]
    badges.write_text("badge,officer\n31337,\n", encoding="utf-8")
    said = warned(tmp_path, more)["checkout.badges"]
    assert "line 2: officer is empty" in said
    assert "31337" not in said
    badges.write_text("badge,officer\n31337,4411\n", encoding="utf-8")
    assert "checkout.badges" not in warned(tmp_path, more)
