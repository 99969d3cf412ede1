"""Does anything but a plain file in the place of a secret or a certificate keep a destination waiting?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.edges.credentials import read_credential, read_secret
from bwvdock.edges.destinations.access import Access, AccessFiles
from bwvdock.errors import AccessDeniedError, SecretMissingError


@pytest.fixture
def fifo(tmp_path: Path) -> Iterator[Path]:
    """A FIFO that somebody holds open, so that whoever opens it does not wait in this test."""
    os.mkfifo(tmp_path / "fifo")
    held = os.open(tmp_path / "fifo", os.O_RDWR | os.O_NONBLOCK)
    yield tmp_path / "fifo"
    os.close(held)


def test_a_fifo_is_no_secret(fifo: Path) -> None:
    with pytest.raises(OSError, match="plain file"):
        read_secret(fifo, 10)
    with pytest.raises(SecretMissingError, match="plain file"):
        read_credential(fifo.name, folder=fifo.parent, most=10)
    with pytest.raises(AccessDeniedError, match="plain file"):
        AccessFiles(Access(bearer_token_file=str(fifo)), "store").headers()


def test_a_fifo_is_no_certificate(fifo: Path) -> None:
    cert = str(fifo.parent / "cert")
    Path(cert).write_text("")
    for access in (
        Access(ca_file=str(fifo)),
        Access(client_cert=str(fifo)),
        Access(client_cert=cert, client_key=str(fifo)),
    ):
        with pytest.raises(AccessDeniedError, match="plain file"):
            AccessFiles(access, "store").context(plain=False)


def test_a_link_may_lead_to_a_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    (tmp_path / "link").symlink_to("secret")
    assert read_secret(tmp_path / "link", 100) == b"s3cret"
