"""Which custody documents must a verifier accept, and which must it refuse, and why?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.verifier import documents
from tests.verifier.forging import Json
from tests.verifier.vector import DOCUMENT, Vector

_FILES = ("--footage", "footage.mp4", "--sidecar", "sidecar.gps")


def _document(
    name: str, what: str, make: Callable[[Path], None], *codes: str, exit_code: int | None = None
) -> Vector:
    return Vector(
        name=f"document-{name}",
        what=what,
        make=make,
        kind="document",
        arguments=_FILES,
        codes=codes,
        daemon=None,
        exit=exit_code,
    )


def _forged(change: Callable[[Json], object]) -> Callable[[Path], None]:
    return lambda folder: documents.write(folder, change)


def _other_footage(folder: Path) -> None:
    documents.write(folder)
    (folder / "footage.mp4").write_bytes(documents.FOOTAGE[:-1] + b"?")


def _other_sidecar(folder: Path) -> None:
    documents.write(folder)
    (folder / "sidecar.gps").write_bytes(b"other")


def _spaced(folder: Path) -> None:
    documents.write(folder)
    path = folder / DOCUMENT
    path.write_text(json.dumps(json.loads(path.read_text())), encoding="utf-8")


DOCUMENTS = (
    _document("good", "An honest document, its footage and its sidecar.", documents.write),
    _document("other-footage", "One byte of the footage was changed.", _other_footage, "file"),
    _document("other-sidecar", "The sidecar is another one.", _other_sidecar, "file"),
    _document("spaced", "The document is not canonical.", _spaced, "document_form"),
    _document("later", "It is of a later version.", _forged(documents.version_nine), exit_code=1),
    *(
        _document(name, f"Forged: {name.replace('-', ' ')}.", _forged(change), *codes)
        for name, (change, codes) in documents.FORGERIES.items()
    ),
)
