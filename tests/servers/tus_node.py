"""@tus/server with its file store: no checksums; a second request for an upload pre-empts the first."""

from __future__ import annotations

from tests.servers.tus import NodeTusServer


class TusNode(NodeTusServer):
    """The reference implementation for Node.

    Args:
        expires: Seconds after its creation when an unfinished upload is gone; None for never.
        options: Of its `ServerOptions`, such as maxSize (bytes) or relativeLocation.
    """

    script = "tus_node.mjs"

    def __init__(self, *, expires: float | None = None, **options: object) -> None:
        super().__init__(expirationPeriodInMilliseconds=int(1000 * (expires or 0)), **options)
