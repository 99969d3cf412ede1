"""How many bytes should one request carry? As many as get through."""

from __future__ import annotations

from bwvdock.core.ports import PIECE_BYTES

LEAST = 256 * 1024
MOST = 16 * PIECE_BYTES
_BRISK = 60.0  # seconds: what took longer is not made larger


class RequestSize:
    """What one endpoint was seen to take, learnt by all uploads to it; lost with the process.

    A request that breaks off may have been in vain: what a proxy collects before it passes it on is lost
    whole. So each failure halves the next request, down to LEAST; what goes through briskly doubles it.
    """

    def __init__(self) -> None:
        self._ceiling = MOST
        self._bytes = PIECE_BYTES

    def end(self, start: int, size: int, *, to_grid: bool) -> int:
        """Return where a request that begins at `start` should end.

        Args:
            start: the offset that it begins at.
            size: of the whole upload.
            to_grid: it may not go beyond the next line of the grid of pieces, whose digests are known.
        """
        line = (start // PIECE_BYTES + 1) * PIECE_BYTES
        end = start + self._bytes
        if to_grid:
            end = min(end, line)
        elif end > line:
            end = end // PIECE_BYTES * PIECE_BYTES
        return min(end, size)

    def went_through(self, count: int, seconds: float) -> None:
        """Hear of a request of `count` bytes that was taken whole."""
        if count >= self._bytes and seconds < _BRISK:
            self._bytes = min(self._bytes * 2, self._ceiling)

    def broke_off(self, count: int) -> None:
        """Hear of a request of `count` bytes that was not answered, or not taken whole."""
        self._bytes = max(min(self._bytes, count) // 2, LEAST)

    def too_large(self, count: int) -> bool:
        """Hear of a request of `count` bytes that is too large (413); say whether a smaller one may do."""
        self._ceiling = max(min(self._ceiling, count // 2), LEAST)
        self._bytes = min(self._bytes, self._ceiling)
        return count > LEAST
