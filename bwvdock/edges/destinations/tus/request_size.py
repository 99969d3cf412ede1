"""How many bytes should one request carry? As many as get through, and no more than may be lost."""

from __future__ import annotations

from bwvdock.core.ports import PIECE_BYTES

LEAST = 256 * 1024
MOST = 16 * PIECE_BYTES
AT_ONCE = 4 << 20  # bytes: a shorter upload is made and filled in one request, where the server can do that
_BRISK = 60.0  # seconds: what took longer is not made larger
_FIRST = 1 << 20  # bytes, before anything is known of the connection, where a cut loses the whole request
_SHORT = 0.5  # seconds that such a request may always take
_SHARE = 0.02  # of the time without a cut: that long, too; so cuts lose about a hundredth of what is sent


class RequestSize:
    """What one endpoint was seen to take, learnt by all uploads to it; lost with the process.

    A request that breaks off may have been in vain: what a proxy collects before it passes it on is lost
    whole. So each such failure halves the next request, down to LEAST; what goes through briskly doubles it.
    A server that compares digests keeps nothing of a request that was cut: there it is short in time as well.
    """

    def __init__(self) -> None:
        self._ceiling = MOST
        self._bytes = PIECE_BYTES
        self._rate = 2 * _FIRST  # bytes per second, of the last request
        self._calm = 0.0  # seconds of sending since one broke off

    @property
    def at_once(self) -> int:
        """The most bytes of an upload that is made in one request."""
        return min(AT_ONCE, self._bytes // 4)

    def end(self, start: int, size: int, *, to_grid: bool) -> int:
        """Return where a request that begins at `start` should end.

        Args:
            start: the offset that it begins at.
            size: of the whole upload.
            to_grid: it may not go beyond the next line of the grid of pieces, whose digests are known.
        """
        line = (start // PIECE_BYTES + 1) * PIECE_BYTES
        if to_grid:
            stride = self._stride()
            return min((start // stride + 1) * stride, line, size)
        end = start + self._bytes
        if end > line:
            end = end // PIECE_BYTES * PIECE_BYTES
        return min(end, size)

    def _stride(self) -> int:
        """Return the length of requests that lose all when they are cut: a piece, or an even part of one."""
        most = min(self._bytes, int(self._rate * max(_SHORT, _SHARE * self._calm)))
        stride = PIECE_BYTES
        while stride > most and stride > LEAST:
            stride //= 2
        return stride

    def went_through(self, count: int, seconds: float) -> None:
        """Hear of a request of `count` bytes that was taken whole."""
        self._calm += seconds
        if count >= LEAST:  # of a shorter one most of the time went by waiting
            self._rate = int(count / max(seconds, 1e-6))
        if count >= self._bytes and seconds < _BRISK:
            self._bytes = min(self._bytes * 2, self._ceiling)

    def broke_off(self, count: int, *, kept: bool = False) -> None:
        """Hear of a request of `count` bytes that was not answered, or not taken whole.

        `kept`: the server has most of what was sent of it.
        """
        self._calm = 0.0
        if not kept:
            self._bytes = max(min(self._bytes, count) // 2, LEAST)

    def too_large(self, count: int) -> bool:
        """Hear of a request of `count` bytes that is too large (413); say whether a smaller one may do."""
        self._ceiling = max(min(self._ceiling, count // 2), LEAST)
        self._bytes = min(self._bytes, self._ceiling)
        return count > LEAST
