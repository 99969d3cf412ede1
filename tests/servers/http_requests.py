"""Where do requests end in a stream of bytes? Just enough HTTP/1.1 for a relay to lose the right answer."""

from __future__ import annotations

import re

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)", re.IGNORECASE)
_END = b"\r\n\r\n"


class Requests:
    """The requests on one connection. Bodies have a Content-Length or there is none."""

    def __init__(self) -> None:
        self._head = b""
        self._body_left = 0
        self.method = ""

    def feed(self, data: bytes) -> list[str]:
        """Take bytes as they pass; give the methods of the requests that these bytes complete."""
        completed = []
        while data:
            data = self._take_body(data) if self._body_left else self._take_head(data)
            if self.method and not self._body_left:
                completed.append(self.method)
                self.method = ""
        return completed

    def _take_body(self, data: bytes) -> bytes:
        taken = min(self._body_left, len(data))
        self._body_left -= taken
        return data[taken:]

    def _take_head(self, data: bytes) -> bytes:
        head, end, rest = (self._head + data).partition(_END)
        if not end:
            self._head = head
            return b""
        self._head = b""
        length = _LENGTH.search(head)
        self._body_left = int(length[1]) if length else 0
        self.method = head.split(b" ", 1)[0].decode("ascii", "replace")
        return rest
