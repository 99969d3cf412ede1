"""docs/reference/metrics.md, written from the catalogue: python -m tests.metrics.page."""

from __future__ import annotations

from pathlib import Path

from bwvdock.metrics import catalogue as of
from bwvdock.metrics.catalogue import CATALOGUE, Metric

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/metrics.md"
_SECTIONS = {
    of.BUILD_INFO: "The dock",
    of.BAYS: "Bays and cameras",
    of.CLIPS: "Clips",
    of.REQUIRED: "Stores",
    of.FEED_WAITING: "Feeds",
    of.SPOOL_USED: "Disks and journal",
}
_HEAD = """\
# Metrics

What a dock publishes for Prometheus, if the configuration asks for it
([`[metrics]`](configuration.md#metrics)): as a file for the node exporter, at an address of this machine
alone, or both. [Watch docks with Prometheus](../how-to/watch-docks-with-prometheus.md) says how to use
them. This page is written from `bwvdock/metrics/catalogue.py`; `make metrics` does that.

- **What is not known has no sample.** A store that was not asked yet is neither reachable nor unreachable,
  and the time of something that never happened is not 0.
- **All figures are of one moment**, `bwvdock_status_timestamp_seconds`: what `bwvdock status` would have
  said then, and what the journal had. If the daemon ends, the file of the node exporter stays as it is:
  compare that time with now.
- **If the thread that owns the journal does not answer**, `bwvdock_ready` is 0, and only what the journal's
  file shows is published: no alerts, no bays, and of stores only whether they are required and their last
  receipt.
- **Counters** count entries of the journal that were made since the daemon started, and begin at 0 with
  each start, as `rate()` and `increase()` expect; what the last seconds before a stop added may be missing.
  `bwvdock_journal_entries_total` alone is of the whole journal.
- **Nothing is about a person**: no serial, officer, clip, case or file name. A label has few values:
  `destination` is a store's name in the configuration, `feed` that of a feed; `bay` the path of the USB
  port, and `folder-1` for the first `[[source]]`; `code` and `severity` are of [these
  alerts](status-json.md#alerts); `state` is a [clip's](lifecycle.md) or a
  [camera's](status-json.md#a-cameras-state).
- Values are in seconds and bytes; a moment is in seconds since 1970. The format is Prometheus' text format
  0.0.4.
"""


def page() -> str:
    """Return the page."""
    lines = [_HEAD.rstrip("\n")]
    for metric in CATALOGUE:
        if metric in _SECTIONS:
            lines += ["", f"## {_SECTIONS[metric]}", "", "| metric | type | labels | |", "|---|---|---|---|"]
        lines.append(_row(metric))
    return "\n".join(lines) + "\n"


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{name}`" for name in metric.labels)
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.means} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
