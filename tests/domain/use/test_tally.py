"""What a tally counts is what counting record by record gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.observed.cloudtrail.passed_roles import PASS_ROLE, PassedRole
from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord
from erstwhile.domain.observed.cloudtrail.translate import ACTIVITY
from erstwhile.domain.use.tally import MOST_OF_A_RESOURCE, KeyTimes, KeyUse, Tally
from tests.support.examples import examples

ARN = "arn:aws:iam::111122223333:user/"
LONG = "arn:aws:s3:::" + "k" * MOST_OF_A_RESOURCE
YEAR_END = datetime(2025, 12, 31, 23, 59, 58, tzinfo=UTC)
RESOURCES = st.sampled_from(["", "*", "arn:aws:s3:::a/1", "arn:aws:s3:::a/2", LONG, LONG + "k"])
ROLES = st.builds(PassedRole, st.sampled_from([ARN + "r", ARN + "s"]), st.sampled_from(["ec2.amazonaws.com", "ecs"]))


@st.composite
def records(draw: st.DrawFn) -> FiledRecord:
    some = st.sampled_from
    return FiledRecord(
        draw(some(["1", "2"])), "e", YEAR_END + timedelta(seconds=draw(st.integers(0, 4))), draw(some(["s3", "iam"])),
        draw(some(["Get", "Put"])), draw(some([ARN + "a", ARN + "b", "ec2.amazonaws.com"])), "", "",
        draw(some(["", "AKIA1", "AKIA2", "ASIA1"])), "", "",
        draw(some(["", "AccessDenied", "Throttled"])), ACTIVITY, b"", None, None,
        tuple(draw(st.lists(RESOURCES, max_size=3))), tuple(draw(st.lists(ROLES, max_size=2))),
        draw(some(["", "athena.amazonaws.com"])),
    )  # fmt: skip


def one_by_one(filed: list[FiledRecord]) -> dict[Any, tuple[datetime, datetime, int]]:
    found: dict[Any, list[datetime]] = {}
    for each in filed:
        if each.principal.startswith("arn:"):
            month = each.occurred_at.year * 12 + each.occurred_at.month - 1
            what = [(f"{each.service}:{each.name}", one if len(one) <= MOST_OF_A_RESOURCE else "", each.invoked_by)
                    for one in each.resources or ("",)]  # fmt: skip
            what += [(PASS_ROLE, role.arn, role.service) for role in each.passed]
            for call, resource, service in what:
                key = (each.account, each.principal, call, resource, service, each.invoked_by != "",
                       each.error_code != "", month)  # fmt: skip
                found.setdefault(key, []).append(each.occurred_at)
    return {key: (min(at), max(at), len(at)) for key, at in found.items()}


def times_of_keys(filed: list[FiledRecord]) -> dict[KeyUse, KeyTimes]:
    found: dict[KeyUse, list[datetime]] = {}
    for each in filed:
        if each.access_key.startswith("AKIA"):
            use = (each.access_key, each.principal, each.occurred_at.year, each.occurred_at.month)
            found.setdefault(use, []).append(each.occurred_at)
    return {use: KeyTimes(min(at), max(at)) for use, at in found.items()}


@given(st.lists(st.lists(records(), max_size=8), max_size=4))
@settings(max_examples=examples(2_000, 40))
def test_a_tally_counts_each_record(parts: list[list[FiledRecord]]) -> None:
    tally = Tally()
    for part in parts:
        tally.add(part)
    counts = list(tally.counts())
    used = tally.access_keys
    assert len(counts) + len(used) == tally.keys
    assert used == times_of_keys([each for part in parts for each in part])
    found = {key: (count.first, count.last, count.calls) for key, count in counts}
    assert found == one_by_one([each for part in parts for each in part])
