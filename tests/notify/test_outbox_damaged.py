"""Is a target notified whatever its file holds after its disk was damaged?"""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from bwvdock.notify.texts import subject_of, text_of
from tests.notify.targets import Place, told

PLACES = (
    ("state", "sent_ms"),
    ("state", "standing", 0, "since_ms"),
    ("messages", 0, "at"),
    ("messages", 0, "notices"),
    ("messages", 0, "notices", 0, "since"),
)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("value", ["", "soon", [], None, 10**18, -(10**30)], ids=str)
def test_what_is_new_is_told_whatever_was_kept(
    tmp_path: Path, place: tuple[str | int, ...], value: object
) -> None:
    before = Place(tmp_path)
    before.receiver.always = OSError("away")
    before.look("CAM-1")
    document: Any = json.loads(before.target.file.path.read_bytes())
    at = document
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    before.target.file.path.write_text(json.dumps(document))
    after = Place(tmp_path)
    for _ in range(3):
        after.look("CAM-1", "CAM-2", after=3600)
    assert "CAM-2" in {subject for _, subject in told(after.receiver.taken)}
    for message in after.receiver.taken:
        assert subject_of(message)
        assert text_of(message, UTC)
