"""What does the page in an evidence package say, for somebody who reads it without a program?

Facts that are in the package's entries, and no more: `bwvdock custody report` (cli/statement/) has the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from bwvdock import __version__
from bwvdock.core.clips.clip import Clip
from bwvdock.core.custody.package import PROGRAM, Packaged

_TITLE = "<title>Evidence package</title>"
_HEAD = f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">{_TITLE}</head><body>\n'


def statement(packaged: Packaged, *, dock: str, exhibit: str, confirmed: Sequence[str]) -> bytes:
    """Return the page, as HTML without anything that is loaded from elsewhere.

    Args:
        packaged: what is in the package.
        dock: the dock's name.
        exhibit: its reference as an exhibit, "" for none.
        confirmed: sentences about who confirmed the checkpoint.
    """
    return (_HEAD + "\n".join(_lines(packaged, dock, exhibit, confirmed)) + "\n</body></html>\n").encode()


def _lines(packaged: Packaged, dock: str, exhibit: str, confirmed: Sequence[str]) -> Iterator[str]:
    yield f"<h1>Evidence package{f': exhibit {escape(exhibit)}' if exhibit else ''}</h1>"
    yield f"<p>Made by bwvdock {__version__} on dock {escape(dock)}. Nothing is proven by this page: "
    yield f"check the package with <code>python3 -I {PROGRAM} bag FOLDER</code>.</p>"
    tree = f"The journal had {packaged.size} entries with the root <code>{packaged.root.hex()}</code>"
    signed = "its checkpoint is signed" if packaged.signed else "its checkpoint is NOT SIGNED"
    yield f"<p>{tree}; {signed}. Compare it with one that was kept outside the dock.</p>"
    yield f"<p>{escape(' '.join(confirmed))}</p>"
    officer = {o.commitment: o.value for o in packaged.openings}
    for clip in packaged.clips:
        yield from _clip(clip, packaged, officer)
    yield "<h2>What is not claimed</h2><p>Footage is as the dock received it from the camera, not as it was "
    yield "recorded. Times are those of the dock's clock. The journal may have other entries about them."
    yield "</p>"


def _clip(clip: Clip, packaged: Packaged, values: Mapping[str, str]) -> Iterator[str]:
    yield f"<h2>Clip {escape(clip.id)}</h2><ul>"
    yield f"<li>Camera: {escape(clip.camera or '(erased)')}</li>"
    for number, part in enumerate(clip.parts):
        what = "Footage" if number == 0 else f"Sidecar {number}"
        yield f"<li>{what}: {part.size} bytes, SHA-256 <code>{part.sha256}</code></li>"
    yield "</ul><table><tr><th>Entry</th><th>Time (UTC)</th><th>What</th></tr>"
    for entry in packaged.entries:
        fact = json.loads(entry.leaf)
        if fact["data"].get("clip") == clip.id:
            told = fact["kind"].replace("_", " ")
            named = values.get(str(fact["data"].get("officer", "")), "")
            told += f": officer {named}" if named else ""
            yield f"<tr><td>{entry.seq}</td><td>{escape(fact['t'])}</td><td>{escape(told)}</td></tr>"
    yield "</table>"
