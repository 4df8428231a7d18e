"""The real records of one attack run: who could do what, from when to when, and by whom. Checked by hand, record by
record."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from erstwhile.domain.history.effect import effect_of
from erstwhile.domain.history.happenings import Happening
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.history.moments import moments
from erstwhile.domain.history.provenance import provenance
from erstwhile.domain.history.timeline import Span, timeline
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.managed_policies import events_of, read_catalogue
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER, format_instant
from tests.support.memory_log import MemoryLog

ACCOUNT = "123837392027"
ATTACKER = f"arn:aws:iam::{ACCOUNT}:user/bert-jan"
MALICIOUS = f"arn:aws:iam::{ACCOUNT}:user/malicious-iam-user"
BACKDOOR = f"arn:aws:iam::{ACCOUNT}:role/stratus-red-team-backdoor-r-role"
ANYBODY = f"arn:aws:iam::{ACCOUNT}:user/anybody"
STRANGER = "arn:aws:iam::193672423079:user/stranger"

NOON = datetime.fromisoformat("2023-07-10T12:20:00Z")
"""By then the attacker had tried the first half of its tools, which left nothing behind."""


class Attack:
    """The history of the records, and what each of its events' record says of actor and call."""

    def __init__(self, shared: Path) -> None:
        self.log = MemoryLog(ACCOUNT)
        self._records: dict[int, Record] = {}
        for file in sorted((shared / "cloudtrail").glob("*.json")):
            for raw in orjson.loads(file.read_bytes())["Records"]:
                before = len(self.log.events)
                self.log.record(raw)
                self._records |= dict.fromkeys(range(before + 1, len(self.log.events) + 1), Record(raw))
        catalogue = orjson.loads(gzip.decompress((shared / "aws-managed-policy-versions.json.gz").read_bytes()))
        for at, body in events_of(read_catalogue({"AdministratorAccess": catalogue["AdministratorAccess"]})):
            self.log.append(AWS_MANAGED, body, at)
        self.history = IntervalHistory(self.log.intervals(), len(self.log.events))

    def expect(self, positions: Iterable[int]) -> None:
        pass

    def read(self, positions: Iterable[int]) -> Mapping[int, Happening]:
        return {each: self._happening(each) for each in positions}

    def _happening(self, position: int) -> Happening:
        event, record = self.log.events[position - 1], self._records.get(position)
        told = Happening(position=position, occurred_at=event.occurred_at, account=event.account, type=event.type)
        if record is None:
            return told
        return Happening(
            position=position, occurred_at=event.occurred_at, account=event.account, type=event.type,
            actor=record.raw["userIdentity"]["arn"], action=f"{record.service}:{record.name}",
            actor_type=record.raw["userIdentity"]["type"], source_ip=record.raw["sourceIPAddress"],
        )  # fmt: skip


@pytest.fixture(scope="module")
def attack(shared: Path) -> Attack:
    return Attack(shared)


def clock(instant: datetime) -> str:
    """The time of the day of the attack."""
    return format_instant(instant).removeprefix("2023-07-10T")


def lines(attack: Attack, spans: Iterable[Span]) -> list[str]:
    return [
        f"{clock(span.begin)} {span.effect or 'nobody'}: "
        + ", ".join(dict.fromkeys(attack.log.events[each.position - 1].type for each in span.causes))
        for span in spans
    ]


def test_who_was_administrator_from_when_to_when(attack: Attack) -> None:
    found = {}
    for kind in ("user", "role"):
        for key in attack.history.of_kind(kind):
            spans = timeline(attack.history, key, "iam:CreateUser", ANYBODY, BEFORE, FOREVER).spans
            if any(span.effect == "allow" for span in spans):
                found[spans[1].principal] = lines(attack, spans)
    assert found == {
        MALICIOUS: [
            "-infinity nobody: ",
            "12:24:49Z allow: iam.UserCreated, iam.PolicyAttached",
            "12:28:24Z nobody: iam.PolicyDetached, iam.UserDeleted",
        ],
        BACKDOOR: [
            "-infinity nobody: ",
            "12:24:07Z implicit_deny: iam.RoleCreated",
            "12:24:10Z allow: iam.PolicyAttached",
            "12:28:34Z implicit_deny: iam.PolicyDetached",
            "12:28:35Z nobody: iam.RoleDeleted",
        ],
    }


