"""Is [metrics] read as it says, and can nothing be configured that offers figures to other machines?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.config.metrics import NO_METRICS, MetricsSettings
from bwvdock.config.settings import needs_restart
from tests.config.texts import read, wrong_keys


def wrong(lines: str) -> list[str]:
    return wrong_keys(f"[metrics]\n{lines}")


def test_figures_are_published_only_where_somebody_asks_for_it() -> None:
    assert read("").metrics == read("[metrics]").metrics == NO_METRICS
    assert not NO_METRICS.wanted
    assert read("[metrics]\nlisten = '127.0.0.1:9632'").metrics.wanted
    assert read("[metrics]\ntextfile = '/srv/x.prom'").metrics.wanted


def test_every_key_is_read() -> None:
    folder = "/var/lib/prometheus/node-exporter"
    lines = f"textfile = '{folder}/bwvdock.prom'\nlisten = '127.0.0.1:9632'\ninterval_seconds = 60"
    assert read(f"[metrics]\n{lines}").metrics == MetricsSettings(
        textfile=Path(folder, "bwvdock.prom"), listen=("127.0.0.1", 9632), interval_seconds=60
    )
    assert read("[metrics]\nlisten = '[::1]:80'").metrics.listen == ("::1", 80)
    assert read("[metrics]\nlisten = '127.8.8.8:1'").metrics.listen == ("127.8.8.8", 1)


@pytest.mark.parametrize(
    "value",
    [
        "0.0.0.0:9632",
        "[::]:9632",
        "192.0.2.7:9632",
        "[fe80::1]:9632",
        "[::ffff:192.0.2.7]:9632",
        "localhost:9632",
        "dock.example.org:9632",
        ":9632",
        "9632",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:9632/metrics",
        "127.1:9632",
        "::1:9632",
        "[127.0.0.1]:9632x",
        "",
    ],
)
def test_an_address_that_others_reach_or_nobody_is_a_mistake(value: str) -> None:
    assert wrong(f"listen = '{value}'") == ["metrics.listen"]


@pytest.mark.parametrize(
    "value",
    ["bwvdock.prom", "/srv/bwvdock.txt", "/srv/.prom", "/srv/../x.prom", "/var/lib/bwvdock/x.prom", "/srv/"],
)
def test_a_file_that_no_node_exporter_reads_is_a_mistake(value: str) -> None:
    assert wrong(f"textfile = '{value}'") == ["metrics.textfile"]


@pytest.mark.parametrize("line", ["interval_seconds = 4", "interval_seconds = 3601", "interval = 15"])
def test_other_mistakes_are_found(line: str) -> None:
    assert wrong(line) == [f"metrics.{line.partition(' ')[0]}"]


def test_a_change_takes_effect_after_a_restart() -> None:
    assert needs_restart(read(""), read("[metrics]\nlisten = '127.0.0.1:9632'")) == ["[metrics]"]
