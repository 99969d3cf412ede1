"""The tables of what S3 stores were seen to do wrong, each row told to the S3 destination; and TLS."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply
from bwvdock.core.facts import ClipUploaded, ClipVerified
from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.destinations.s3.body import base64_of
from bwvdock.edges.destinations.s3.canary import composite
from bwvdock.edges.destinations.s3.destination import S3Destination
from bwvdock.errors import DestinationError, DestinationUnavailableError
from tests.edges.destinations.s3_rig import RateLimit, S3Dock, keys_of
from tests.fakes.footage import footage, part_of
from tests.fakes.transfer import UNLIMITED
from tests.servers.lies import Lie
from tests.servers.lies_s3 import DIGESTS, S3_HOPELESS, S3_LOCKS, S3_SILENT, S3_SURVIVABLE
from tests.servers.lying_s3 import LOCK, LyingS3, Version
from tests.servers.tls import Authority, server_context

CONTENT = footage(PIECE_BYTES + 5000)
ATTEMPTS = 8

pytestmark = pytest.mark.slow  # a client of botocore takes its time to come up


def try_to_store(destination: S3Destination, clip: Clip) -> bool:
    for _ in range(ATTEMPTS):
        with suppress(DestinationError):
            destination.store(clip, UNLIMITED)
            return True
    return False


@pytest.mark.parametrize("lies", S3_SURVIVABLE.values(), ids=S3_SURVIVABLE)
@pytest.mark.parametrize("content", [CONTENT[:5000], CONTENT], ids=["whole", "in parts"])
def test_what_can_be_survived_is(dock: S3Dock, lies: tuple[Lie, ...], content: bytes) -> None:
    clip = dock.clip(content, b"sidecar")
    with LyingS3() as server:
        destination = dock.destination(server.url, answer_seconds=1)
        destination.assess(UNLIMITED)
        server.lie(*lies)
        assert try_to_store(destination, clip)
        for key, part in zip(keys_of(clip, [0, 1]), [content, b"sidecar"], strict=True):
            assert server.stored(server.bucket, key) == part
        assert destination.prove(clip, UNLIMITED).sha256 == clip.sha256
        assert server.uploads == {}


@pytest.mark.parametrize("lies", S3_HOPELESS.values(), ids=S3_HOPELESS)
def test_what_is_hopeless_claims_nothing_and_goes_nowhere_else(dock: S3Dock, lies: tuple[Lie, ...]) -> None:
    clip = dock.clip(CONTENT)
    with LyingS3(*lies) as server:
        destination = dock.destination(server.url, answer_seconds=1)
        assert not try_to_store(destination, clip)
        with pytest.raises(DestinationError) as caught:
            destination.store(clip, UNLIMITED)
        assert caught.value.remedy
        assert server.objects == {}
        assert {request.headers["host"] for request in server.requests} == {f"127.0.0.1:{server.port}"}


@pytest.mark.parametrize("lies", S3_SILENT.values(), ids=S3_SILENT)
def test_what_only_looks_like_success_is_never_proven(dock: S3Dock, lies: tuple[Lie, ...]) -> None:
    clip = dock.clip(CONTENT)
    with LyingS3(*lies) as server:
        destination = dock.destination(server.url)
        with suppress(DestinationError):
            assert destination.assess(UNLIMITED).method in {"read-back", None}
            destination.store(clip, UNLIMITED)
            assert destination.prove(clip, UNLIMITED).method == "read-back"
        stands = server.objects.get(keys_of(clip)[0], [])
        if not stands or stands[0].content != CONTENT:
            with pytest.raises(DestinationError):
                destination.store(clip, UNLIMITED)


@pytest.mark.parametrize("object_lock", [True, False])
@pytest.mark.parametrize("lies", S3_LOCKS.values(), ids=S3_LOCKS)
def test_whatever_is_said_of_locks_no_footage_is_overwritten(
    dock: S3Dock, lies: tuple[Lie, ...], object_lock: bool
) -> None:
    clip = dock.clip(CONTENT)
    with LyingS3(*lies, object_lock=object_lock) as server:
        destination = dock.destination(server.url, lock="compliance")
        stored = try_to_store(destination, clip)
        versions = server.objects.get(keys_of(clip)[0], [])
        assert not versions or versions[0].content == CONTENT, (
            "where there are versions, a newer one hides it"
        )
        assert stored == bool(versions and versions[-1].headers.get(LOCK[0]) == "COMPLIANCE")


def test_notes_go_when_the_clip_is_verified(dock: S3Dock) -> None:
    clip = dock.clip(CONTENT)
    with LyingS3() as server:
        destination = dock.destination(server.url)
        name = destination.store(clip, UNLIMITED)
        destination.describe(clip, b"{}", UNLIMITED)
        assert dock.notes.note(f"{clip.id}.0"), "before that they are wanted for the proof"
        receipt = destination.prove(clip, UNLIMITED)
        uploaded = ClipUploaded(clip=clip.id, destination="store", object=name, awaiting=())
        verified = ClipVerified(
            clip=clip.id,
            destination="store",
            object=name,
            version="",
            sha256=receipt.sha256,
            method=receipt.method.value,
            awaiting=(),
        )
        destination.describe(apply(apply(clip, uploaded), verified), b"{}", UNLIMITED)
        assert dock.notes.note(f"{clip.id}.0") == {}


# --- TLS ------------------------------------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    (tmp_path / "tls").mkdir()
    return Authority(tmp_path / "tls")


def serve(authority: Authority, **more: Path) -> ssl.SSLContext:
    return server_context(authority.sign("server"), **more)


def test_over_tls_the_digest_is_the_journals_as_well(dock: S3Dock, authority: Authority) -> None:
    clip = dock.clip(CONTENT)
    with LyingS3(tls=serve(authority)) as server:
        destination = dock.destination(server.url, ca_file=str(authority.ca_file))
        assert destination.assess(UNLIMITED).method == "pieces-checked"
        server.requests.clear()
        destination.store(clip, UNLIMITED)
        signed = [put.headers["x-amz-content-sha256"] for put in server.asked("PUT")]
        assert signed == list(clip.parts[0].pieces)
        assert server.stored(server.bucket, keys_of(clip)[0]) == CONTENT


def test_a_store_that_nobody_vouches_for_is_not_spoken_to(dock: S3Dock, authority: Authority) -> None:
    with LyingS3(tls=serve(authority)) as server:
        with pytest.raises(DestinationUnavailableError) as caught:
            dock.destination(server.url).probe()
        assert "ca_file" in caught.value.remedy
        assert server.requests == []


def test_a_certificate_of_our_own_is_shown_and_may_be_renewed(dock: S3Dock, authority: Authority) -> None:
    ours = authority.sign("dock")
    with LyingS3(tls=serve(authority, clients=authority.ca_file)) as server:
        destination = dock.destination(
            server.url,
            ca_file=str(authority.ca_file),
            client_cert=str(ours.certificate),
            client_key=str(ours.key),
        )
        destination.probe()
        good = ours.certificate.read_bytes()
        ours.certificate.write_bytes(b"rubbish")
        with pytest.raises(DestinationUnavailableError):
            destination.probe()
        ours.certificate.write_bytes(good)
        destination.probe()
        assert len(server.requests) == 2


# --- a digest of the store's own --------------------------------------------------------------------------


class ComputingS3(LyingS3):
    """Gives the SHA-256 that it computes itself; of an object in parts, the composite one."""

    @staticmethod
    def _told(version: Version) -> dict[str, str]:
        told = LyingS3._told(version)  # noqa: SLF001 (its own class)
        digests = part_of(version.content)
        whole = composite(digests.pieces) if "-" in version.etag else base64_of(digests.sha256)
        return told | {"x-amz-checksum-sha256": whole}


@pytest.mark.parametrize("content", [CONTENT[:5000], CONTENT], ids=["whole", "in parts"])
def test_a_digest_that_the_store_computed_proves(dock: S3Dock, content: bytes) -> None:
    clip, rate_limit = dock.clip(content), RateLimit()
    with ComputingS3(Lie("PUT", blind=DIGESTS)) as server:
        destination = dock.destination(server.url)
        assert destination.assess(UNLIMITED).method == "store-computed"
        destination.store(clip, UNLIMITED)
        assert destination.prove(clip, rate_limit).method == "store-computed"
        assert rate_limit.taken == 0, "nothing was read back"
        server.objects[keys_of(clip)[0]][0].content = bytes(len(content))
        receipt = destination.prove(clip, rate_limit)
        assert (receipt.method, receipt.sha256) == ("read-back", part_of(bytes(len(content))).sha256)
