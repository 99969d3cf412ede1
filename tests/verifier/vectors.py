"""Which journals, documents and packages must a verifier accept, and which must it refuse, and why?

`python -m tests.verifier.vectors` writes them to tests/vectors/custody: the same bytes each time with the
same bwvdock and SQLite. Each folder has the input, and expect.json: what was done, and what must come of it.
"""

from __future__ import annotations

import json
import lzma
import shutil
import tarfile
import tempfile
from pathlib import Path

from tests.verifier.bag_vectors import BAGS
from tests.verifier.document_vectors import DOCUMENTS
from tests.verifier.journal_vectors import JOURNALS
from tests.verifier.vector import CHECKPOINT, JOURNAL

FOLDER = Path(__file__).resolve().parents[1] / "vectors/custody"
VECTORS = (*JOURNALS, *DOCUMENTS, *BAGS)


def write(folder: Path = FOLDER) -> None:
    """Write all vectors: journals compressed, because of SQLite's many empty pages, and bags as archives."""
    shutil.rmtree(folder, ignore_errors=True)
    for vector in VECTORS:
        place = folder / vector.name
        place.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as made:
            vector.make(Path(made))
            for file in (vector.input, CHECKPOINT, "footage.mp4", "sidecar.gps"):
                _keep(Path(made) / file, place)
        text = json.dumps(vector.expectation(), indent=1, ensure_ascii=False)
        (place / "expect.json").write_text(f"{text}\n", encoding="utf-8")


def _keep(path: Path, place: Path) -> None:
    if path.is_dir():
        with tarfile.open(place / f"{path.name}.tar.xz", "w:xz", preset=9) as archive:
            for below in sorted(path.rglob("*")):
                archive.add(below, below.relative_to(path.parent), recursive=False, filter=_anonymous)
    elif path.name == JOURNAL:
        (place / f"{JOURNAL}.xz").write_bytes(lzma.compress(path.read_bytes(), preset=9))
    elif path.exists():
        shutil.copyfile(path, place / path.name)


def _anonymous(item: tarfile.TarInfo) -> tarfile.TarInfo:
    item.uid = item.gid = item.mtime = 0
    item.uname = item.gname = ""
    item.mode = 0o755 if item.isdir() else 0o644
    return item


def unpack(archive: Path, folder: Path) -> None:
    """Write what an archive of ours has into an empty folder."""
    with tarfile.open(archive) as kept:
        for item in kept:
            path = folder / item.name
            path.parent.mkdir(parents=True, exist_ok=True)
            content = kept.extractfile(item) if item.isfile() else None
            if item.issym():
                path.symlink_to(item.linkname)
            elif content:
                path.write_bytes(content.read())


if __name__ == "__main__":
    write()
