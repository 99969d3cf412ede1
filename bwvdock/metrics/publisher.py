"""When are figures taken and published? Every few seconds, in a thread of its own.

Nobody waits for it, and whatever goes wrong here is a line in the log, once while it lasts, and no more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from bwvdock.config.metrics import Address, MetricsSettings
from bwvdock.errors import BwvdockError, StorageError, UnexpectedError, words_of
from bwvdock.log import Events, Say
from bwvdock.metrics.endpoint import Endpoint
from bwvdock.metrics.exposition import CONTENT_TYPE, written
from bwvdock.metrics.figures import Snapshot, figures
from bwvdock.metrics.textfile import write_textfile

_STOP_SECONDS = 0.2  # a dock ends within 5 s, and has footage to think of first


class Takes(Protocol):
    """What takes snapshots."""

    def take(self) -> Snapshot:
        """Return what is known of the dock now."""
        ...


class Publisher:
    """Publishes a dock's figures while it is entered."""

    def __init__(self, settings: MetricsSettings, source: Takes, say: Say) -> None:
        """Take where to publish, what takes the figures, and what logs a trouble."""
        self._settings = settings
        self._source = source
        self._say = say
        self._content = b""
        self._troubles: dict[str, str] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="figures", daemon=True)
        self.endpoint = self._endpoint(settings.listen) if settings.listen else None

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; a share that hangs, or a dock that does not answer, is not waited for."""
        self._stopping.set()
        self._thread.join(_STOP_SECONDS)
        if self.endpoint:
            self.endpoint.close()

    def _endpoint(self, address: Address) -> Endpoint:
        return Endpoint(
            address,
            lambda: self._content,
            kind=CONTENT_TYPE,
            trouble=lambda error: self._unexpected("serve", error),
        )

    def _work(self) -> None:
        while True:
            self.round()
            if self._stopping.wait(self._settings.interval_seconds):
                return

    def round(self) -> None:
        """Publish once."""
        self._attempt("listen", self._listen)
        if self._attempt("take", self._take):
            self._attempt("textfile", self._write)

    def _listen(self) -> None:
        if self.endpoint is None or self.endpoint.serving:
            return
        try:
            self.endpoint.open()
        except OSError as error:
            host, port = self._settings.listen or ("", 0)
            raise StorageError(
                f"The figures for Prometheus cannot be offered at {host} port {port}: {words_of(error)}.",
                remedy=f"See who uses that port (ss -ltnp 'sport = {port}'), or change [metrics] listen",
            ) from error

    def _take(self) -> None:
        self._content = written(figures(self._source.take()))

    def _write(self) -> None:
        if self._settings.textfile:
            write_textfile(self._settings.textfile, self._content)

    def _attempt(self, what: str, do: Callable[[], None]) -> bool:
        """Return whether it was done; what went wrong is logged when it begins, and its end as well."""
        try:
            do()
        except BwvdockError as error:
            self._trouble(what, error)
            return False
        except Exception as error:  # noqa: BLE001 - figures must never end a dock
            self._unexpected(what, error)
            return False
        if self._troubles.pop(what, None) is not None:
            self._say(Events.METRICS_BACK, what=what)
        return True

    def _unexpected(self, what: str, error: Exception) -> None:
        self._trouble(what, UnexpectedError(f"{type(error).__name__}: {error}"), error)

    def _trouble(self, what: str, error: BwvdockError, cause: Exception | None = None) -> None:
        if self._troubles.get(what) != error.message:
            self._troubles[what] = error.message
            self._say(
                Events.METRICS_FAILED, what=what, reason=error.message, remedy=error.remedy, exc_info=cause
            )
