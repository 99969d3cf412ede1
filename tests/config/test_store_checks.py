"""What `bwvdock config check` finds wrong with the files that destinations name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bwvdock.config.settings import load
from bwvdock.config.store_checks import check_files
from tests.fakes.fuse import hanging_folder
from tests.service.daemons import bwvdock, configure

TUS = """
[[destination]]
name = "county"
kind = "tus"
url = "https://tus.example.org/files/"
bearer_token_file = "{folder}/token"
header_files = {{ X-Key = "{folder}/key" }}
ca_file = "{folder}/ca.pem"
client_cert = "{folder}/cert.pem"
client_key = "{folder}/cert.pem"
"""
S3 = """
[[destination]]
name = "archive"
kind = "s3"
endpoint = "https://s3.example.org"
bucket = "evidence"
access_key_file = "a-credential-of-systemd"
secret_key_file = "{folder}/secret"
"""


def wrong(folder: Path, store: str) -> dict[str, str]:
    config = load(configure(folder, more=store.format(folder=folder)))
    return {m.key: m.message for m in check_files(config.destinations[0], "destination[1]")}


def test_each_file_that_is_not_there_or_no_good_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("\n")
    (tmp_path / "ca.pem").write_text("no certificate")
    (tmp_path / "cert.pem").write_text("nor this")
    found = wrong(tmp_path, TUS)
    assert found.keys() == {
        f"destination[1].{key}"
        for key in ("bearer_token_file", "header_files.X-Key", "ca_file", "client_cert")
    }
    assert "No such file" in found["destination[1].bearer_token_file"]
    assert "is empty" in found["destination[1].header_files.X-Key"]


@pytest.mark.parametrize("content,says", [("hunter22\n", ""), ("hunter22\nhunter23\n", "more than one line")])
def test_a_secret_is_one_line_and_is_never_shown(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "secret").write_text(content)
    found = wrong(tmp_path, S3)
    assert list(found.values()) == ([f"has {says}"] if says else [])
    assert "hunter" not in str(found)


@pytest.mark.parametrize(
    "content,says",
    [
        (b"hunter22\r\n", ""),
        (b"a\0b", "not printable ASCII"),
        (b"\xff\xfeh\0u\0", "not printable ASCII"),  # as Notepad saves "Unicode"
        ("hunter\u00e9".encode(), "not printable ASCII"),
        (b"Bearer hunter22\n", 'begins with "Bearer"'),
    ],
)
def test_a_token_that_cannot_be_sent_is_wrong(tmp_path: Path, content: bytes, says: str) -> None:
    for name, text in (("token", content), ("key", b"hunter22")):
        (tmp_path / name).write_bytes(text)
    found = wrong(tmp_path, TUS).get("destination[1].bearer_token_file", "")
    assert says in found
    assert bool(says) is bool(found)
    assert "hunter" not in found


@pytest.mark.slow
def test_the_command_says_so_and_ends_as_for_every_wrong_configuration(tmp_path: Path) -> None:
    file = configure(tmp_path, more=S3.format(folder=tmp_path))
    said = bwvdock("config", "check", config=file)
    assert said.returncode == 78
    assert "destination[1].secret_key_file" in said.stderr
    (tmp_path / "secret").write_text("hunter22")
    said = bwvdock("config", "check", config=file)
    assert (said.returncode, "hunter22" in said.stdout + said.stderr) == (0, False)


@pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: acting as another user needs root")
def test_what_only_the_service_may_read_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "secret").chmod(0)
    tmp_path.chmod(0o755)
    config = load(configure(tmp_path, more=S3.format(folder=tmp_path)))
    os.seteuid(65534)
    try:
        assert list(check_files(config.destinations[0], "destination[1]")) == []
    finally:
        os.seteuid(0)


def test_a_fifo_in_the_place_of_a_file_is_named_and_not_waited_for(tmp_path: Path) -> None:
    keys = ("bearer_token_file", "header_files.X-Key", "ca_file", "client_cert", "client_key")
    held = []
    for name in ("token", "key", "ca.pem", "cert.pem"):
        os.mkfifo(tmp_path / name)
        held.append(os.open(tmp_path / name, os.O_RDWR | os.O_NONBLOCK))
    found = wrong(tmp_path, TUS)
    assert found == {f"destination[1].{key}": "is not a plain file" for key in keys}
    for descriptor in held:
        os.close(descriptor)


@pytest.mark.slow
@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0 or not os.path.exists("/dev/fuse"), reason="needs to mount FUSE")
def test_a_secret_on_a_share_that_hangs_is_named_and_not_waited_for(tmp_path: Path) -> None:
    with hanging_folder(tmp_path / "share") as share:
        found = wrong(tmp_path, S3.replace("{folder}/secret", str(share / "secret")))
    assert "does not answer" in found["destination[1].secret_key_file"]
