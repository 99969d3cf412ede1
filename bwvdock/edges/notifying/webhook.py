"""How is a webhook called? By one POST over HTTP, within the bounds that hold for every store.

A message was taken if the answer's status is one of 200 to 299; what else it says is not read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bwvdock.core.visible_text import visible_json
from bwvdock.edges.destinations import header_values
from bwvdock.edges.destinations.access import Access
from bwvdock.edges.destinations.connections import Patience
from bwvdock.edges.destinations.http import Answer, Web
from bwvdock.edges.notifying.places import place_of
from bwvdock.edges.notifying.standard_webhooks import read_secrets, signed_headers
from bwvdock.errors import DestinationRefusedError, DestinationUnavailableError

_PATIENCE = Patience(connect=10.0, stall=20.0, answer=30.0)
_ANYBODY = Access()
_ABOUT_THE_MESSAGE = {400, 413, 415, 422}
_MOST_SAID = 200


class HttpWebhook:
    """A webhook at an address. Used from one thread."""

    def __init__(
        self,
        url: str,
        *,
        name: str,
        secret_file: str,
        kind: str = "webhook",
        access: Access = _ANYBODY,
        patience: Patience = _PATIENCE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Describe it; nothing is connected or read yet.

        Args:
            url: where it answers.
            name: the target's.
            kind: what it is, for messages about it.
            secret_file: the place of the secret that messages are signed with.
            access: whom we trust, and through which proxy it is reached.
            patience: how long to wait for what.
            now: the dock's clock.
        """
        self._url, self._secret_file, self._credentials, self._now = url, secret_file, access.credentials, now
        self._web = Web(url, access, name=name, kind=kind, patience=patience, now=now)

    def post(self, identifier: str, document: Mapping[str, Any]) -> str:
        """Send a JSON document; return how it was answered.

        Args:
            identifier: the message's, the same at each attempt.
            document: what is sent.

        Raises:
            DestinationUnavailableError: it was not taken; it may be later.
            DestinationRefusedError: this very document was refused.
        """
        return self.post_bytes(
            identifier, "application/json", visible_json(json.dumps(document, ensure_ascii=False)).encode()
        )

    def post_bytes(self, identifier: str, kind: str, body: bytes) -> str:
        """Send bytes of a media type; return how that was answered. Raises as `post` does."""
        secrets = read_secrets(place_of(self._secret_file, self._credentials))
        signed = signed_headers(identifier, int(self._now().timestamp()), body, secrets)
        headers = {"Content-Type": kind, **signed}
        answer = self._web.ask("POST", self._url, headers, body)
        if 200 <= answer.status < 300:
            return f"answered with status {answer.status}"
        raise self._refused(answer)

    def close(self) -> None:
        """Close idle connections."""
        self._web.close()

    def _refused(self, answer: Answer) -> DestinationUnavailableError | DestinationRefusedError:
        said = header_values.words(answer.text, _MOST_SAID).strip()
        words = f"it answered with status {answer.status}" + (f": {said}" if said else "")
        if answer.status in _ABOUT_THE_MESSAGE:
            return DestinationRefusedError(
                f"{words}.", remedy="See the receiver's log: it refused this message"
            )
        asked = header_values.wait(answer.said("Retry-After"), answer.said("Date"), now=self._now())
        remedy = "Correct `url` in the configuration, or what is at that address"
        if answer.status in {401, 403}:
            remedy = "See that `secret_file` has the receiver's secret, and that the dock's clock is right"
        elif answer.status == 429 or answer.status >= 500:
            remedy = "See the receiver's log; it is tried again"
        return DestinationUnavailableError(f"{words}.", remedy=remedy, retry_after=asked)
