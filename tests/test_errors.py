"""Does an error that is kept for showing keep anything else alive?"""

from __future__ import annotations

import gc
import os
import weakref
from collections.abc import Callable
from weakref import ref

import pytest

from bwvdock import errors
from bwvdock.errors import BwvdockError, UnreadableError


class Buffer:
    """Stands for the megabytes that a copy has in hand."""


def kept(make: Callable[[BwvdockError], BwvdockError]) -> tuple[BwvdockError, ref[Buffer]]:
    """Return an error that came through a frame with a buffer, and a way to see whether that lives."""
    seen: list[ref[Buffer]] = []

    def read() -> None:
        buffer = Buffer()
        seen.append(weakref.ref(buffer))
        try:
            os.close(-1)
        except OSError as error:
            raise UnreadableError("It cannot be read.", remedy="Dock it again.") from error

    failure: BwvdockError | None = None
    try:
        read()
    except BwvdockError as error:
        failure = make(error)
    assert failure is not None
    return failure, seen[0]


def test_an_error_without_its_frames_lets_go_of_what_they_held() -> None:
    gc.disable()
    try:
        failure, buffer = kept(BwvdockError.without_frames)
        assert buffer() is None
        assert failure.message == "It cannot be read."
        assert isinstance(failure.__cause__, OSError)
        held, buffer = kept(lambda error: error)
        assert buffer() is not None, "then this test proves nothing"
        del held
    finally:
        gc.enable()


def test_what_the_system_says_has_no_number() -> None:
    with pytest.raises(OSError, match="Not a directory") as caught:
        open("/etc/passwd/x").close()
    assert errors.words_of(caught.value) == "/etc/passwd/x: Not a directory"
    assert errors.words_of(OSError("gone")) == "gone"
    assert errors.words_of(OSError(28, "No space left on device")) == "No space left on device"
