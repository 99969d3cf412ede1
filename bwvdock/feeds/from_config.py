"""How do the feeds of a dock follow from its configuration?"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bwvdock.config.feeds.targets import FeedTarget
from bwvdock.config.settings import Config
from bwvdock.core.clips.identity import ID_BYTES, make_id
from bwvdock.core.ports import Clock
from bwvdock.delivery.backoff import Backoff, DecorrelatedJitter
from bwvdock.edges.credentials import credentials_folder
from bwvdock.errors import BwvdockError, UsageError
from bwvdock.feeds.batch import MEDIA_TYPE, Batch, batch_of_a_test
from bwvdock.feeds.feed import Feed, Sender
from bwvdock.feeds.feeds import Feeds
from bwvdock.feeds.position import position_file
from bwvdock.log import Say
from bwvdock.runtime.workers import log_traceback

FEED_TEST = "feed-test"
"""What a command asks the daemon for that tries a feed."""


def feeds_of(config: Config, clock: Clock, say: Say) -> Feeds:
    """Return what sends entries to the evidence systems of a configuration."""
    return Feeds([_feed(config, one, clock, say) for one in config.feeds], log_traceback)


def _feed(config: Config, one: FeedTarget, clock: Clock, say: Say) -> Feed:
    return Feed(
        name=one.name,
        dock=config.dock,
        journal=config.journal,
        kinds=one.kinds,
        most=one.batch,
        sender=sender_of(one, clock),
        file=position_file(config.state_dir, one.name),
        clock=clock,
        say=say,
        unexpected=log_traceback,
        backoff=Backoff(clock, DecorrelatedJitter()),
        closed=stores_of_restricted(config),
    )


def stores_of_restricted(config: Config) -> frozenset[str]:
    """Return the stores that get restricted footage and no other."""
    classes = config.retention.classes
    restricted, others = (
        {name for one in classes if one.restricted is which for name in one.destinations}
        for which in (True, False)
    )
    return frozenset({one.name for one in config.destinations if one.classes_only} & restricted - others)


@dataclass(frozen=True, slots=True)
class _Posts:
    """Posts batches, signed as Standard Webhooks are."""

    post: Callable[[str, str, bytes], str]

    def send(self, batch: Batch) -> str:
        return self.post(batch.id, MEDIA_TYPE, batch.body)


def sender_of(feed: FeedTarget, clock: Clock) -> Sender:
    """Return the way to an evidence system; nothing is connected or read yet."""
    from bwvdock.edges.destinations.access import Access  # noqa: PLC0415 - as below
    from bwvdock.edges.notifying.webhook import HttpWebhook  # noqa: PLC0415 - HTTP and TLS take 5 MB

    webhook = HttpWebhook(
        feed.url,
        name=feed.name,
        kind="feed",
        secret_file=feed.secret_file,
        access=Access(
            ca_file=feed.ca_file,
            proxy=feed.proxy.url,
            proxy_credentials_file=feed.proxy.credentials_file,
            credentials=credentials_folder(),
        ),
        now=clock.now,
    )
    return _Posts(webhook.post_bytes)


def answer_test(config: Config, clock: Clock, arguments: Mapping[str, str]) -> list[dict[str, object]]:
    """Return what happened to the tests that a command asks for; raises as `send_test` does."""
    return send_test(config, clock, arguments.get("feed", ""))


def send_test(config: Config, clock: Clock, name: str) -> list[dict[str, object]]:
    """Send a request without entries to a feed, or to each where `name` is ""; return what each answered.

    Nothing of it is kept, and nobody's thread is used but the caller's.

    Raises:
        UsageError: there is no such feed.
    """
    wanted = [one for one in config.feeds if name in {"", one.name}]
    if not wanted:
        known = ", ".join(one.name for one in config.feeds)
        raise UsageError(
            f"No feed is called {name}." if name else "The configuration has no [[feed]].",
            remedy=f"One of: {known}" if known else "man bwvdock.toml, [[feed]], shows how to name one",
        )
    return [_tested(config, one, clock) for one in wanted]


def _tested(config: Config, one: FeedTarget, clock: Clock) -> dict[str, object]:
    identifier = make_id(int(clock.now().timestamp() * 1000), os.urandom(ID_BYTES))
    found: dict[str, object] = {"feed": one.name, "id": identifier}
    try:
        answer = sender_of(one, clock).send(batch_of_a_test(identifier, dock=config.dock))
    except BwvdockError as error:
        return found | {"ok": False, "answer": error.message, "remedy": error.remedy}
    return found | {"ok": True, "answer": answer, "remedy": ""}
