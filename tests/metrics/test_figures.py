"""Can Prometheus read every figure, does each say what is known and no more, and is none about a person?"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.parser import text_string_to_metric_families

from bwvdock.metrics import catalogue as of
from bwvdock.metrics.catalogue import CATALOGUE, Kind
from bwvdock.metrics.exposition import written
from bwvdock.metrics.figures import Sample, Snapshot, figures
from bwvdock.status.values import SpoolUse
from tests.metrics.snapshots import NOW, PERSONAL, World, counters, well, worlds

MAY_BE_A_LABEL = {
    "version",
    "dock",
    "site",
    "severity",
    "code",
    "bay",
    "destination",
    "state",
    "outcome",
    "feed",
}


def read(seen: Snapshot) -> dict[str, Family]:
    """Return the metrics of a snapshot as Prometheus' own parser finds them."""
    return parsed(written(figures(seen)).decode())


def parsed(text: str) -> dict[str, Family]:
    """Return the metrics that Prometheus' own parser finds, each once, by the name in the catalogue."""
    families = list(text_string_to_metric_families(text))
    names = [f"{f.name}_total" if f.type == "counter" else f.name for f in families]
    assert len(names) == len(set(names))
    return dict(zip(names, families, strict=True))


def values(found: dict[str, Family], metric: of.Metric) -> dict[tuple[str, ...], float]:
    """Return a metric's values by the values of its labels."""
    samples = found[metric.name].samples if metric.name in found else []
    return {tuple(s.labels[name] for name in metric.labels): s.value for s in samples}


def twice(keys: Iterable[object]) -> bool:
    all_of_them = list(keys)
    return len(all_of_them) != len(set(all_of_them))


def test_no_label_may_name_a_person_a_camera_or_a_clip() -> None:
    assert {name for metric in CATALOGUE for name in metric.labels} <= MAY_BE_A_LABEL


def test_names_are_as_prometheus_wants_them() -> None:
    for metric in CATALOGUE:
        assert metric.name.startswith("bwvdock_")
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER), metric.name
    assert not twice(metric.name for metric in CATALOGUE)


def test_a_dock_that_is_well_has_every_metric() -> None:
    assert set(read(well())) == {metric.name for metric in CATALOGUE}


def check_that_prometheus_can_read_them(found: dict[str, Family]) -> None:
    declared = {metric.name: metric for metric in CATALOGUE}
    for name, family in found.items():
        metric = declared[name]
        assert family.type == metric.kind
        assert family.documentation == f"{metric.means}."
        series = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in family.samples]
        assert series
        assert not twice(series)
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(metric.labels)
            assert all(len(value) <= 100 for value in sample.labels.values())
            assert math.isfinite(sample.value)


def check_that_what_is_not_known_has_no_sample(world: World, found: dict[str, Family]) -> None:
    seen = world.seen
    status = seen.status
    assert values(found, of.READY) == {(): float(world.answered)}
    only_asked = (of.ALERTS, of.BAYS, of.CLOCK_SYNCHRONISED, of.FAILING, of.SENDING_CLIPS)
    assert world.answered or not {metric.name for metric in only_asked} & set(found)
    only_read = (of.CLIPS, of.QUEUE_CLIPS, of.JOURNAL_ENTRIES, of.VERIFICATION_PROBLEMS)
    assert seen.read or not {metric.name for metric in only_read} & set(found)
    assert seen.counters or of.CLIPS_ACQUIRED.name not in found
    known = {(s.name,): float(s.reachable) for s in status.destinations if s.reachable is not None}
    assert values(found, of.REACHABLE) == known
    tried = {(s.name,): float(bool(s.method)) for s in status.destinations if s.method is not None}
    assert values(found, of.PROVES) == tried
    assert values(found, of.SPOOL_FREE) == known_number(status.spool.free_bytes)
    assert (of.QUEUE_OLDEST.name in found) == bool(seen.read and status.queue.oldest_at)


def known_number(value: int | None) -> dict[tuple[str, ...], float]:
    return {} if value is None else {(): float(value)}


def check_that_the_alerts_are_those_of_the_status(world: World, found: dict[str, Family]) -> None:
    if not world.answered:
        return
    raised = {(a.code.value, a.severity.value) for a in world.seen.status.alerts}
    assert set(values(found, of.ALERT_ACTIVE)) == raised
    assert sum(values(found, of.ALERTS).values()) == len(world.seen.status.alerts)


@pytest.mark.slow
@given(worlds())
def test_whatever_a_dock_is_like_its_figures_are_true(world: World) -> None:
    text = written(figures(world.seen)).decode()
    assert PERSONAL not in text
    found = parsed(text)
    check_that_prometheus_can_read_them(found)
    check_that_what_is_not_known_has_no_sample(world, found)
    check_that_the_alerts_are_those_of_the_status(world, found)


def test_counters_that_are_behind_the_journal_are_left_out() -> None:
    behind = counters()
    behind.caught_up = False
    found = read(replace(well(), counters=behind))
    assert of.CLIPS_ACQUIRED.name not in found
    assert of.TIME_TO_SAFE.name not in found


def test_what_was_measured_is_what_is_said() -> None:
    found = read(well())
    assert values(found, of.CLIPS)["acquired",] == 4
    assert values(found, of.QUEUE_OLDEST) == {(): NOW.timestamp() - 3600}
    assert values(found, of.UPLOADED_BYTES) == {("vault",): 2000.0}
    assert values(found, of.UPLOAD_ERRORS) == {("vault",): 4.0}
    assert values(found, of.VAULT_FREE) == {("vault",): 11.0}
    assert values(found, of.BAY_WANTED) == {("1-2",): 9.0}
    assert values(found, of.ALERTS) == {("warning",): 0.0, ("error",): 1.0}
    assert values(found, of.ALERT_ACTIVE) == {("disk-failed", "error"): 1.0}
    assert values(found, of.CAMERAS_ABSENT) == {(): 2.0}


def test_a_spool_below_its_minimum_is_said_to_be() -> None:
    status = replace(well().status, spool=SpoolUse(bytes=5, free_bytes=-9))
    assert values(read(replace(well(), status=status)), of.SPOOL_FREE) == {(): -9.0}


@pytest.mark.parametrize(
    "hostile", ['a"} 1\nbwvdock_ready 0\n#', "\\", "\ud800", "\x1b[2J", "\u202e", "x" * 4000]
)
def test_a_hostile_text_is_one_label(hostile: str) -> None:
    found = list(text_string_to_metric_families(written([Sample(of.BAY_COPIED, 1, (hostile,))]).decode()))
    [sample] = [sample for family in found for sample in family.samples]
    assert sample.name == of.BAY_COPIED.name
    assert sample.value == 1
    assert sample.labels["bay"].isprintable()


def test_two_values_of_one_series_are_one() -> None:
    """Prometheus would reject everything else with them."""
    same = [Sample(of.BAY_COPIED, 1, ("x" * 200,)), Sample(of.BAY_COPIED, 2, ("x" * 300,))]
    [family] = text_string_to_metric_families(written(same).decode())
    assert [sample.value for sample in family.samples] == [1]
