"""Do tags follow what is known of a clip? Does footage stay what it is, whatever a store does with them?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.destinations.s3.destination import S3Destination
from bwvdock.errors import DestinationError, DestinationUnavailableError, ObjectConflictError
from tests.edges.destinations.s3_rig import S3Dock, keys_of
from tests.fakes.footage import footage
from tests.fakes.transfer import UNLIMITED
from tests.servers.lies import Lie
from tests.servers.lies_s3 import S3_TAGS
from tests.servers.lying import Request
from tests.servers.lying_s3 import LyingS3, error_body

PLAIN = {
    "bwvdock-evidential": "false",
    "bwvdock-held": "false",
    "bwvdock-retain-until": "2099-05-31",
}
EVIDENCE = {"bwvdock-evidential": "true", "bwvdock-held": "false"}
DENIED = Lie(query="tagging", instead=True, status=403, body=error_body("AccessDenied"))
DROPPED = Lie("PUT", query="tagging", instead=True, status=200)
NOT_ALONG = Lie(blind=("x-amz-tagging",))  # tags that are sent with an object are dropped
SAID = {
    "41 ?tagging overwrites, and what it put there is given back": "tags: put in the object's place",
    "41 ?tagging overwrites": "tags: put in the object's place",
    "42 tags dropped": "tags: accepted but not kept",
    "42 changes of tags dropped": "tags: accepted but not kept",
    "43 tags not allowed": "tags: not allowed to our key (AccessDenied)",
    "43 reading tags not allowed": "tags: not allowed to our key (AccessDenied)",
    "44 no tags": "tags: it has none (NotImplemented)",
    "44 no tags, 405": "tags: it has none (MethodNotAllowed)",
    "45 tags fail": "tags: not tested (destination store: put_object_tagging was answered 500",
    "45 reading tags fails": "tags: not tested (destination store: get_object_tagging was answered 500",
    "45 tags are never answered": "tags: not tested (destination store: no answer to put_object_tagging",
    "45 tags are no XML": (
        "tags: not tested (destination store: the server that answers get_object_tagging is not"
    ),
}

pytestmark = pytest.mark.slow  # a client of botocore takes its time to come up


def opened(dock: S3Dock, server: LyingS3) -> S3Destination:
    """Return a destination that was tried out, as after a restart."""
    destination = dock.destination(server.url)
    destination.assess(UNLIMITED)
    return destination


def brought(destination: S3Destination, clip: Clip) -> Clip:
    """Bring a clip there; give it with its receipt."""
    destination.store(clip, UNLIMITED)
    return replace(clip, receipts={destination.name: destination.prove(clip, UNLIMITED)})


def described(destination: S3Destination, clip: Clip) -> str:
    return destination.describe(clip, b"{}", UNLIMITED)


def evidence(dock: S3Dock) -> None:
    dock.manifest = {**dock.manifest, "evidential": "true", "retain_until": ""}


def tags(server: LyingS3, key: str) -> Mapping[str, str]:
    return server.objects[key][-1].tags


def tagging(server: LyingS3, method: str) -> list[Request]:
    return [request for request in server.asked(method) if "tagging" in request.query]


# --- where they are kept ------------------------------------------------------------------------------


@pytest.mark.parametrize("object_lock", [False, True])
@pytest.mark.parametrize("size", [7, PIECE_BYTES + 1])
def test_footage_sidecars_and_document_bear_what_is_known(dock: S3Dock, size: int, object_lock: bool) -> None:
    contents = [footage(size), b"sidecar"]
    with LyingS3(object_lock=object_lock) as server:
        destination = dock.destination(server.url)
        assert "; tags: kept" in destination.assess(UNLIMITED).words
        clip = brought(destination, dock.clip(*contents))
        keys = [*keys_of(clip, (0, 1)), described(destination, clip)]
        for key in keys:
            assert tags(server, key) == PLAIN
        evidence(dock)
        described(destination, clip)
        for key in keys:
            assert tags(server, key) == EVIDENCE
        dock.manifest = {**dock.manifest, "held": "true"}
        described(destination, clip)
        for key, content in zip(keys, [*contents, b"{}"], strict=True):
            assert tags(server, key) == EVIDENCE | {"bwvdock-held": "true"}
            assert server.stored(server.bucket, key) == content
        assert all(len(server.objects[key]) == 1 for key in keys[:2]), "nothing was written twice"
        with_tags = [request for request in server.requests if "x-amz-tagging" in request.headers]
        assert not any(request.query for request in with_tags), "only whole objects bring them along"


def test_tags_go_along_with_what_is_one_request(dock: S3Dock) -> None:
    with LyingS3() as server:
        destination = opened(dock, server)
        server.requests.clear()
        clip = brought(destination, dock.clip(b"footage", b"sidecar"))
        keys = [*keys_of(clip, (0, 1)), described(destination, clip)]
        for key in keys:
            assert tags(server, key) == PLAIN
        assert tagging(server, "PUT") == [], "nothing needed to be set afterwards"


def test_a_store_that_drops_what_goes_along_is_given_tags_afterwards(dock: S3Dock) -> None:
    with LyingS3(NOT_ALONG) as server:
        destination = opened(dock, server)
        server.requests.clear()
        clip = brought(destination, dock.clip(b"footage"))
        keys = [*keys_of(clip), described(destination, clip)]
        for key in keys:
            assert tags(server, key) == PLAIN
        assert not any("x-amz-tagging" in request.headers for request in server.requests)


def test_an_object_that_is_refused_with_its_tags_is_stored_without(dock: S3Dock) -> None:
    with LyingS3() as server:
        destination = opened(dock, server)
        server.lie(Lie("PUT", instead=True, status=403, body=error_body("AccessDenied"), times=1))
        server.requests.clear()
        clip = brought(destination, dock.clip(b"footage"))
        key = described(destination, clip)
        assert tags(server, key) == PLAIN
        assert tags(server, keys_of(clip)[0]) == PLAIN
        first, *rest = server.asked("PUT")
        assert "x-amz-tagging" in first.headers
        assert not any("x-amz-tagging" in request.headers for request in rest), "until it is tried out again"


def test_tags_that_went_along_and_are_no_longer_true_are_not_left_in_silence(dock: S3Dock) -> None:
    with LyingS3() as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(b"footage"))
        evidence(dock)
        server.lie(DENIED)
        with pytest.raises(DestinationUnavailableError, match="may say what is no longer so"):
            described(destination, clip)


def test_what_is_right_is_left_alone(dock: S3Dock) -> None:
    with LyingS3() as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(b"footage", b"sidecar"))
        document = described(destination, clip)
        server.requests.clear()
        described(opened(dock, server), clip)
        asked = tagging(server, "GET")
        for key in keys_of(clip, (0, 1)):
            assert sum(request.path.endswith(key) for request in asked) == 1
            assert not any(request.path.endswith(key) for request in tagging(server, "PUT"))
        assert tags(server, document) == PLAIN, "it was written anew"


def test_tags_of_others_stay(dock: S3Dock) -> None:
    with LyingS3() as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(b"footage"))
        keys = [*keys_of(clip), described(destination, clip)]
        for key in keys:
            server.objects[key][-1].tags["case <file>"] = "2026/17 & more"
        evidence(dock)
        described(destination, clip)
        for key in keys:
            assert tags(server, key) == EVIDENCE | {"case <file>": "2026/17 & more"}


def test_the_version_that_was_proven_is_the_one_that_is_tagged(dock: S3Dock) -> None:
    with LyingS3(object_lock=True) as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(b"footage"))
        (key,) = keys_of(clip)
        server.objects[key].append(replace(server.objects[key][0], id="theirs", content=b"else", tags={}))
        described(destination, clip)
        assert [version.tags for version in server.objects[key]] == [PLAIN, {}]


def test_before_it_was_tried_out_nothing_is_asked(dock: S3Dock) -> None:
    with LyingS3() as server:
        destination = dock.destination(server.url)
        described(destination, brought(destination, dock.clip(b"footage")))
        assert not tagging(server, "PUT") + tagging(server, "GET")


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_answer_that_is_lost_is_asked_for_again(dock: S3Dock, method: str) -> None:
    with LyingS3(NOT_ALONG) as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(b"footage"))
        server.lie(Lie(method, query="tagging", hang_up=True, times=1), NOT_ALONG)
        with pytest.raises(DestinationUnavailableError):
            described(destination, clip)
        described(destination, clip)
        assert tags(server, keys_of(clip)[0]) == PLAIN


def test_a_rest_that_the_store_asks_for_is_taken(dock: S3Dock) -> None:
    rest = Lie(instead=True, status=503, headers={"Retry-After": "0.1"}, query="tagging", times=2)
    with LyingS3() as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(b"footage"))
        server.lie(rest)
        described(destination, clip)
        assert tags(server, keys_of(clip)[0]) == PLAIN


# --- where they are not -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name,object_lock",
    [*((name, False) for name in S3_TAGS), *((name, True) for name in S3_TAGS if "overwrites" in name)],
)
def test_no_store_is_asked_to_tag_footage_that_did_not_tag_the_canary(
    dock: S3Dock, name: str, object_lock: bool
) -> None:
    contents = [footage(7), b"sidecar"]
    with LyingS3(*S3_TAGS[name], object_lock=object_lock) as server:
        destination = dock.destination(server.url)
        assessment = destination.assess(UNLIMITED)
        assert SAID[name] in assessment.words
        assert assessment.method == "pieces-checked", "no clip waits for tags"
        clip = brought(destination, dock.clip(*contents))
        described(destination, clip)
        evidence(dock)
        described(destination, clip)
        for key, content in zip(keys_of(clip, (0, 1)), contents, strict=True):
            assert server.stored(server.bucket, key) == content
            assert len(server.objects[key]) == 1
        asked = {
            request.path.rpartition("/")[0] for request in tagging(server, "PUT") + tagging(server, "GET")
        }
        assert asked == {"/evidence/docks/LEW/.bwvdock-canary"}


def test_a_store_that_is_gone_meanwhile_was_not_tried_out(dock: S3Dock) -> None:
    lies = (Lie("PUT", query="tagging", hang_up=True), Lie("HEAD", instead=True, status=503, first=4))
    with LyingS3(*lies) as server, pytest.raises(DestinationUnavailableError):
        dock.destination(server.url).assess(UNLIMITED)


# --- where they are no longer kept --------------------------------------------------------------------


@pytest.mark.parametrize("lie", [DENIED, replace(DENIED, method="PUT"), DROPPED])
def test_what_is_no_longer_true_and_stays_is_told_and_tried_again(dock: S3Dock, lie: Lie) -> None:
    with LyingS3() as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(b"footage"))
        described(destination, clip)
        described(destination, clip)
        evidence(dock)
        server.lie(lie)
        for _ in range(2):
            with pytest.raises(DestinationUnavailableError, match="no longer so") as caught:
                described(destination, clip)
            assert "s3:PutObjectTagging" in caught.value.remedy
        assert tags(server, keys_of(clip)[0]) == PLAIN
        server.lie()
        described(opened(dock, server), clip)
        assert tags(server, keys_of(clip)[0]) == EVIDENCE


@pytest.mark.parametrize("lie", [DENIED, replace(DENIED, method="PUT"), DROPPED])
def test_what_was_never_tagged_waits_for_no_tags(dock: S3Dock, lie: Lie) -> None:
    with LyingS3(NOT_ALONG) as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(b"footage"))
        server.lie(lie, NOT_ALONG)
        described(destination, clip)
        assert tags(server, keys_of(clip)[0]) == {}
        server.lie()
        words = destination.assess(UNLIMITED).words
        assert f"tags: kept; left without: {keys_of(clip)[0]}" in words
        assert "left without" not in destination.assess(UNLIMITED).words


def test_after_a_restart_what_may_be_tagged_is_not_left_in_silence(dock: S3Dock) -> None:
    with LyingS3() as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(b"footage"))
        described(destination, clip)
        evidence(dock)
        server.lie(DENIED)
        denied = opened(dock, server)
        with pytest.raises(DestinationUnavailableError, match="not allowed to our key"):
            described(denied, clip)
        described(denied, brought(denied, dock.clip(b"another", number=2)))
        assert not [asked for asked in tagging(server, "GET") if asked.path.endswith("000002.0.mp4")]
        dock.notes.forget("tags")
        described(denied, clip)


def test_a_store_that_has_no_tags_any_more_has_none_that_are_wrong(dock: S3Dock) -> None:
    with LyingS3() as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(b"footage"))
        described(destination, clip)
        server.lie(*S3_TAGS["44 no tags"])
        evidence(dock)
        described(opened(dock, server), clip)


def test_tags_that_take_the_objects_place_are_seen_and_stay_seen(dock: S3Dock) -> None:
    with LyingS3(NOT_ALONG) as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(footage(5000)))
        server.lie(*S3_TAGS["41 ?tagging overwrites"], NOT_ALONG)
        with pytest.raises(DestinationUnavailableError, match="another object since its tags were set"):
            described(destination, clip)
        for again in (destination, opened(dock, server)):
            with pytest.raises(ObjectConflictError, match="other content"):
                described(again, clip)
        assert len([put for put in tagging(server, "PUT") if put.path.endswith(".mp4")]) == 1


# --- ten tags -----------------------------------------------------------------------------------------


def test_where_there_is_no_room_nothing_of_theirs_goes(dock: S3Dock) -> None:
    theirs = {f"their-{number}": "1" for number in range(10)}
    with LyingS3() as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(b"footage"))
        (key,) = keys_of(clip)
        document = described(destination, clip)
        server.objects[key][-1].tags = dict(theirs)
        server.objects[document][-1].tags = dict(theirs)
        described(destination, clip)
        assert tags(server, key) == tags(server, document) == theirs
        assert "no room: S3 has ten in all" in destination.assess(UNLIMITED).words


def test_where_there_is_no_room_for_the_truth_that_is_told(dock: S3Dock) -> None:
    theirs = {f"their-{number}": "1" for number in range(8)}
    plain = dock.manifest
    evidence(dock)
    with LyingS3() as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(b"footage"))
        described(destination, clip)
        (version,) = server.objects[keys_of(clip)[0]]
        version.tags |= theirs
        described(destination, clip)
        dock.manifest = plain
        with pytest.raises(DestinationUnavailableError, match="no room"):
            described(destination, clip)
        assert version.tags == EVIDENCE | theirs
        del version.tags["their-0"]
        described(destination, clip)
        assert {name: version.tags[name] for name in PLAIN} == PLAIN


# --- what is gone -------------------------------------------------------------------------------------


def test_only_what_nobody_keeps_may_be_gone(dock: S3Dock) -> None:
    with LyingS3() as server:
        destination = opened(dock, server)
        clip = brought(destination, dock.clip(b"footage"))
        described(destination, clip)
        del server.objects[keys_of(clip)[0]]
        described(destination, clip)
        evidence(dock)
        with pytest.raises(DestinationError, match="missing from the bucket"):
            described(destination, clip)
