"""What nobody used, for everyone, and a narrowed policy: the second half of `make bench-use`."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from benchmarks.reach import ACCOUNT, Account, allow, document
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.least_privilege.narrow import OldPolicy, narrow
from erstwhile.domain.least_privilege.new_access import new_access
from erstwhile.domain.least_privilege.unused import unused
from erstwhile.domain.use.used import Covered, Used

PRINCIPALS = int(os.environ.get("PRINCIPALS", "20000"))
ROWS = int(os.environ.get("ROWS", "200000"))
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
_ACTIONS = ("s3:GetObject", "s3:PutObject", "dynamodb:GetItem", "logs:CreateLogGroup", "sts:AssumeRole",
            "cloudwatch:PutMetricAlarm", "sqs:SendMessage", "lambda:InvokeFunction")  # fmt: skip
Row = Callable[[str, str], None]


class _Kept:
    """Use as an answer about everybody reads it."""

    def __init__(self, arns: Sequence[str]) -> None:
        chance = random.Random(11)
        self._used: dict[str, set[str]] = {}
        for _ in range(ROWS):
            self._used.setdefault(chance.choice(arns), set()).add(chance.choice(_ACTIONS))

    def actions_used(self, begin: datetime, end: datetime) -> Mapping[str, set[str]]:
        return self._used

    def covered(self, account: str, begin: datetime, end: datetime) -> Covered:
        services = frozenset(("s3", "dynamodb", "sqs", "lambda"))
        return Covered(account=account, begin=begin, end=end, until=end, data_events=services)

    def keys_used(self, begin: datetime, end: datetime) -> Mapping[str, datetime]:
        return {}


def everyone(row: Row) -> None:
    directory = directory_at(IntervalHistory(Account(PRINCIPALS).intervals, 1), END)
    arns = [directory.arn_of(each) for each in directory.of_kind("user", "role")]
    use = _Kept(arns)
    began = time.perf_counter()
    found = unused(directory, use, BEGIN, END)
    row("unused, for everyone", f"{time.perf_counter() - began:.2f} s: {found.looked_at:,} principals, {ROWS:,} "
         f"rows of use, {len(found.found):,} lines (target 10 s)")  # fmt: skip


def narrowed(row: Row) -> None:
    old = document(allow(["s3:*", "dynamodb:*"], ["arn:aws:s3:::team-1/*", "arn:aws:dynamodb:*:*:table/*"]),
                   allow(["logs:*", "iam:List*", "sqs:*"]))  # fmt: skip
    used = [
        Used(account=ACCOUNT, principal="arn:aws:iam::111122223333:user/u", call=action, action=action, first=END,
             resource=f"arn:aws:s3:::team-1/{number // 50}/{number}", last=END, calls=1, month="2026-03-01")
        for number in range(2_000) for action in ("s3:GetObject", "s3:PutObject")
    ]  # fmt: skip
    covered = Covered(account=ACCOUNT, begin=BEGIN, end=END, until=END)
    began = time.perf_counter()
    proposal = narrow([OldPolicy(name="p", document=old)], used, [covered], BEGIN)
    made = time.perf_counter() - began
    began = time.perf_counter()
    found = new_access([old], [proposal.document])
    row("narrow", f"{made * 1000:,.0f} ms for {len(used):,} rows of use, {proposal.statements} statements; "
         f"nothing new proved in {(time.perf_counter() - began) * 1000:,.0f} ms: {not found}")  # fmt: skip
