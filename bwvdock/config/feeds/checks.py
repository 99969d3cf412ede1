"""Do the files that [[feed]] names exist, and are they usable? Nobody is called, and no secret is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bwvdock.config.feeds.targets import FeedTarget
from bwvdock.config.notify.checks import check_file
from bwvdock.config.toml_table import Mistake


def check_feeds(feeds: Sequence[FeedTarget]) -> Iterator[Mistake]:
    """Return what is wrong with what the feeds name."""
    for number, feed in enumerate(feeds, start=1):
        for key, place in secrets_of(feed).items():
            yield from check_file(f"feed[{number}].{key}", place, secret=True)
        if feed.ca_file:
            yield from check_file(f"feed[{number}].ca_file", feed.ca_file, secret=False)


def secrets_of(feed: FeedTarget) -> dict[str, str]:
    """Return where a feed's secrets are, by their keys."""
    found = {"secret_file": feed.secret_file, "proxy_credentials_file": feed.proxy.credentials_file}
    return {key: place for key, place in found.items() if place}
