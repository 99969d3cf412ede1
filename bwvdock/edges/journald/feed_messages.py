"""What does the log say of the entries that evidence systems are sent?"""

from __future__ import annotations

from collections.abc import Mapping

from bwvdock.edges.journald.message import Message

FEED_EVENTS: Mapping[str, Message] = {
    "feed_failed": Message(
        "64cc9932b5f74dfb858c93347094156c",
        "Evidence system {feed} does not acknowledge the journal: {reason}",
        "Entries stay in the journal and are sent in their order once it does, also after a restart.",
        advises=True,
    ),
    "feed_back": Message(
        "b062fd2141f54fba80d1573750197ac1",
        "Evidence system {feed} acknowledges the journal again.",
        "What it has not got is sent now, the oldest first.",
    ),
    "feed_gap": Message(
        "0da925c4e42744ed871a1a57f03cd64e",
        "Journal {journal} is not kept here: what followed the {entries} entries that {feed} acknowledged is "
        "not sent.",
        "The first request of the next journal says the same to the evidence system.",
    ),
    "feed_not_kept": Message(
        "76134e12655042ac86f3c973cb53c6d5",
        "How far {feed} acknowledged the journal is not kept over a restart: {reason}",
        "Entries are sent all the same. After a restart some may be sent again, with the same numbers.",
        advises=True,
    ),
}
