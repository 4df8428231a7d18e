"""Conditions that look at credentials, settings and attachments, in small stories that begin at noon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.attestation.attest import Attestation, attest
from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.attestation.conditions.catalogue import MalformedCondition, condition
from erstwhile.domain.attestation.wording import sentence
from erstwhile.domain.events.account import SettingPut, SettingRemoved, SnapshotTaken
from erstwhile.domain.events.credentials import AccessKeyCreated, CredentialsListed
from erstwhile.domain.events.principals import EntityListed
from erstwhile.domain.events.resources import ResourcePolicyDeleted, ResourcePolicyPut
from erstwhile.domain.history.windows import Window
from erstwhile.domain.vocabulary.identifiers import Ref
from tests.support.documents import allow, trusting
from tests.support.records import ACCOUNT
from tests.support.stories import (
    NOON,
    Told,
    arn,
    attached,
    created,
    detached,
    history_of,
    inline,
    inline_deleted,
    log_of_story,
    of_aws,
    role,
    user,
)

HOUR, DAY = 3_600, 86_400
EVE, ROLE = user("eve"), role("support")
ROOT = Ref("root", "root", ACCOUNT)
SUPPORT = of_aws("AWSSupportAccess")
MADE: list[Told] = [(-HOUR, created(EVE)), (-HOUR, AccessKeyCreated(subject=EVE, access_key_id="AKIAEVE"))]


class Used:
    """Uses of Eve's key."""

    def __init__(self, *days: float) -> None:
        self._days = days

    def read(self, arns: Iterable[str], apart: timedelta) -> None:
        """Nothing: they are here."""

    def of_user(self, name: str) -> Mapping[str, Sequence[datetime]]:
        return {"AKIAEVE": [NOON + timedelta(days=each) for each in self._days]}


def attested(
    told: Sequence[Told], name: str, parameters: Any = None, days: float = 10, uses: Used | None = None,
    gaps: Sequence[Window] = (),
) -> Attestation:  # fmt: skip
    history = history_of(log_of_story(*sorted(told, key=lambda each: each[0])))
    ground = Ground(
        history=history, begin=NOON, end=NOON + timedelta(days=days), accounts=frozenset((ACCOUNT,)), uses=uses
    )
    return attest(ground, [condition(name, parameters)], {ACCOUNT: gaps})


def policy(length: int, names: str = "MinimumPasswordLength") -> SettingPut:
    return SettingPut(category="password-policy", name="account", attributes={names: str(length)})


def report(**columns: str) -> CredentialsListed:
    keys = sum(columns.get(f"access_key_{each}_active") == "true" for each in (1, 2))
    return CredentialsListed(subject=ROOT, password_enabled=True, mfa_active=False, active_keys=keys, columns=columns)


CERTIFICATE = {"Expiration": "2026-03-05T12:00:00Z"}
NOTHING = "not attestable: nothing is known of 240 hours"
CASES: dict[str, tuple[list[Told], str, Any, str]] = {
    "no policy was shown": ([], "password-policy", {"minimum-length": 14}, NOTHING),
    "a policy of records": (
        [(2 * HOUR, policy(8, "minimumPasswordLength")), (5 * HOUR, policy(14))], "password-policy",
        {"minimum-length": 14}, "held for 235 of 238 known hours, 2 hours unknown; broken once",
    ),
    "a policy that goes": (
        [(-HOUR, policy(14)), (DAY, SettingRemoved(category="password-policy", name="account"))], "password-policy",
        {"minimum-length": 14}, "held for 24 of 240 known hours; broken once",
    ),
    "no role for support": (
        [(-HOUR, created(ROLE, trust="{}")), (DAY, attached(ROLE, SUPPORT)), (2 * DAY, detached(ROLE, SUPPORT))],
        "some-role-has", {"policy": SUPPORT}, "held for 24 of 240 known hours; broken twice",
    ),
    "a policy that nobody may have": (
        [(-HOUR, created(EVE)), (DAY, attached(EVE, SUPPORT)), (2 * DAY, detached(EVE, SUPPORT))],
        "policy-not-attached", {"policy": SUPPORT}, "held for 216 of 240 known hours; broken once",
    ),
    "a certificate that expires": (
        [(-HOUR, SettingPut(category="server-certificate", name="web", attributes=CERTIFICATE)),
         (3 * DAY, SettingRemoved(category="server-certificate", name="web"))],
        "no-expired-certificates", None, "held for 216 of 240 known hours; broken once",
    ),
    "a root user of whom nothing is said": ([], "no-root-keys", None, NOTHING),
    "a root user without keys": (
        [(DAY, report(password_enabled="true"))], "no-root-keys", None,
        "held for 216 of 216 known hours, 24 hours unknown",
    ),
    "a key of the root user": (
        [(-HOUR, report(access_key_1_active="true"))], "no-root-keys", None,
        "held for 0 of 240 known hours; broken once",
    ),
    "a root user without MFA": ([(DAY, report())], "root-mfa", None,
                                "held for 0 of 216 known hours, 24 hours unknown; broken once"),
}  # fmt: skip

