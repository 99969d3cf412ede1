"""Whatever a camera states of its files, in whatever form: is each digest found to say what is so?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.facts import CameraDigestCompared, ClipAcquired, ClipSkipped
from bwvdock.errors import CameraGoneError
from bwvdock.stages.acquire import CopyOrder, acquire
from tests.fakes.disk import FakeDisk
from tests.fakes.footage import MemoryVolume, footage, found_clip
from tests.fakes.spool import FakeSpool
from tests.stages.test_acquire_memory import crowd

FOLDER = "DCIM/100TEST/"
NAMES = ("C0001.MP4", "C0001.GPS", "C0001.THM")
ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
LABELS = {name: name.upper() for name in ALGORITHMS}
FORMS = (
    "{digest}  {name}",
    "{digest} *{name}",
    "{label} ({name}) = {digest}",
    "{label}({name})= {digest}",
    "{name}: {digest}",
    "{name} {digest}",
)
BARE = ("{digest}", "{label}: {digest}", "{label}={digest}")
PREFIXES = ("", "./", "100TEST/", "/media/card/DCIM/100TEST/", "D:\\DCIM\\100TEST\\")
ENDS = ("\n", "\r\n", "\r")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16")


@dataclass(frozen=True)
class Line:
    """What a camera states: of which file (-1: of one of another clip), rightly or not, and in which form."""

    part: int
    algorithm: str
    right: bool
    form: str
    prefix: str
    upper: bool

    def text(self, contents: tuple[bytes, ...]) -> str:
        content = contents[self.part] if self.part >= 0 else b"another"
        digest = hashlib.new(self.algorithm, content + (b"" if self.right else b"!")).hexdigest()
        digest = digest.upper() if self.upper else digest
        name = self.prefix + (NAMES[self.part] if self.part >= 0 else "C0002.MP4")
        return self.form.format(digest=digest, label=LABELS[self.algorithm], name=name)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    bare = draw(st.booleans()) and draw(st.booleans())
    return Line(
        part=0 if bare else draw(st.integers(-1, 2)),
        algorithm=draw(st.sampled_from(ALGORITHMS)),
        right=draw(st.booleans()),
        form=draw(st.sampled_from(BARE if bare else FORMS)),
        prefix=draw(st.sampled_from(PREFIXES)),
        upper=draw(st.booleans()),
    )


LISTS = st.lists(lines(), max_size=6, unique_by=lambda line: (line.part, line.algorithm, line.right))


@given(
    LISTS,
    st.tuples(*[st.integers(1, 200_000)] * 3),
    st.sampled_from(["md5", "SHA256", "sha512", "sig"]),
    st.sampled_from(ENDS),
    st.sampled_from(ENCODINGS),
    st.sampled_from([0, 20, 63]),
    st.lists(st.integers(1, 400_000), max_size=3),
)
def test_each_digest_is_found_to_be_what_it_is(
    stated: list[Line],
    sizes: tuple[int, int, int],
    extension: str,
    end: str,
    encoding: str,
    others: int,
    unplugged: list[int],
) -> None:
    contents = tuple(footage(size, seed=number) for number, size in enumerate(sizes))
    text = end.join(["; made by a camera", *(line.text(contents) for line in stated), ""])
    files = {FOLDER + name: content for name, content in zip(NAMES, contents, strict=True)}
    files[f"{FOLDER}C0001.{extension}"] = text.encode(encoding)
    told, fact = _copied(files, others, unplugged)
    assert isinstance(fact, ClipAcquired)
    assert told is not None, "whatever it says, there is a file that attests the clip"
    ours = [line for line in stated if line.part >= 0]
    found = {(one.part, one.algorithm, one.outcome) for one in told.compared if one.algorithm in ALGORITHMS}
    assert found == {(line.part, line.algorithm, "match" if line.right else "differs") for line in ours}
    if not ours:
        assert told.outcome == "not-comparable"
    else:
        assert told.outcome == ("match" if all(line.right for line in ours) else "differs")
    assert [part.sha256 for part in fact.parts[:3]] == [hashlib.sha256(one).hexdigest() for one in contents]


def _copied(
    files: dict[str, bytes], others: int, unplugged: list[int]
) -> tuple[CameraDigestCompared | None, ClipAcquired | ClipSkipped]:
    """Copy the clip, unplugged after so many bytes each time before it is docked for good."""
    volume, spool = MemoryVolume(files), FakeSpool(FakeDisk())
    listed = volume.list()
    order = CopyOrder(clip=found_clip(1, [(f.path, f.size) for f in listed]), volume=volume, files=listed)
    told: list[CameraDigestCompared] = []
    for gone in [*unplugged, 2**60]:
        volume.gone_after = gone
        with crowd(others) as memory:
            try:
                [fact] = acquire(
                    [order],
                    docking="now",
                    spool=spool,
                    progress=lambda clip, n: None,
                    memory=memory,
                    compared=told.append,
                )
            except CameraGoneError:
                volume.read = 0
                continue
        return (told[-1] if told else None), fact
    raise AssertionError("the last docking is not cut")
