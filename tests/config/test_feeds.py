"""Is every mistake in [[feed]] found, and does what is valid mean what was written?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.config.feeds.checks import check_feeds
from bwvdock.config.feeds.targets import FeedTarget
from bwvdock.config.settings import needs_restart
from bwvdock.config.stores import ProxyUse
from bwvdock.config.warnings import warnings
from tests.config.texts import messages, read

FEED = """[[feed]]
name = "county"
url = "https://evidence.example.org/docks"
secret_file = "/etc/bwvdock/county.secret"
"""


def test_a_feed_is_what_was_written() -> None:
    [feed] = read(
        f'{FEED}ca_file = "/etc/ca.pem"\nproxy = "http://proxy:3128"\nkinds = ["clip_found"]\nbatch = 7\n'
    ).feeds
    assert feed == FeedTarget(
        name="county",
        url="https://evidence.example.org/docks",
        secret_file=str(Path("/etc/bwvdock/county.secret")),
        ca_file="/etc/ca.pem",
        proxy=ProxyUse(url="http://proxy:3128"),
        kinds=frozenset({"clip_found"}),
        batch=7,
    )
    assert read("").feeds == ()


@pytest.mark.parametrize(
    "more,key,what",
    [
        ("batch = 0\n", "feed[1].batch", ""),
        ("batch = 1001\n", "feed[1].batch", ""),
        ('kinds = ["clip_foundd"]\n', "feed[1].kinds", ""),
        ("interval = 5\n", "feed[1].interval", ""),
        (FEED, "feed[2].name", "another feed has the same name"),
        ("[[feed]]\n", "feed[2].url", ""),
    ],
)
def test_what_is_wrong_is_said(more: str, key: str, what: str) -> None:
    assert what in messages(FEED + more)[key]


def test_a_feed_takes_effect_after_a_restart_and_a_plain_one_is_warned_of(tmp_path: Path) -> None:
    assert needs_restart(read(""), read(FEED)) == ["[[feed]]"]
    plain = read(FEED.replace("https", "http"))
    assert "feed[1].url" in {warning.key for warning in warnings(plain)}
    assert "feed[1].url" not in {warning.key for warning in warnings(read(FEED))}
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    wrong = read(FEED.replace("/etc/bwvdock/county.secret", str(secret)))
    assert [mistake.key for mistake in check_feeds(wrong.feeds)] == ["feed[1].secret_file"]
