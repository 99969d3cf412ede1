"""What do times, spans and bytes of a fleet's night amount to? Arithmetic only; all times are in seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Span = tuple[float, float]
"""From when until when."""


def most_within(times: Iterable[float], seconds: float) -> int:
    """Return how many of the times fall into one span of so many seconds, where most do."""
    ordered, most, first = sorted(times), 0, 0
    for last, time in enumerate(ordered):
        while time - ordered[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in which at least one of these spans was, in order."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def common(many: Sequence[Sequence[Span]]) -> list[Span]:
    """Return when all of these had a span at once. The spans of each are in order and apart."""
    found = list(many[0])
    for spans in many[1:]:
        both = ((max(a, c), min(b, d)) for a, b in found for c, d in spans)
        found = sorted((begin, end) for begin, end in both if begin < end)
    return found


def without(spans: Sequence[Span], gap: Span) -> list[Span]:
    """Return the spans without what lies in the gap."""
    cut = [part for a, b in spans for part in ((a, min(b, gap[0])), (max(a, gap[1]), b))]
    return [(begin, end) for begin, end in cut if begin < end]


def length(spans: Iterable[Span]) -> float:
    """Return how long the spans are together."""
    return sum(end - begin for begin, end in spans)


def shares(sent: Mapping[str, Iterable[tuple[float, float, int]]], spans: Sequence[Span]) -> dict[str, float]:
    """Return the bytes that each dock's requests brought in the spans.

    Args:
        sent: of each dock its requests: when each began and ended, and its bytes, which count as sent evenly.
        spans: in order and apart.
    """
    return {
        dock: sum(size * _part((begin, end), spans) for begin, end, size in requests)
        for dock, requests in sent.items()
    }


def _part(request: Span, spans: Sequence[Span]) -> float:
    begin, end = request
    if begin == end:
        return float(any(a <= begin < b for a, b in spans))
    return length(common([[request], spans])) / (end - begin) if spans else 0.0
