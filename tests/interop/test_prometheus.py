"""Does a real Prometheus collect a running dock's figures, and answer all rules and panels from them?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from bwvdock.metrics import catalogue as of
from tests.metrics.monitoring import (
    DASHBOARDS,
    RULE_TESTS,
    RULES,
    asked_by_variables,
    dashboard,
    names,
    panels,
)
from tests.servers.process import HOST, free_port
from tests.servers.prometheus import JOB, NodeExporter, Prometheus, QueryError, install, promtool
from tests.service import daemons

pytestmark = [pytest.mark.interop, pytest.mark.slow]

STORES = """
[[destination]]
name = "vault"
kind = "directory"
path = "{folder}/state/vault"
[[destination]]
name = "county"
kind = "tus"
url = "http://127.0.0.1:{nobody}/files/"
[metrics]
listen = "{host}:{port}"
textfile = "{folder}/collector/bwvdock.prom"
interval_seconds = 5
"""
NOT_HERE = {of.WITNESSED_AT.name, of.BACKUP_AT.name, of.FEED_WAITING.name, of.FEED_ACKNOWLEDGED_AT.name}
"""What this dock does not have: nothing confirms its journal, backs it up or is sent its entries."""

NOTHING_WRONG = re.compile(r"witness_timestamp|cameras_absent.*> 0|proves_copies.*== 0|> 300\)?$")
"""Expressions that are answered with nothing by this dock, as they must be."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A dock that has one clip in one of its two stores, and the Prometheus that watches it.

    `collector` is the folder of its node exporter.
    """

    collector: Path
    prometheus: Prometheus
    daemon: daemons.Daemon


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Install Prometheus, where it is not."""
    if not install():
        pytest.skip("NOT TESTED: Prometheus is not installed, and cannot be")


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """Start both before there is footage, so that Prometheus sees counters increase."""
    (folder / "collector").mkdir()
    camera, port = folder / "camera", free_port()
    more = STORES.format(folder=folder, nobody=free_port(), host=HOST, port=port)
    config = daemons.configure(folder, camera=camera, more=more)
    with daemons.daemon(config) as daemon, Prometheus(port, RULES) as prometheus:
        prometheus.wait_until(lambda: prometheus.query('bwvdock_alert_active{code="folder-missing"}'))
        camera.mkdir()
        (camera / "clip.mp4").write_bytes(b"footage" * 100_000)
        prometheus.wait_until(lambda: 1.0 in prometheus.query("bwvdock_time_to_safe_seconds_count").values())
        assert daemons.bwvdock("custody", "verify", "--record", config=config).returncode == 0
        prometheus.wait_until(lambda: prometheus.query("bwvdock_verification_problems == 0"))
        prometheus.wait_until(lambda: 1.0 in prometheus.query("bwvdock_destination_failing").values())
        prometheus.wait_until(lambda: len(prometheus.rules()) == _rules())
        yield Watched(folder / "collector", prometheus, daemon)


def _rules() -> int:
    return len(re.findall(r"- (?:alert|record): ", RULES.read_text(encoding="utf-8")))


def check_that_every_figure_is_collected(watched: Watched) -> None:
    collected = {dict(labels)["__name__"] for labels in watched.prometheus.query('{__name__=~"bwvdock_.+"}')}
    whole = {_whole(name) for name in collected}
    assert whole == names() - NOT_HERE


def _whole(name: str) -> str:
    """Return the name of a metric, of which a histogram has several."""
    return name if name in names() else re.sub(r"_(bucket|sum|count)$", "", name)


def check_that_promtool_finds_nothing_to_say_about_the_figures(watched: Watched) -> None:
    with urlopen(f"http://{watched.prometheus.instance}/metrics", timeout=60) as answer:
        figures = answer.read()
    assert promtool("check", "metrics", given=figures) == "0: "


def test_promtool_finds_no_fault_in_the_rules_and_each_fires_when_it_must() -> None:
    assert promtool("check", "rules", "--lint=all", "--lint-fatal", RULES).startswith("0: ")
    assert promtool("test", "rules", RULE_TESTS).startswith("0: ")


def check_that_the_node_exporter_serves_the_file(watched: Watched) -> None:
    with NodeExporter(watched.collector) as exporter:
        served = exporter.figures()
    assert "node_textfile_scrape_error 0\n" in served
    found = {_whole(name) for name in re.findall(r"^(bwvdock_\w+)", served, re.MULTILINE)}
    assert found == names() - NOT_HERE
    assert "bwvdock_ready 1\n" in served


def check_that_each_rule_is_computed(watched: Watched) -> None:
    assert set(watched.prometheus.rules().values()) == {""}


def check_that_the_rules_say_what_is_wrong_and_no_more(watched: Watched) -> None:
    slow = {"BwvdockTurnsSlow"}  # which a machine with much else to do may be
    raised = {dict(labels)["alertname"] for labels in watched.prometheus.query("ALERTS")}
    assert raised - slow == {"BwvdockError", "BwvdockWarning", "BwvdockStoreFailing"}
    recorded = watched.prometheus.query('{__name__=~"job:.+"}')
    assert {dict(labels)["__name__"] for labels in recorded} == {
        "job:bwvdock_docks:count",
        "job:bwvdock_time_to_safe_seconds:p95_1d",
        "job:bwvdock_queue_oldest_age_seconds:max",
        "job:bwvdock_cameras_absent:sum",
    }


def check_that_every_panel_is_answered(watched: Watched) -> None:
    for panel in panels():
        expression = _of_this_dock(panel.expression, watched.prometheus.instance)
        answer = watched.prometheus.query(expression)
        assert bool(answer) is not bool(NOTHING_WRONG.search(expression)), (panel, answer)


def _of_this_dock(expression: str, instance: str) -> str:
    for name, value in (("job", JOB), ("instance", instance), ("__rate_interval", "1m")):
        expression = expression.replace(f"${name}", value)
    assert "$" not in expression
    return expression


def check_that_the_dashboards_find_this_dock(watched: Watched) -> None:
    for file in DASHBOARDS:
        for metric in asked_by_variables(dashboard(file)):
            [labels] = watched.prometheus.query(metric)
            assert {("job", JOB), ("instance", watched.prometheus.instance)} <= set(labels)


def check_that_a_dock_that_ends_is_missed(watched: Watched) -> None:
    [gone] = re.findall(r"BwvdockGone\n +expr: >-\n(.*?)\n +for:", RULES.read_text("utf-8"), re.DOTALL)
    assert watched.prometheus.query(gone) == {}
    watched.daemon.process.terminate()
    watched.daemon.process.wait(60)
    watched.prometheus.wait_until(lambda: watched.prometheus.query(gone))


def test_a_real_prometheus_watches_a_real_dock(tmp_path: Path) -> None:
    with watched(tmp_path) as both:
        check_that_every_figure_is_collected(both)
        check_that_promtool_finds_nothing_to_say_about_the_figures(both)
        check_that_the_node_exporter_serves_the_file(both)
        check_that_each_rule_is_computed(both)
        check_that_the_rules_say_what_is_wrong_and_no_more(both)
        check_that_every_panel_is_answered(both)
        check_that_the_dashboards_find_this_dock(both)
        with pytest.raises(QueryError):
            both.prometheus.query("rate(bwvdock_ready)")
        check_that_a_dock_that_ends_is_missed(both)
