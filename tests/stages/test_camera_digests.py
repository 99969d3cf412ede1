"""What is recorded of the digests and signatures that a camera keeps of its own footage?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial

import pytest

from bwvdock.core.facts import CameraDigestCompared, ClipAcquired, DigestCompared
from bwvdock.core.media.digest_files import MOST_BYTES, Unread
from bwvdock.core.media.signed_video import PRESENT
from bwvdock.core.ports import PIECE_BYTES, CameraFile
from bwvdock.errors import CameraGoneError
from bwvdock.stages.acquire import CopyOrder, acquire
from tests.fakes.disk import FakeDisk, FlippingDisk
from tests.fakes.footage import MemorySource, MemoryVolume, footage, found_clip, part_of
from tests.fakes.spool import FakeSpool
from tests.stages.test_acquire_memory import crowd

MIB = 2**20
LENGTH = PIECE_BYTES + 3 * MIB + 5
long = partial(footage, LENGTH)
ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
AXIS = bytes.fromhex("5369676e656420566964656f2e2e2e30")
ONVIF = bytes.fromhex("005bc93f2d715e95ada4796f90877a6f")


def hexdigest(algorithm: str, content: bytes) -> str:
    return hashlib.new(algorithm, content).hexdigest()


def order_of(volume: MemoryVolume) -> CopyOrder:
    listed = volume.list()
    clip = found_clip(1, [(file.path, file.size) for file in listed])
    return CopyOrder(clip=clip, volume=volume, files=listed)


def copied(
    files: Mapping[str, bytes], *, bad: str = "", others: int = 0, spool: FakeSpool | None = None
) -> CameraDigestCompared | None:
    """Copy one clip, whose files are in this order; return what was found of its digests."""
    volume = MemoryVolume(dict(files), bad={bad} if bad else set())
    spool = spool or FakeSpool(FakeDisk())
    told: list[CameraDigestCompared] = []
    order = order_of(volume)
    with crowd(others) as memory:
        [fact] = acquire(
            [order], docking="now", spool=spool, progress=lambda clip, n: None, memory=memory,
            compared=told.append,
        )  # fmt: skip
    assert isinstance(fact, ClipAcquired)
    whole = [b"" if path == bad else content for path, content in files.items()]
    assert [part.sha256 for part in fact.parts] == [part_of(content).sha256 for content in whole]
    assert all(spool.content(order.clip, n) == content for n, content in enumerate(whole))
    return told[0] if told else None


def only(told: CameraDigestCompared | None) -> DigestCompared:
    assert told is not None
    [one] = told.compared
    assert told.outcome == one.outcome
    return one


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [0, 1, 5000, MIB + 1])
def test_the_digest_of_what_was_received_is_compared(algorithm: str, size: int) -> None:
    content = footage(size)
    digest = hexdigest(algorithm, content)
    one = only(copied({"A/C.MP4": content, f"A/C.{algorithm}": f"{digest} *C.MP4\r\n".encode()}))
    assert one == DigestCompared(
        part=0, listed_in=1, algorithm=algorithm, stated=digest, found=digest, outcome="match"
    )
    other = hexdigest(algorithm, content + b"x")
    one = only(copied({"A/C.MP4": content, f"A/C.{algorithm}": f"{other} *C.MP4\r\n".encode()}))
    assert (one.stated, one.found, one.outcome) == (other, digest, "differs")


@pytest.mark.slow
@pytest.mark.parametrize("others", [0, 2, 10, 63])
def test_it_is_the_same_however_many_are_copied_at_once(others: int) -> None:
    listed = "".join(f"{hexdigest(name, long())}  C.MP4\n" for name in ALGORITHMS)
    told = copied({"C.MP4": long(), "C.md5": listed.encode()}, others=others)
    assert told is not None
    assert [(one.algorithm, one.outcome) for one in told.compared] == [(a, "match") for a in ALGORITHMS]


@pytest.mark.slow
@pytest.mark.parametrize("gone", [9_000, 5 * MIB, PIECE_BYTES, PIECE_BYTES + 3 * MIB])
def test_a_copy_that_was_resumed_has_the_digest_of_all_of_it(gone: int) -> None:
    digest = hexdigest("md5", long())
    volume = MemoryVolume({"C.MP4": long(), "C.md5": digest.encode()}, gone_after=gone)
    spool, order = FakeSpool(FakeDisk()), order_of(volume)
    told: list[CameraDigestCompared] = []
    take = partial(
        acquire, [order], docking="now", spool=spool, progress=lambda c, n: None, compared=told.append
    )
    with pytest.raises(CameraGoneError):
        list(take())
    assert told == []
    volume.gone_after = 2**60
    [fact] = take()
    assert isinstance(fact, ClipAcquired)
    assert fact.parts[0].resumed_at > 0
    assert only(told[0]).found == digest


def test_a_copy_that_the_disk_did_not_keep_is_compared_as_it_came_the_second_time() -> None:
    content = footage(MIB)
    digest = hexdigest("md5", content)
    spool = FakeSpool(FlippingDisk(lies=1))
    assert only(copied({"C.MP4": content, "C.md5": digest.encode()}, spool=spool)).outcome == "match"


def test_one_list_may_speak_of_several_files_and_of_others() -> None:
    files = {"A/C.MP4": footage(5000), "A/C.GPS": b"51.4,0.0", "A/C.THM": b"picture"}
    listed = "".join(f"{hexdigest('sha1', files[f'A/{name}'])}  {name}\n" for name in ("C.GPS", "C.MP4"))
    listed += f"{hexdigest('md5', b'other')}  C.THM\n{hexdigest('sha1', b'')}  D.MP4\n"
    told = copied({**files, "A/C.sha1": listed.encode()})
    assert told is not None
    assert told.outcome == "differs", "one that differs is not outweighed by any that match"
    found = [(one.part, one.listed_in, one.algorithm, one.outcome) for one in told.compared]
    assert found == [(1, 3, "sha1", "match"), (0, 3, "sha1", "match"), (2, 3, "md5", "differs")]


def test_a_digest_without_a_name_is_of_the_footage_and_says_that_nothing_names_it() -> None:
    one = only(copied({"C.MP4": b"x", "C.GPS": b"y", "C.md5": hexdigest("md5", b"y").encode()}))
    assert (one.part, one.outcome) == (0, "differs")
    assert "names no other" in one.reason


@pytest.mark.parametrize(
    "content,why",
    [
        (b"\0" * 5000, Unread.NOT_TEXT),
        (b"", Unread.NO_DIGEST),
        (b"0123  C.MP4\n" * 5000, Unread.NO_DIGEST),
        (b" " * (MOST_BYTES + 1), Unread.TOO_LONG),
        (f"{hexdigest('md5', b'')}  ../../etc/passwd\n".encode(), Unread.OTHER_FILES),
        (b"".join(b"%032x  %d.mp4\n" % (n, n) for n in range(1000)), Unread.OTHER_FILES),
    ],
)
def test_a_file_in_which_nothing_can_be_compared_is_kept_and_says_why(content: bytes, why: Unread) -> None:
    if len(content) > MOST_BYTES:
        why = Unread.TOO_LONG
    one = only(copied({"C.MP4": footage(5000), "C.md5": content}))
    assert (one.outcome, one.reason, one.stated, one.found) == ("not-comparable", why, "", "")


@pytest.mark.slow
@pytest.mark.parametrize("others", [0, 63])
def test_one_of_a_hundred_megabytes_is_copied_like_any_sidecar_and_not_read(others: int) -> None:
    digest = hexdigest("md5", b"footage").encode()
    one = only(copied({"C.MP4": b"footage", "C.md5": digest + b"\n" * (LENGTH - 32)}, others=others))
    assert (one.outcome, one.reason) == ("not-comparable", Unread.TOO_LONG)


def test_one_that_cannot_be_read_costs_no_footage() -> None:
    one = only(copied({"C.MP4": footage(5000), "C.md5": b"x" * 32}, bad="C.md5"))
    assert (one.outcome, one.reason) == ("not-comparable", Unread.NOT_COPIED)


def test_a_digest_of_a_sidecar_that_cannot_be_read_is_not_compared_with_nothing() -> None:
    listed = f"{hexdigest('md5', b'51.4')}  C.GPS\n".encode()
    one = only(copied({"C.MP4": footage(5000), "C.GPS": b"51.4", "C.md5": listed}, bad="C.GPS"))
    assert (one.part, one.outcome) == (1, "not-comparable")


def test_two_lists_that_attest_each_other_are_compared_as_far_as_each_was_read_before() -> None:
    first = f"{hexdigest('sha1', b'x')}  C.MP4\n{hexdigest('sha1', b'')}  C.sha1\n".encode()
    told = copied({"C.MP4": b"x", "C.md5": hexdigest("md5", b"x").encode(), "C.sha1": first})
    assert told is not None
    assert told.outcome == "match"
    assert [one.outcome for one in told.compared] == ["match", "match", "not-comparable"]


@pytest.mark.slow
@pytest.mark.parametrize("others", [0, 63])
@pytest.mark.parametrize("mark,kind", [(AXIS, "axis-signed-video"), (ONVIF, "onvif-media-signing")])
def test_that_footage_is_signed_is_recorded_and_not_judged(mark: bytes, kind: str, others: int) -> None:
    content = footage(3 * MIB) + b"\x06\x05\x40" + mark + footage(MIB, seed=1)
    one = only(copied({"C.MP4": content}, others=others))
    assert one == DigestCompared(
        part=0, listed_in=-1, algorithm=kind, stated="", found="", outcome="not-comparable", reason=PRESENT
    )


def test_a_matching_digest_counts_more_than_a_signature_that_nobody_checks() -> None:
    signed = AXIS + footage(MIB)
    told = copied({"C.MP4": signed, "C.md5": hexdigest("md5", signed).encode(), "C.sig": b"0\x82\0"})
    assert told is not None
    assert [one.outcome for one in told.compared] == ["match", "not-comparable", "not-comparable"]
    assert told.outcome == "match"


def test_footage_without_any_of_it_says_nothing() -> None:
    assert copied({"C.MP4": footage(MIB), "C.GPS": AXIS + footage(MIB)}) is None
    assert copied({"C.MP4": AXIS + footage(MIB - 17)}) is None, "less than a second of footage"


# --- where a digest differs: the second read -------------------------------------------------------


class Fickle(MemoryVolume):
    """A card whose footage has other bytes, cannot be read, or is gone, once it was read to its end."""

    def then(self, what: str) -> Fickle:
        self.what, self.opened = what, 0
        return self

    def open(self, file: CameraFile, *, offset: int = 0) -> MemorySource:
        self.opened += file.path.endswith(".MP4")
        if self.opened == 2:
            if self.what == "other":
                self.files[file.path] = self.files[file.path][:-1] + b"?"
            elif self.what == "unreadable":
                self.bad.add(file.path)
            elif self.what == "unplugged":
                self.gone_after = 0
        return super().open(file, offset=offset)


def read_twice(volume: Fickle, clips: int = 1, *, second_reads: int = 3) -> list[str]:
    """Copy clips, each with a digest that differs; return what a second read of each showed."""
    told: list[CameraDigestCompared] = []
    listed = {file.path: file for file in volume.list()}
    orders = []
    for number in range(clips):
        files = [listed[f"{number}.MP4"], listed[f"{number}.md5"]]
        clip = found_clip(number, [(file.path, file.size) for file in files])
        orders.append(CopyOrder(clip=clip, volume=volume, files=files))
    facts = acquire(
        orders,
        docking="now",
        spool=FakeSpool(FakeDisk()),
        progress=lambda clip, n: None,
        compared=told.append,
        second_reads=second_reads,
    )
    assert [type(fact) for fact in facts] == [ClipAcquired] * clips
    assert [one.outcome for one in told] == ["differs"] * clips
    return [one.read_again for one in told]


def wrong(clips: int = 1) -> Fickle:
    files = {f"{n}.MP4": footage(300_000, seed=n) for n in range(clips)}
    return Fickle(files | {f"{n}.md5": hexdigest("md5", b"other").encode() for n in range(clips)})


@pytest.mark.parametrize(
    "then,shown",
    [("the same", "same"), ("other", "other"), ("unreadable", "failed"), ("unplugged", "failed")],
)
def test_a_second_read_says_whether_the_reading_is_in_doubt_and_costs_no_copy(then: str, shown: str) -> None:
    assert read_twice(wrong().then(then)) == [shown]


def test_a_camera_that_states_all_wrongly_does_not_take_twice_as_long() -> None:
    volume = wrong(6).then("the same")
    assert read_twice(volume, 6) == ["same"] * 3 + [""] * 3
    assert volume.opened == 9
    assert read_twice(wrong().then("the same"), second_reads=0) == [""]


def test_what_matches_is_read_once() -> None:
    volume = Fickle({"0.MP4": b"x", "0.md5": hexdigest("md5", b"x").encode()}).then("other")
    told: list[CameraDigestCompared] = []
    take = acquire(
        [order_of(volume)],
        docking="now",
        spool=FakeSpool(FakeDisk()),
        progress=lambda clip, n: None,
        compared=told.append,
        second_reads=3,
    )
    assert len(list(take)) == 1
    assert (told[0].read_again, volume.opened) == ("", 1)
