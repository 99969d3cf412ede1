"""Real servers lose, swap, cut or move objects: is that seen when they are asked again, and made good?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import VerificationFailed, VerifiedAgain
from bwvdock.core.ports import PIECE_BYTES, ReadableStore
from bwvdock.edges.destinations.access import Access
from bwvdock.edges.destinations.http import Web
from bwvdock.edges.destinations.tus.destination import TusDestination
from bwvdock.edges.destinations.upload_notes import Notes
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import NotComparableError, ObjectConflictError
from bwvdock.stages.ask_again import ask_again
from bwvdock.stages.retrieve import retrieve
from tests.edges.destinations.s3_rig import S3Dock, keys_of
from tests.fakes.footage import footage
from tests.fakes.spooled import spooled_clip
from tests.fakes.transfer import UNLIMITED
from tests.servers.s3 import S3Server
from tests.servers.s3_rgw import S3Rgw
from tests.servers.tus import TusServer

pytestmark = pytest.mark.interop

CONTENT = footage(PIECE_BYTES + 70_000)
_numbers = count(1)


def stored(store: Any, clip: Clip) -> Clip:  # noqa: ANN401 - both kinds
    """Return the clip as the journal has it once it is proven and described: notes of its upload are gone."""
    store.assess(UNLIMITED)
    name = store.store(clip, UNLIMITED)
    receipt = store.prove(clip, UNLIMITED)
    after = replace(clip, uploaded={store.name: name}, receipts={store.name: receipt})
    store.describe(after, b"{}", UNLIMITED)
    return after


def asked(clip: Clip, store: ReadableStore) -> VerifiedAgain | VerificationFailed:
    return ask_again(clip, store, UNLIMITED, required=True)


def finding(clip: Clip, store: ReadableStore) -> str:
    found = asked(clip, store)
    return found.finding if isinstance(found, VerificationFailed) else ""


def lost(clip: Clip) -> Clip:
    """Return the clip after its loss was recorded."""
    return replace(clip, uploaded={}, receipts={})


# --- tus ---


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[FileSpool]:
    made = FileSpool(tmp_path / "spool", min_free=0)
    yield made
    made.close()


@pytest.fixture
def tus(tus_server: TusServer, tmp_path: Path, spool: FileSpool) -> Iterator[TusDestination]:
    made = TusDestination(
        Web(tus_server.url, Access(), name="tus"),
        name="tus",
        spool=spool,
        notes=Notes(tmp_path / "uploads", destination="tus"),
        manifest=lambda clip: {"clip": clip.id},
    )
    yield made
    made.close()


def remove(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def swap(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


GIVING = {"TusNode"}
"""The servers that give uploads back. The others state a length, also of files that are gone."""


def file_of(server: TusServer, clip: Clip) -> Path:
    [path] = server.pieces(clip.uploaded["tus"])
    return path


def test_what_a_tus_server_has_is_read_back_long_after_its_notes_are_gone(
    tus: TusDestination, tus_server: TusServer, spool: FileSpool, tmp_path: Path
) -> None:
    clip = stored(tus, spooled_clip(spool, CONTENT, number=next(_numbers)))
    if type(tus_server).__name__ not in GIVING:
        with pytest.raises(NotComparableError):
            asked(clip, tus)
        return
    assert finding(clip, tus) == ""
    another = FileSpool(tmp_path / "another", min_free=0)
    retrieve(clip, tus, another, UNLIMITED)
    another.check(clip)
    another.close()
    assert tus_server.stored(clip.uploaded["tus"]) == CONTENT, "and nothing was changed there"


@pytest.mark.parametrize("fault", [remove, cut, swap])
def test_what_a_tus_server_loses_is_found_and_made_good_as_a_new_upload(
    tus: TusDestination, tus_server: TusServer, spool: FileSpool, fault: Callable[[Path], None]
) -> None:
    if type(tus_server).__name__ not in GIVING:
        pytest.skip("it gives nothing back, so nothing is asked of it")
    clip = stored(tus, spooled_clip(spool, CONTENT, number=next(_numbers)))
    fault(file_of(tus_server, clip))
    assert finding(clip, tus) in {"missing", "changed"}
    again = stored(tus, lost(clip))
    assert again.uploaded != clip.uploaded, "what is left of the first stays for inspection"
    assert tus_server.stored(again.uploaded["tus"]) == CONTENT
    assert finding(again, tus) == ""


# --- S3 ---


@pytest.fixture
def s3(tmp_path: Path, s3_server: S3Server) -> Iterator[S3Dock]:
    dock = S3Dock(tmp_path, access=s3_server.access_key, secret=s3_server.secret_key)
    yield dock
    dock.close()


def test_what_a_bucket_loses_is_found_and_uploaded_again(
    s3: S3Dock, s3_server: S3Server, s3_bucket: str
) -> None:
    store = s3.destination(s3_server.url, s3_bucket)
    clip = stored(store, s3.clip(CONTENT, b"sidecar"))
    assert finding(clip, store) == ""
    for number in (1, 0):
        s3_server.client().delete_object(Bucket=s3_bucket, Key=keys_of(clip, [number])[0])
        assert finding(clip, store) == "missing"
    again = stored(store, lost(clip))
    assert finding(again, store) == ""
    assert s3_server.stored(s3_bucket, keys_of(clip)[0]) == CONTENT


@pytest.mark.parametrize("content", [CONTENT[:-1], bytes(len(CONTENT))], ids=["cut", "swapped"])
def test_what_is_replaced_in_a_bucket_is_found_and_never_overwritten(
    s3: S3Dock, s3_server: S3Server, s3_bucket: str, content: bytes
) -> None:
    store = s3.destination(s3_server.url, s3_bucket)
    clip = stored(store, s3.clip(CONTENT))
    [key] = keys_of(clip)
    s3_server.client().put_object(Bucket=s3_bucket, Key=key, Body=content)
    assert finding(clip, store) == "changed"
    with pytest.raises(ObjectConflictError):
        store.store(lost(clip), UNLIMITED)
    assert s3_server.stored(s3_bucket, key) == content


def test_what_was_moved_to_another_place_is_missing_here(
    s3: S3Dock, s3_server: S3Server, s3_bucket: str
) -> None:
    """South Yorkshire: a supplier moves objects between stores, and what is named no longer leads to them."""
    store = s3.destination(s3_server.url, s3_bucket)
    clip = stored(store, s3.clip(CONTENT))
    [key] = keys_of(clip)
    client = s3_server.client()
    client.put_object(Bucket=s3_bucket, Key=f"archive/{key}", Body=CONTENT)
    client.delete_object(Bucket=s3_bucket, Key=key)
    assert finding(clip, store) == "missing"


def test_what_was_moved_and_put_back_whole_is_proven(
    s3: S3Dock, s3_server: S3Server, s3_bucket: str, tmp_path: Path
) -> None:
    """By reading it: the store may give it another ETag."""
    store = s3.destination(s3_server.url, s3_bucket)
    clip = stored(store, s3.clip(CONTENT))
    [key] = keys_of(clip)
    s3_server.client().put_object(Bucket=s3_bucket, Key=key, Body=CONTENT)
    assert isinstance(asked(clip, store), VerifiedAgain)
    another = FileSpool(tmp_path / "another", min_free=0)
    retrieve(clip, store, another, UNLIMITED)
    another.check(clip)
    another.close()


def test_radosgw_shows_another_version_and_a_mark_of_deletion(rgw: S3Rgw, tmp_path: Path) -> None:
    """A locked version cannot be deleted; what is found under the name is what people are given."""
    dock = S3Dock(tmp_path, access=rgw.access_key, secret=rgw.secret_key)
    bucket = f"asked-{next(_numbers)}"
    rgw.client().create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    store = dock.destination(rgw.url, bucket)
    clip = stored(store, dock.clip(CONTENT))
    [key] = keys_of(clip)
    rgw.client().put_object(Bucket=bucket, Key=key, Body=CONTENT)
    found = asked(clip, store)
    assert isinstance(found, VerifiedAgain)
    assert found.version != clip.receipts[store.name].version, "moved and put back: the entry says so"
    rgw.client().put_object(Bucket=bucket, Key=key, Body=b"another")
    assert finding(clip, store) == "changed"
    rgw.client().delete_object(Bucket=bucket, Key=key)
    assert finding(clip, store) == "missing"
    dock.close()
