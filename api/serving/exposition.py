"""Metrics as text, in Prometheus' format 0.0.4."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector

from erstwhile.api.serving.families import Family

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class _Collected(Collector):
    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        for family in self._families:
            metric = Metric(family.name, family.help, family.kind)
            for each in family.samples:
                metric.add_sample(family.name + each.suffix, each.labels, each.value)
            yield metric


def exposition(families: list[Family]) -> bytes:
    """The families, each of another name."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(families))
    return generate_latest(registry)
