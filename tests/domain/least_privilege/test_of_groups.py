"""The policies that a user has by a group: they are called by it, and have a last call that needed them."""

from __future__ import annotations

from datetime import UTC, datetime

from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.least_privilege.held import held_policies, words_of
from erstwhile.domain.least_privilege.last_needed import last_needed, without_each
from erstwhile.domain.what_if.calls import RecordedCall
from erstwhile.domain.what_if.supposed import SupposedHistory
from tests.support.documents import allow
from tests.support.records import ACCOUNT
from tests.support.stories import (
    arn,
    attached,
    created,
    group,
    history_of,
    inline,
    joined,
    log_of_story,
    policy,
    second,
    user,
)

ADA, STAFF, TEAM = user("ada"), group("staff"), group("team")
READ = arn("policy/read")
BUCKET = "arn:aws:s3:::pay"
HISTORY = history_of(
    log_of_story(
        (1, created(ADA)), (1, created(STAFF)), (1, created(TEAM)), (1, policy("read", allow("s3:GetObject"))),
        (2, inline(ADA, allow("s3:ListBucket"))), (2, inline(STAFF, allow("s3:PutObject"))),
        (2, inline(TEAM, allow("s3:PutObject"))), (2, attached(TEAM, READ)), (3, joined(ADA, STAFF)),
        (3, joined(ADA, TEAM)),
    )
)  # fmt: skip


def call(at: int, action: str) -> RecordedCall:
    return RecordedCall(
        key=str(at), at=datetime(2026, 3, 3, 13, at, tzinfo=UTC), principal=arn("user/ada"), action=action,
        resources=(BUCKET if action == "s3:ListBucket" else f"{BUCKET}/a",), account=ACCOUNT, context={},
    )  # fmt: skip


def test_policies_of_groups_are_called_by_them() -> None:
    directory = directory_at(HISTORY, second(10))
    ada = directory.at_arn(arn("user/ada"))
    held, _ = held_policies(directory, [ada])
    assert [words_of(directory, each, ada) for each in held] == [
        "inline:p", "inline:p of group/staff", "inline:p of group/team", READ,
    ]  # fmt: skip


def test_policies_of_groups_have_a_call_that_needed_them_last() -> None:
    directory = directory_at(HISTORY, second(10))
    ada = directory.at_arn(arn("user/ada"))
    without = {}
    for name, change in without_each(directory, ada):
        supposed = SupposedHistory(HISTORY, second(10) - TICK, [change])
        without[name] = directory_at(supposed, supposed.made_at)
    calls = [call(1, "s3:ListBucket"), call(2, "s3:PutObject"), call(3, "s3:GetObject"), call(4, "s3:GetObject")]
    needed = last_needed(directory, without, calls)
    assert {name: found.key if found is not None else None for name, found in needed.items()} == {
        "inline:p": "1", f"{READ} of group/team": "4",
        # Either group allows what the other does.
        "inline:p of group/staff": None, "inline:p of group/team": None,
    }  # fmt: skip
