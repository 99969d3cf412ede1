"""Does the alert of a feed that is behind say why in a sentence?"""

from __future__ import annotations

import pytest

from bwvdock.status.alerts.dock import feed_behind
from bwvdock.status.values import LiveFeed


@pytest.mark.parametrize("error", ["nobody answers", "nobody answers."])
def test_why_it_is_behind_ends_before_what_waits_begins(error: str) -> None:
    [alert] = feed_behind([LiveFeed(name="county", waiting=1, error=error)])
    assert alert.message.endswith("the journal: nobody answers. 1 entry of it waits.")
