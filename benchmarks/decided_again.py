"""Recorded calls of a company decided again, with guardrails that nobody attached, beside the bare engine."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson

from benchmarks.company import END
from benchmarks.incident_home import BEGIN
from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.over_time.what_if_questions import supposed_changes
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.what_if.calls import RecordedCall
from erstwhile.projections.recorded_calls import recorded_calls

_OUTSIDE = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}
_GUARDRAILS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("no deleting of objects and queues", {"Action": ["s3:DeleteObject*", "sqs:PurgeQueue"], "Resource": "*"}),
    ("no secrets and keys outside two regions",
     {"Action": ["secretsmanager:*", "kms:*"], "Resource": "*", "Condition": _OUTSIDE}),
    ("no reading of one bucket's objects", {"Action": "s3:Get*", "Resource": "arn:aws:s3:::bucket-7/*"}),
    ("nothing from other networks",
     {"NotAction": "iam:*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8",
                                                                                       "198.51.0.0/16"]}}}),
)  # fmt: skip
"""Of some the calls are known by action and resource alone, of some by their conditions."""


def decided_again(runtime: ReadingRuntime, count: int) -> Iterator[tuple[str, str, str]]:
    """A row for the engine, and one for each guardrail: what, what was found, the target. `count`: calls of a row."""
    yield "the bare engine, each of the calls", _engine(runtime, count), ""
    for what, statement in _GUARDRAILS:
        begin, end = _window(runtime, count)
        document = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", **statement}}
        change = {"change": "attach-guardrail", "target": "ou-1", "document": orjson.dumps(document).decode()}
        words = WindowWords(begin=format_instant(begin), end=format_instant(end))
        started, computed = time.perf_counter(), time.process_time()
        with runtime.over_time.calls_that_would_fail(supposed_changes([change]), None, words, Stop()) as pieces:
            found = sum(1 for _ in pieces.items)
            tail = pieces.tail()
        took, computed = time.perf_counter() - started, time.process_time() - computed
        looked_at = tail["looked_at"]
        words_of_it = (
            f"{looked_at / took:,.0f} calls/s ({computed:.2f} s of computing); {found:,} of {looked_at:,} would or may "
            f"have failed, {tail['undecided']:,} of principals not known"
        )
        yield f"guardrail: {what}", words_of_it, "50,000 calls/s"


def _window(runtime: ReadingRuntime, count: int) -> tuple[datetime, datetime]:
    """A time with about so many calls that succeeded, at random."""
    with runtime.connection() as connection:
        [(total,)] = connection.execute("SELECT sum(records) FROM imported_file").fetchall()
    length = (END - BEGIN) * min(1.0, count / 0.98 / int(total))
    begin = BEGIN + (END - BEGIN - length) * random.random()
    begin = begin.replace(microsecond=0)
    return begin, begin + length + timedelta(seconds=1)


def _engine(runtime: ReadingRuntime, count: int) -> str:
    begin, end = _window(runtime, count)
    with runtime.over_time.ground(WindowWords(), Stop()) as ground:
        calls = [
            each
            for each in recorded_calls(ground.connection, begin, end, ground.window.known_at)
            if isinstance(each, RecordedCall)
        ]
        directory = directory_at(ground.history, begin)
        started, computed, unknown = time.perf_counter(), time.process_time(), 0
        for call in calls:
            for resource in call.resources:
                try:
                    authorize(directory, Request(
                        principal=call.principal, action=call.action, resource=resource, context=call.context,
                        resource_account=call.account, mode="discover",
                    ))  # fmt: skip
                except UnknownPrincipal:
                    unknown += 1
        took, computed = time.perf_counter() - started, time.process_time() - computed
    return f"{len(calls) / took:,.0f} calls/s ({computed:.2f} s of computing), {unknown:,} of principals not known"
