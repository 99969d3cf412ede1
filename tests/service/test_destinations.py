"""The edge of each kind of destination is built from the configuration, and nothing is asked of it yet."""

from __future__ import annotations

from pathlib import Path

from bwvdock.config.settings import load
from bwvdock.edges.spool import FileSpool
from bwvdock.edges.system import SystemClock
from bwvdock.service.destinations import open_destinations
from tests.service.daemons import configure

STORES = """
[[destination]]
name = "vault"
kind = "directory"
[[destination]]
name = "county"
kind = "tus"
url = "https://tus.invalid/files/"
bearer_token_file = "/nowhere/token"
[[destination]]
name = "archive"
kind = "s3"
endpoint = "https://s3.invalid"
bucket = "evidence"
access_key_file = "/nowhere/access"
secret_key_file = "/nowhere/secret"
"""


def test_each_kind_has_its_edge_in_the_order_of_the_file(tmp_path: Path) -> None:
    config = load(configure(tmp_path, more=STORES))
    config.state_dir.mkdir()
    spool = FileSpool(config.spool, min_free=0)
    with open_destinations(config, spool=spool, clock=SystemClock()) as destinations:
        built = [(destination.name, destination.kind) for destination in destinations]
        notes = sorted(path.name for path in config.upload_notes.iterdir())
    spool.close()
    assert built == [("vault", "directory"), ("county", "tus"), ("archive", "s3")]
    assert notes == ["archive", "county"]
    assert not (config.state_dir / "vault").exists()
