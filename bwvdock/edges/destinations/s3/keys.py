"""Under which key is a part of a clip stored, and what does its metadata say?

    PREFIX/2026/04/30/CLIP.N.mp4                part N of a clip, as in a directory vault
    PREFIX/2026/04/30/CLIP.0.mp4.custody.json   its custody document
    PREFIX/checkpoints/LOG.SIZE-DIGEST.txt      a signed checkpoint of a dock's journal
    PREFIX/.bwvdock-canary/DOCK                 the test object

A clip's id is the dock's own and no other clip has it, so the key needs nothing else to be unique.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from bwvdock.core.clips.clip import Clip
from bwvdock.core.media.part_names import part_name
from bwvdock.edges.destinations.directory import NOTES, day_of, note_name

# What HTTP allows in a header's value, but for "%" and the space: SigV4 folds runs of spaces.
_SAFE = "!#$&'()*+,/:;=?@[]"
_MOST = 256  # bytes of one value; S3 allows 2 KiB of metadata in all
_KINDS = {"mp4": "video/mp4", "mov": "video/quicktime", "json": "application/json", "jpg": "image/jpeg"}
_KINDS["txt"] = "text/plain; charset=utf-8"


def under(prefix: str, name: str) -> str:
    """Return the key of a name below the configured prefix."""
    cleaned = prefix.strip("/")
    return f"{cleaned}/{name}" if cleaned else name


def part_key(prefix: str, clip: Clip, number: int) -> str:
    """Return the key of a part; part 0 is the footage."""
    return under(prefix, f"{day_of(clip.id)}/{part_name(clip, number)}")


def document_key(prefix: str, clip: Clip) -> str:
    """Return the key of the custody document."""
    return f"{part_key(prefix, clip, 0)}.custody.json"


def note_key_of(prefix: str, log: str, size: int, note: bytes) -> str:
    """Return the key of a log's signed checkpoint, which no other note has."""
    return under(prefix, f"{NOTES}/{note_name(log, size, note)}")


def canary_key(prefix: str, dock: str) -> str:
    """Return the key of the test object."""
    return under(prefix, f".bwvdock-canary/{quote(dock, safe='')}")


def content_type(key: str) -> str:
    """Return the media type of a key's extension."""
    return _KINDS.get(key.rpartition(".")[2], "application/octet-stream")


def metadata(described: Mapping[str, str], *, sha256: str) -> dict[str, str]:
    """Return a clip's manifest as S3 metadata of the part with this digest.

    S3 metadata is ASCII: everything else is percent-encoded UTF-8. Names have hyphens, because proxies
    drop headers with underscores. What is unknown, or too long for a header, is left out: the custody
    document has it whole.
    """
    encoded = {name.replace("_", "-"): quote(value, safe=_SAFE) for name, value in described.items()}
    encoded = {name: value for name, value in encoded.items() if 0 < len(value) <= _MOST}
    return encoded | {"sha256": sha256}
