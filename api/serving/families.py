"""Families of metrics: what a process tells of itself, in a form that processes send each other."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """`suffix`: what the family's name is followed by, `_total` or `_bucket`."""

    suffix: str
    labels: dict[str, str]
    value: float


class Family(msgspec.Struct, frozen=True, array_like=True):
    """`kind`: as Prometheus names it: counter, gauge or histogram. `name`: without the suffix of a counter."""

    name: str
    kind: str
    help: str
    samples: list[Sample]


def counter(name: str, about: str, values: Iterable[tuple[dict[str, str], float]]) -> Family:
    return Family(name, "counter", about, [Sample("_total", labels, value) for labels, value in values])


def gauge(name: str, about: str, values: Iterable[tuple[dict[str, str], float]]) -> Family:
    return Family(name, "gauge", about, [Sample("", labels, value) for labels, value in values])


def of_worker(family: Family, worker: str) -> Family:
    """The family with one label more: counters of several processes begin anew at different times, so that only apart
    from each other each of them never goes back but at a start."""
    return Family(
        family.name, family.kind, family.help,
        [Sample(each.suffix, {**each.labels, "worker": worker}, each.value) for each in family.samples],
    )  # fmt: skip


def merged(found: Iterable[Family]) -> list[Family]:
    """One family for each name, as the text format needs it."""
    together: dict[str, Family] = {}
    for each in found:
        if each.name in together:
            together[each.name].samples.extend(each.samples)
        else:
            together[each.name] = Family(each.name, each.kind, each.help, list(each.samples))
    return list(together.values())
