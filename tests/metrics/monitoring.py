"""What docs/monitoring/ asks of Prometheus: the expressions of its rules and dashboards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bwvdock.metrics.catalogue import CATALOGUE, Kind, Metric

FOLDER = Path(__file__).resolve().parents[2] / "docs/monitoring"
RULES = FOLDER / "bwvdock-alerts.yml"
RULE_TESTS = FOLDER / "bwvdock-alerts-test.yml"
DASHBOARDS = (FOLDER / "bwvdock-dashboard.json", FOLDER / "bwvdock-fleet-dashboard.json")
_USED = re.compile(r"(?<![:\w])bwvdock_\w+")
_QUERY = re.compile(r"label_values\((\w+)[{,]")


@dataclass(frozen=True, slots=True)
class Panel:
    """One expression of a panel, as the dashboard has it, with its variables."""

    dashboard: str
    title: str
    expression: str


def panels() -> Iterator[Panel]:
    """Return the expressions of all panels."""
    for file in DASHBOARDS:
        for panel in dashboard(file)["panels"]:
            for target in panel["targets"]:
                yield Panel(file.stem, panel["title"], target["expr"])


def dashboard(file: Path) -> Mapping[str, Any]:
    """Return a dashboard."""
    document: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


def used(text: str) -> set[str]:
    """Return the names of the metrics in a text, without what Prometheus adds to those of histograms."""
    return {_declared(name) for name in _USED.findall(text)}


def _declared(name: str) -> str:
    histograms = [metric.name for metric in CATALOGUE if metric.kind is Kind.HISTOGRAM]
    stem = re.sub(r"_(bucket|sum|count)$", "", name)
    return stem if stem in histograms else name


def names(metrics: tuple[Metric, ...] = CATALOGUE) -> set[str]:
    """Return the names of metrics."""
    return {metric.name for metric in metrics}


def asked_by_variables(document: Mapping[str, Any]) -> set[str]:
    """Return the metrics by which a dashboard's variables find their values."""
    queries = [variable.get("definition", "") for variable in document["templating"]["list"]]
    return {name for query in queries for name in _QUERY.findall(query)}
