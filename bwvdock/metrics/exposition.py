"""How are figures written down for Prometheus? In its text format, version 0.0.4, by its own library."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from bwvdock.core.visible_text import shortened, visible
from bwvdock.metrics.catalogue import CATALOGUE, Kind
from bwvdock.metrics.catalogue import Metric as Declared
from bwvdock.metrics.figures import Classes, Figure, Sample

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_MOST_CHARACTERS = 100  # of a label's value


def written(figures: Iterable[Figure]) -> bytes:
    """Return figures in Prometheus' text format, in the catalogue's order, without metrics that have none."""
    found = defaultdict[str, list[Figure]](list)
    for figure in figures:
        found[figure.metric.name].append(figure)
    return generate_latest(_Families([_family(m, found[m.name]) for m in CATALOGUE if found[m.name]]))


class _Families:
    """What the library asks for its families."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        return iter(self._families)


def _family(declared: Declared, found: list[Figure]) -> Metric:
    means = f"{declared.means}."
    if declared.kind is Kind.HISTOGRAM:
        histogram = HistogramMetricFamily(declared.name, means)
        for figure in found:
            if isinstance(figure, Classes):
                histogram.add_metric([], _buckets(figure), figure.total)
        return histogram
    kind = CounterMetricFamily if declared.kind is Kind.COUNTER else GaugeMetricFamily
    family = kind(declared.name, means, labels=declared.labels)
    samples: dict[tuple[str, ...], float] = {}
    for figure in found:
        if isinstance(figure, Sample):
            # A series that comes twice would have Prometheus reject all the others too.
            samples.setdefault(tuple(label(value) for value in figure.labels), float(figure.value))
    for labels, value in samples.items():
        family.add_metric(labels, value)
    return family


def _buckets(figure: Classes) -> list[tuple[str, float]]:
    ends = [f"{bound:g}" for bound in figure.bounds]
    return list(zip([*ends, "+Inf"], map(float, accumulate(figure.counts)), strict=True))


def label(value: str) -> str:
    """Return a label's value with every character visible, and of a bounded length."""
    return shortened(visible(value), _MOST_CHARACTERS)