LISTING = SnapshotTaken(sha256="", complete=True, baseline=True, entities=0)
FIRST: list[Told] = [(-3 * HOUR, LISTING), (-2 * HOUR, LISTING), (-2 * HOUR, EntityListed(subject=EVE))]
"""Two listings; the second one has Eve, and no record tells of her creation."""
CASES |= {
    "the password of a user that a second listing shows first": (FIRST, "mfa-for-passwords", None, NOTHING),
    "the password of a user whose creation is on record": (
        [(-2.5 * HOUR, created(EVE)), *FIRST], "mfa-for-passwords", None, "held for 240 of 240 known hours",
    ),
    "the password of a user that was there before all records": (
        [(-2 * HOUR, EntityListed(subject=EVE))], "mfa-for-passwords", None, NOTHING,
    ),
    "the password of a user that listings tell when it was created": (
        [(-2 * HOUR, EntityListed(subject=EVE, created_at="2026-02-01T00:00:00Z"))], "mfa-for-passwords", None, NOTHING,
    ),
    "the keys of a user that a second listing shows first": (FIRST, "key-age", {"days": 90}, NOTHING),
    "the uses of a user that a second listing shows first": (FIRST, "inactive-disabled", {"days": 90}, NOTHING),
}  # fmt: skip


@pytest.mark.parametrize(("told", "name", "parameters", "expected"), CASES.values(), ids=CASES)
def test_conditions_in_hours(told: list[Told], name: str, parameters: Any, expected: str) -> None:
    assert sentence(attested(told, name, parameters)) == expected


def test_credentials_that_are_not_used() -> None:
    days = {"days": 3}
    found = attested(MADE, "inactive-disabled", days, uses=Used(1, 2, 6))
    assert [(each.begin - NOON, each.end - NOON) for each in found.breaks] == [
        (timedelta(days=5), timedelta(days=6)), (timedelta(days=9), timedelta(days=10)),
    ]  # fmt: skip
    assert sentence(found) == "held for 192 of 240 known hours; broken twice"
    assert sentence(attested(MADE, "inactive-disabled", days)).endswith("169 hours unknown")


@given(
    uses=st.lists(st.integers(0, 400).map(lambda number: number * 1.25), max_size=25).map(sorted),
    days=st.sampled_from((31, 45, 90)),
)
def test_uses_within_a_month_make_no_difference_to_a_longer_time(uses: list[float], days: int) -> None:
    months: dict[tuple[int, int], list[float]] = {}
    for each in uses:
        at = NOON + timedelta(days=each)
        months.setdefault((at.year, at.month), []).append(each)
    ends = [each for those in months.values() for each in sorted({those[0], those[-1]})]
    every, of_months = (
        attested(MADE, "inactive-disabled", {"days": days}, days=500, uses=Used(*some)) for some in (uses, ends)
    )
    assert every.lapses == of_months.lapses


def test_an_age_is_a_break_of_the_clock() -> None:
    found = attested(MADE, "key-age", {"days": 2})
    [only] = found.lapses
    assert (only.begin, only.subject) == (NOON + timedelta(days=2, hours=-1), f"{arn('user/eve')} AKIAEVE")
    assert [each.layer for each in only.begun_by] == ["clock"]


