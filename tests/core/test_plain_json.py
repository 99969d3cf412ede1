"""Is what somebody else wrote as JSON an object, or an error that callers expect?"""

from __future__ import annotations

import pytest

from bwvdock.core.plain_json import object_of


def test_an_object_is_read_from_bytes_and_from_text() -> None:
    assert object_of(b'{"ok": true}') == object_of('{"ok": true}') == {"ok": True}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff", b"[" * 100_000])
def test_anything_else_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        object_of(content)
