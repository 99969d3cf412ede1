"""Is a key read only from where nobody else can read it, and is it never shown?"""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from bwvdock.edges.signing.own_signer import OwnSigner
from bwvdock.errors import SignerRefusedError, SignerUnavailableError
from bwvdock.signer.key import KEY, SIGNED, own_key, parsed, read_key, written
from tests.signer.logs import Log

SEED = bytes(range(200, 232))


def test_a_key_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(written(SEED))
    (tmp_path / "key").chmod(0o400)
    assert read_key(tmp_path / "key") == SEED


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(written(SEED))
    (tmp_path / "key").chmod(0o440)
    with pytest.raises(SignerUnavailableError, match="only its owner") as caught:
        read_key(tmp_path / "key")
    assert "chmod 0400" in caught.value.remedy
    assert read_key(tmp_path / "key", guarded=True) == SEED, "a credential: systemd gives its user access"


@pytest.mark.parametrize(
    "content", [b"", b"x", base64.b64encode(SEED[1:]), b"\xff" * 44, written(SEED * 200)]
)
def test_what_is_no_key_is_not_shown(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SignerUnavailableError) as caught:
        parsed(content, "the file")
    assert base64.b64encode(SEED)[5:20].decode() not in f"{caught.value}{caught.value.remedy}"


def test_nothing_that_hangs_or_leads_elsewhere_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo", 0o400)
    (tmp_path / "key").write_bytes(written(SEED))
    (tmp_path / "key").chmod(0o400)
    (tmp_path / "link").symlink_to(tmp_path / "key")
    for name in ("fifo", "link", "gone"):
        with pytest.raises(SignerUnavailableError):
            read_key(tmp_path / name)


def test_a_key_is_made_once_and_never_in_place_of_one_that_has_signed(tmp_path: Path) -> None:
    made = own_key(tmp_path)
    assert own_key(tmp_path) == made
    assert (tmp_path / KEY).stat().st_mode & 0o777 == 0o400
    (tmp_path / SIGNED).touch()
    assert own_key(tmp_path) == made
    (tmp_path / KEY).unlink()
    with pytest.raises(SignerUnavailableError, match="is missing, and something was signed"):
        own_key(tmp_path)
    assert not (tmp_path / KEY).exists()


def test_without_a_folder_no_key_is_made(tmp_path: Path) -> None:
    with pytest.raises(SignerUnavailableError, match="No signing key"):
        own_key(tmp_path / "gone")


def test_a_credential_that_is_missing_is_not_replaced_by_an_older_key(tmp_path: Path) -> None:
    """The key was in the folder once, then a credential took its place, and that is gone now."""
    log, folder = Log().grow(3), tmp_path / "keys"
    OwnSigner(folder, key=lambda: written(bytes(range(32)))).sign(log.submission(0))
    (folder / KEY).write_bytes(written(bytes(32)))
    (folder / KEY).chmod(0o400)
    with pytest.raises(SignerRefusedError, match="another key"):
        OwnSigner(folder).sign(log.grow(1).submission(3))
    OwnSigner(folder, key=lambda: written(bytes(range(32)))).sign(log.submission(3))