def test_what_is_without_records_is_unknown_even_where_it_is_broken_around_it() -> None:
    gap = (NOON + timedelta(days=3), NOON + timedelta(days=4))
    found = attested(MADE, "key-age", {"days": 2}, gaps=[gap])
    assert [(each.begin - NOON).days for each in found.breaks] == [1, 4]
    assert sentence(found) == "held for 47 of 216 known hours, 24 hours unknown; broken twice"
    outside = attested(MADE, "only-through-groups", gaps=[(NOON - timedelta(days=1), NOON + timedelta(days=99))])
    assert outside.verdict == "not_attestable"


def test_strangers_count_to_the_account_of_the_resource() -> None:
    stranger = "arn:aws:iam::444455556666:role/partner"
    opened = ResourcePolicyPut(resource="arn:aws:s3:::b", document=trusting(stranger, "s3:*"))
    closed = ResourcePolicyDeleted(resource="arn:aws:s3:::b")
    told: list[Told] = [*MADE, (DAY, opened), (2 * DAY, closed)]
    asked = {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/x", "resource-account": ACCOUNT}
    found = attested(told, "who-can", {**asked, "under-condition": "broken"})
    assert found.breaks and all("444455556666" in each.subject for each in found.lapses)
    assert sentence(found) == "held for 216 of 240 known hours; broken once"
    unsaid = attested(told, "who-can", {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/x"})
    assert [each.account for each in unsaid.lapses] == [ACCOUNT]
    both = {"first": asked, "second": asked | {"action": "s3:PutObject"}, "under-condition": "broken"}
    assert sentence(attested(told, "separation-of-duties", both)) == sentence(found)


def test_who_could_become_an_administrator() -> None:
    """By a policy of her own that lets her change it; and not once it is gone, or where she may."""
    own = allow("iam:PutUserPolicy", arn("user/eve"))
    told: list[Told] = [*MADE, (DAY, inline(EVE, own)), (2 * DAY, inline_deleted(EVE)), (3 * DAY, inline(EVE, own))]
    found = attested(told, "escalation-within")
    assert sentence(found) == "held for 48 of 240 known hours; broken twice"
    first, second = found.lapses
    assert first.subject == second.subject == arn("user/eve")
    assert [(each.begin - NOON).days for each in found.lapses] == [1, 3]
    assert first.why.startswith("it can become an administrator: put-user-policy")
    assert [each.layer for each in (*first.begun_by, *first.ended_by, *second.begun_by)] == ["own policy"] * 3
    assert second.ended_by == ()
    assert attested(told, "escalation-within", {"within": ["user/eve"]}).verdict == "held"
    with pytest.raises(MalformedCondition, match="steps must be a number from 1 to 8, not 9"):
        condition("escalation-within", {"steps": 9})
    [doubt] = attested(told, "escalation-within", {"within": ["user/nobody"]}).doubts
    assert doubt == "escalation-within: no record names a principal user/nobody"


def test_who_went_a_path_is_an_administrator_and_breaks_the_condition_still() -> None:
    told: list[Told] = [*MADE, (DAY, inline(EVE, allow("iam:PutUserPolicy"))), (2 * DAY, inline(EVE, allow("*")))]
    found = attested(told, "escalation-within")
    assert sentence(found) == "held for 24 of 240 known hours; broken once"
    can, is_one = found.lapses
    assert (can.end, is_one.why) == (is_one.begin, "it is an administrator")
    assert can.ended_by == is_one.begun_by and [each.layer for each in is_one.begun_by] == ["own policy"]


def test_rules_that_nothing_can_break_are_said() -> None:
    assert attested(MADE, "who-can", {"action": "s3:GetObjct", "resource": "*"}).doubts == (
        "no service has an action s3:GetObjct: a rule about it says nothing",
    )  # fmt: skip
    same = {"action": "s3:GetObject", "resource": "*"}
    [doubt] = attested(MADE, "separation-of-duties", {"first": same, "second": same}).doubts
    assert "whoever has one has both" in doubt
    assert "demands nothing" in attested(MADE, "password-policy").doubts[0]
