"""Does what people say of a clip reach a bucket's tags and legal holds, by way of journal and lane?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bwvdock.core.custody.manifest import manifest
from bwvdock.core.facts import (
    ClipFact,
    ClipFlagged,
    ClipHeld,
    ClipHoldMatched,
    ClipHoldOver,
    ClipUnflagged,
    ClipUnheld,
)
from bwvdock.edges.destinations.s3 import Bucket, Surroundings, open_bucket
from bwvdock.edges.destinations.upload_notes import Notes
from bwvdock.edges.spool import FileSpool
from bwvdock.edges.system import SystemClock
from tests.fakes.camera import camera_with
from tests.fakes.station import Station
from tests.servers.lying_s3 import LOCK, LyingS3

pytestmark = pytest.mark.slow  # a client of botocore takes its time to come up

EVIDENTIAL, HELD, UNTIL = "bwvdock-evidential", "bwvdock-held", "bwvdock-retain-until"


@pytest.fixture
def server() -> Iterator[LyingS3]:
    with LyingS3(object_lock=True) as server:
        yield server


@pytest.fixture
def station(tmp_path: Path, server: LyingS3) -> Iterator[Station]:
    """A dock whose only destination is the server's bucket, with one clip that was brought there."""
    for name in ("access", "secret"):
        (tmp_path / name).write_text(name)
    bucket = Bucket(
        endpoint=server.url,
        bucket=server.bucket,
        access_key_file=str(tmp_path / "access"),
        secret_key_file=str(tmp_path / "secret"),
        lock="governance",
    )
    with (
        closing(FileSpool(tmp_path / "spool", min_free=0)) as spool,
        closing(Notes(tmp_path / "uploads", destination="store")) as notes,
    ):
        around = Surroundings(
            name="store",
            dock="LEW-03",
            spool=spool,
            notes=notes,
            manifest=lambda clip: manifest(clip, dock="LEW-03", non_evidential_days=31),
            clock=SystemClock(),
        )
        station = Station(tmp_path, destinations=[open_bucket(bucket, around)])
        station.enrol()
        station.plug(camera_with({"DCIM/100TEST/A.MP4": b"x" * 1000}))
        station.turn()
        yield station


def test_each_order_is_in_the_tags_and_every_hold_on_the_object(station: Station, server: LyingS3) -> None:
    [key] = [key for key in server.objects if key.endswith(".mp4")]
    [version] = server.objects[key]
    clip = station.journal.clip(key.rpartition("/")[2].split(".")[0])
    assert clip is not None
    until = {UNTIL: clip.retain_until[:10]}
    assert version.tags == {EVIDENTIAL: "false", HELD: "false"} | until
    assert LOCK[2] not in version.headers
    orders: list[tuple[ClipFact, dict[str, str]]] = [
        (
            ClipFlagged(clip=clip.id, reason="seen", case="", actor="0:root"),
            {EVIDENTIAL: "true", HELD: "false"},
        ),
        (ClipHeld(clip=clip.id, reason="asked", actor="0:root"), {EVIDENTIAL: "true", HELD: "true"}),
        (
            ClipUnflagged(clip=clip.id, reason="not seen", actor="0:root"),
            {EVIDENTIAL: "false", HELD: "true"} | until,
        ),
        (
            ClipUnheld(clip=clip.id, reason="over", actor="0:root"),
            {EVIDENTIAL: "false", HELD: "false"} | until,
        ),
        (
            ClipHoldMatched(clip=clip.id, hold="h-1", certain=False, basis="no officer is known"),
            {EVIDENTIAL: "false", HELD: "true"} | until,
        ),
        (ClipHoldOver(clip=clip.id, hold="h-1"), {EVIDENTIAL: "false", HELD: "false"} | until),
    ]
    for order, expected in orders:
        station.ledger.record([order])
        station.turn()
        [version] = server.objects[key]
        assert (version.tags, version.content) == (expected, b"x" * 1000)
        assert version.headers[LOCK[2]] == "ON", "no hold is ever lifted by the dock"
        document = server.objects[f"{key}.custody.json"][-1]
        assert document.tags == expected
    assert station.ledger.clips == {}
