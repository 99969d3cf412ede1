"""Files as they were found on a camera, and the permit to erase them there."""

from __future__ import annotations

from bwvdock.core.clips.permit import ErasePermit, permit_erase
from bwvdock.core.clips.proof import ProofMethod, Receipt
from bwvdock.core.clips.states import ClipState
from bwvdock.core.facts import SourceFile
from bwvdock.core.ports import CameraVolume


def taken(volume: CameraVolume, *paths: str) -> tuple[SourceFile, ...]:
    """Return files of a volume as they are found at ingest."""
    listed = {file.path: file for file in volume.list()}
    return tuple(
        SourceFile(
            path=path,
            size=listed[path].size,
            mtime_ns=listed[path].mtime_ns,
            fingerprint=volume.fingerprint(listed[path]),
            volume=volume.name,
        )
        for path in paths
    )


def permit_for(*files: SourceFile) -> ErasePermit:
    """Return the permit to erase files whose clip is verified."""
    receipt = Receipt(destination="vault", object="o", version="", sha256="ab", method=ProofMethod.READ_BACK)
    permit = permit_erase(
        clip="c",
        state=ClipState.VERIFIED,
        taken=[(file, "ab") for file in files],
        required=("vault",),
        receipts={"vault": receipt},
        reread=["ab"] * len(files),
        reread_required=True,
        held=False,
        recorded={},
        witnessed=None,
    )
    assert permit is not None
    return permit