def test_a_strange_account_was_let_in_by_the_backdoor_while_its_trust_was_open(attack: Attack) -> None:
    """Whether one of its users may assume the role, its own policies say, which nobody has seen."""
    spans = timeline(attack.history, STRANGER, "sts:AssumeRole", BACKDOOR, BEFORE, FOREVER).spans
    assert lines(attack, spans)[1:] == [
        "12:24:07Z implicit_deny: iam.RoleCreated",
        "12:24:11Z conditional: iam.TrustPolicyUpdated",
        "12:28:24Z implicit_deny: iam.TrustPolicyUpdated",
        "12:28:35Z conditional: iam.RoleDeleted",
    ]
    assert [{cause.layer for cause in span.causes} for span in spans[2:4]] == [{"trust policy"}, {"trust policy"}]


def test_each_step_of_the_backdoor(attack: Attack) -> None:
    steps = [
        (clock(step.at), sorted({change.layer for change in step.changes}))
        for step in moments(attack.history, BACKDOOR, datetime.fromisoformat("2023-07-10T00:00:00Z"), FOREVER)
    ]
    assert steps == [
        ("12:24:07Z", ["principal", "trust policy"]),
        ("12:24:10Z", ["attachment"]),
        ("12:24:11Z", ["trust policy"]),
        ("12:28:24Z", ["trust policy"]),
        ("12:28:34Z", ["attachment"]),
        ("12:28:35Z", ["principal", "trust policy"]),
    ]


def test_by_whose_acts_the_user_became_administrator(attack: Attack) -> None:
    at = datetime.fromisoformat("2023-07-10T12:25:00Z")
    found = provenance(attack.history, attack, MALICIOUS, "iam:CreateUser", ANYBODY, at)
    (grant,) = found.grants
    assert [link.layer for link in grant.links] == ["policy version", "attachment", "principal"]
    told = [(each.happening.actor, each.happening.action, each.end) for each in found.authorities if each.happening]
    assert told == [
        ("", "", "aws"),
        # No record shows what the attacker's own user may.
        (ATTACKER, "iam:AttachUserPolicy", "unknown"),
        (ATTACKER, "iam:CreateUser", "unknown"),
    ]
    assert {each.happening.source_ip for each in found.authorities[1:] if each.happening} == {"192.168.10.20"}


def test_what_the_events_of_the_attack_changed(attack: Attack) -> None:
    """Those that gave or took more than the lives of users and roles."""
    found = {}
    for event in attack.log.events:
        effect = effect_of(attack.history, event.position)
        if event.account != ACCOUNT or effect.difference is None or event.occurred_at < NOON:
            continue
        found[clock(event.occurred_at), event.type] = {
            f"{each.principal.removeprefix(f'arn:aws:iam::{ACCOUNT}:')} {each.change} "
            + ("*" if any(one.pattern == "*" for one in each.actions) else each.actions[0].pattern)
            for each in effect.difference.differences
        }
    administrator = {"*", "kms:*", "sts:AssumeRole"}
    role, user = "role/stratus-red-team-backdoor-r-role", "user/malicious-iam-user"
    assert found["12:24:10Z", "iam.PolicyAttached"] == {f"{role} gained {each}" for each in administrator}
    assert found["12:28:34Z", "iam.PolicyDetached"] == {f"{role} lost {each}" for each in administrator}
    assert found["12:24:49Z", "iam.PolicyAttached"] == {f"{user} gained {each}" for each in administrator}
    # The user was deleted within the second in which the policy was detached.
    assert found["12:28:24Z", "iam.PolicyDetached"] == set()
    stranger = "arn:aws:iam::193672423079:role/*"
    assert found["12:24:11Z", "iam.TrustPolicyUpdated"] == {f"{stranger} gained sts:AssumeRole"}
    assert found["12:28:24Z", "iam.TrustPolicyUpdated"] == {f"{stranger} lost sts:AssumeRole"}
    assert found["12:22:41Z", "resource.ResourcePolicyPut"] >= {"arn:aws:iam::193672423079:root gained s3:GetObject"}
    assert found["12:28:24Z", "resource.ResourcePolicyDeleted"] >= {"arn:aws:iam::193672423079:root lost s3:GetObject"}
