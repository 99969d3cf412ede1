"""Which keys does each [[feed]] have, and are their values valid?

A feed sends the public part of the journal's entries to an evidence system. Without one nothing is sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from bwvdock.config.stores import DIRECTLY, ProxyUse, read_proxy, secret_file, url
from bwvdock.config.toml_table import Table, each, instead, line, name, whole

MOST_ENTRIES = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedTarget:
    """An evidence system that takes entries by HTTP. Places of files are as `secret_file` reads them.

    Attributes:
        name: the feed's.
        url: where entries are sent.
        secret_file: the place of the secret that they are signed with.
        ca_file: the place of the certificates of the system's authority; "" for those of this machine.
        proxy: through which proxy it is reached.
        kinds: the kinds whose text is sent, empty for all; of other entries only number and hash are.
        batch: how many entries a request has at most.
    """

    name: str
    url: str
    secret_file: str
    ca_file: str = ""
    proxy: ProxyUse = DIRECTLY
    kinds: frozenset[str] = frozenset()
    batch: int = 500


def read_feeds(tables: list[Table]) -> tuple[FeedTarget, ...]:
    """Return the feeds of the configuration; mistakes are recorded in the tables."""
    feeds: list[FeedTarget] = []
    for table in tables:
        feed = FeedTarget(
            name=table.need("name", name, "", remedy='write name = "county"'),
            url=table.need("url", url, "", remedy='write url = "https://…"'),
            secret_file=table.need(
                "secret_file",
                secret_file,
                "",
                remedy="give the file with the secret that entries are signed with",
            ),
            ca_file=table.take("ca_file", secret_file, ""),
            proxy=read_proxy(table),
            kinds=table.take("kinds", _kinds, frozenset()),
            batch=table.take("batch", whole(1, MOST_ENTRIES), 500),
        )
        if feed.name in {other.name for other in feeds}:
            table.wrong("name", "another feed has the same name", "give each its own")
        table.nothing_else()
        feeds.append(feed)
    return tuple(feeds)


def _kinds(value: object) -> frozenset[str]:
    from bwvdock.core.facts import FACT_TYPES  # noqa: PLC0415 - `bwvdock status` starts fast

    found = each(line)(value)
    for kind in found:
        if kind not in FACT_TYPES:
            from difflib import get_close_matches  # noqa: PLC0415 - needed for a wrong file only

            near = get_close_matches(kind, FACT_TYPES, n=1, cutoff=0.5)
            raise instead(f"no entry is of kind {kind}; " + (f"did you mean {near[0]}?" if near else _WHERE))
    return frozenset(found)


_WHERE = "docs/reference/entries.md lists the kinds"
