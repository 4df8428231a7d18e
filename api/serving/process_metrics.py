"""The metrics of this process: requests, decisions, the Directory that follows the log, threads, queues, resources."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from prometheus_client import ProcessCollector

from erstwhile.api.decision_log.log import DecisionLog
from erstwhile.api.runtime.failures import failures
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.serving.families import Family, Sample, counter, gauge
from erstwhile.api.serving.numbers import BOUNDS, Numbers, RouteNumbers
from erstwhile.api.support.off_loop import Apart

_process = ProcessCollector(registry=None)
_POOL = {
    "pool_size": "Connections of the pool.",
    "pool_available": "Connections of the pool that nobody uses.",
    "requests_waiting": "Questions that wait for a connection of the pool.",
}
_POOL_COUNTS = {
    "requests_num": "Connections that questions took from the pool.",
    "requests_errors": "Questions that got no connection in time.",
    "requests_wait_ms": "Milliseconds that questions waited for a connection.",
    "connections_lost": "Connections that the database ended.",
}
"""psycopg_pool's names of what it counts."""


def process_families(
    runtime: FollowingRuntime, numbers: Numbers, decision_log: DecisionLog | None, queues: dict[str, Apart]
) -> list[Family]:
    """To be called on the event loop: it takes well under a millisecond."""
    return [
        *_requests(numbers), *_following(runtime), *_long(runtime), *_recorded(decision_log), *_pool(runtime),
        gauge("erstwhile_calls_under_way", "Calls that are worked on or wait, by the kind of threads that do it.",
              [({"queue": name}, float(apart.under_way)) for name, apart in queues.items()]),
        *_resources(_process),
    ]  # fmt: skip


def _requests(numbers: Numbers) -> Iterator[Family]:
    used = [each for each in numbers.routes if each.statuses]
    yield counter(
        "erstwhile_http_requests", "Requests that were answered.",
        [({"method": each.method, "route": each.path, "status": str(status)}, float(count))
         for each in used for status, count in sorted(each.statuses.items())],
    )  # fmt: skip
    yield Family(
        "erstwhile_http_request_seconds", "histogram", "Seconds from a request's headers to its answer.",
        [sample for each in used for sample in _histogram(each)],
    )  # fmt: skip
    denied, allowed = numbers.decided()
    yield counter(
        "erstwhile_decisions", "Decisions that were served, by result.",
        [({"result": "allow"}, float(allowed)), ({"result": "deny"}, float(denied))],
    )  # fmt: skip
    yield counter(
        "erstwhile_http_limited", "Requests that a limit refused.",
        [({"limit": name}, float(count)) for name, count in sorted(numbers.limited.items())],
    )  # fmt: skip


def _histogram(each: RouteNumbers) -> Iterator[Sample]:
    labels, upto = {"method": each.method, "route": each.path}, 0
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), each.classes, strict=True):
        upto += count
        yield Sample("_bucket", labels | {"le": bound}, float(upto))
    yield Sample("_count", labels, float(upto))
    yield Sample("_sum", labels, each.seconds)


def _following(runtime: FollowingRuntime) -> Iterator[Family]:
    current = runtime.current
    yield gauge("erstwhile_follower_position", "The log position that the Directory in memory has reached.",
                [({}, float(current.position))])  # fmt: skip
    yield gauge("erstwhile_follower_silent_seconds", "Seconds since the log last answered: decisions may be that old.",
                [({}, current.silent_for())])  # fmt: skip
    failed = failures(runtime)
    yield gauge("erstwhile_thread_failed", "1 where the last round of a thread failed.",
                [({"thread": name}, float(error is not None)) for name, error in failed.items()])  # fmt: skip


def _long(runtime: FollowingRuntime) -> Iterator[Family]:
    long = runtime.long_questions
    if long is None:
        return
    yield gauge("erstwhile_long_questions", "Long questions that a process of their own answers, or that wait for one.",
                [({"state": "running"}, float(long.running)), ({"state": "waiting"}, float(long.waiting))])  # fmt: skip
    yield counter("erstwhile_long_questions_started", "Processes that were started to answer long questions.",
                  [({}, float(long.started))])  # fmt: skip
    yield counter("erstwhile_long_questions_lost", "Those that ended before their answer did.",
                  [({}, float(long.lost))])  # fmt: skip


def _recorded(decision_log: DecisionLog | None) -> Iterator[Family]:
    if decision_log is None:
        return
    yield gauge("erstwhile_decision_log_waiting", "Decisions that wait to be recorded.",
                [({}, float(decision_log.waiting))])  # fmt: skip
    yield counter("erstwhile_decision_log_entries", "Decisions, by what became of their record.", [
        ({"outcome": "written"}, float(decision_log.written)),
        ({"outcome": "dropped"}, float(decision_log.dropped)),
        ({"outcome": "refused"}, float(decision_log.refused)),
    ])  # fmt: skip
    if decision_log.process is not None:
        yield from _resources(_of_recording(decision_log.process))


@lru_cache(maxsize=1)
def _of_recording(process: int) -> ProcessCollector:
    return ProcessCollector("erstwhile_decision_log", pid=lambda: process, registry=None)


def _pool(runtime: FollowingRuntime) -> Iterator[Family]:
    stats = runtime.pool_stats()
    for name, about in _POOL.items():
        yield gauge(f"erstwhile_pool_{name.removeprefix('pool_')}", about, [({}, float(stats.get(name, 0)))])
    for name, about in _POOL_COUNTS.items():
        yield counter(f"erstwhile_pool_{name}", about, [({}, float(stats.get(name, 0)))])


def _resources(process: ProcessCollector) -> Iterator[Family]:
    """CPU, memory, files and the start of a process, as prometheus_client reads them; none of one that has ended."""
    for each in process.collect():
        samples = [Sample(s.name.removeprefix(each.name), dict(s.labels), float(s.value)) for s in each.samples]
        yield Family(each.name, each.type, each.documentation, samples)
