"""The law of attestations: what one says of an instant is what asking at that instant says."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from erstwhile.domain.attestation.attest import attest
from erstwhile.domain.attestation.condition import Condition, Ground
from erstwhile.domain.attestation.conditions.administrators import AdministratorsWithin
from erstwhile.domain.attestation.conditions.escalation import EscalationWithin
from erstwhile.domain.attestation.conditions.full_access import NoFullAccessPolicies, allows_all
from erstwhile.domain.attestation.conditions.key_age import KeyAge
from erstwhile.domain.attestation.conditions.mfa import MfaForPasswords
from erstwhile.domain.attestation.conditions.policies_of_users import OnlyThroughGroups
from erstwhile.domain.attestation.conditions.public import NotOpenTo, exposed
from erstwhile.domain.attestation.conditions.separation import SeparationOfDuties
from erstwhile.domain.attestation.conditions.who_can import WhoCan
from erstwhile.domain.attestation.holding import Asked
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events.credentials import (
    AccessKeyCreated,
    AccessKeyDeleted,
    AccessKeyStatusChanged,
    LoginProfileCreated,
    LoginProfileDeleted,
    MfaDeviceDeactivated,
    MfaDeviceEnabled,
)
from erstwhile.domain.events.principals import UserCreated
from erstwhile.domain.history.course import instants_of
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.inputs.sources import identity_sources, unknowns
from erstwhile.domain.reach.administrators import Administrators
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.paths import paths_to_administrator
from erstwhile.domain.reach.questions import Questions
from erstwhile.domain.reach.ways import Ways
from tests.support.random_stories import ADMIN, BUCKET, richer_story
from tests.support.records import ACCOUNT
from tests.support.stories import Told, arn, history_of, log_of_story, second

NOT_SMALLER = (Phase.explicit, Phase.reuse, Phase.generate)
TICK = timedelta(microseconds=1)
DAY = 86_400
Standing = str


def story(seed: int) -> list[Told]:
    """A story of access, with credentials of its users, whose keys age. Without the user of whose creation no record
    tells: what is known of it, and when, `test_conditions.py` writes out."""
    chance = random.Random(seed)
    told = [each for each in richer_story(chance, 30) if getattr(each[1], "subject", ADMIN).name != "lou"]
    users = [(each[0], each[1].subject) for each in told if isinstance(each[1], UserCreated)]
    for born, who in users:
        for number in range(chance.randrange(4)):
            at = born + chance.randrange(60)
            key = f"AKIA{who.id}{number}"
            told.append((at, AccessKeyCreated(subject=who, access_key_id=key)))
            later = at + chance.randrange(1, 3 * DAY)
            ends = AccessKeyDeleted(subject=who, access_key_id=key)
            stops = AccessKeyStatusChanged(subject=who, access_key_id=key, status="Inactive")
            told.append((later, chance.choice((ends, stops))))
        for _ in range(chance.randrange(4)):
            device = f"arn:aws:iam::{ACCOUNT}:mfa/{who.name}"
            told.append((
                born + chance.randrange(90),
                chance.choice((
                    LoginProfileCreated(subject=who), LoginProfileDeleted(subject=who),
                    MfaDeviceEnabled(subject=who, serial_number=device),
                    MfaDeviceDeactivated(subject=who, serial_number=device),
                )),
            ))  # fmt: skip
    return sorted(told, key=lambda each: each[0])


def worst(standings: Iterator[Standing]) -> Standing:
    found = set(standings)
    return "broken" if "broken" in found else "unknown" if "unknown" in found else "held"


def people(directory: Directory, *kinds: str) -> Iterator[Entity]:
    """Those of the account who exist."""
    return (each for each in directory.of_kind(*(kinds or ("user", "role"))) if each.exists and each.account == ACCOUNT)


def mfa(directory: Directory, at: datetime) -> Iterator[Standing]:
    return ("broken" for each in directory.of_kind("user") if each.has_password and not each.mfa_devices)


def key_age(directory: Directory, at: datetime) -> Iterator[Standing]:
    for each in directory.of_kind("user"):
        for fact in each.access_keys.values():
            if fact.value.get("status", "Active") == "Active" and fact.since + timedelta(days=1) <= at:
                yield "broken"


def through_groups(directory: Directory, at: datetime) -> Iterator[Standing]:
    return ("broken" for each in directory.of_kind("user") if each.attached_policies or each.inline_policies)


def full_access(directory: Directory, at: datetime) -> Iterator[Standing]:
    for each in directory.of_kind("user", "group", "role"):
        own = [fact.value.get("document") for fact in each.inline_policies.values()]
        own += [source.document for source in identity_sources(directory, each) if source.policy.startswith("arn:")]
        if each.kind == "group":
            own += [
                source.document
                for policy in each.attached_policies
                for found in (directory.with_arn(policy),)
                if found is not None and found.kind == "policy"
                for source in [Sourced(found)]
            ]
        yield from ("broken" for document in own if allows_all(document))


class Sourced:
    """A managed policy's document in force."""

    def __init__(self, policy: Entity) -> None:
        fact = policy.versions.get(policy.default_version)
        self.document = None if fact is None else fact.value.get("document")


def how(directory: Directory, each: Entity, asked: Asked) -> Standing:
    return how_of(directory, directory.arn_of(each), asked)


def how_of(directory: Directory, principal: str, asked: Asked) -> Standing:
    decision = authorize(
        directory,
        Request(
            principal=principal, action=asked.action, resource=asked.resource,
            resource_account=asked.resource_account, mode="discover",
        ),
    )  # fmt: skip
    if decision.allowed:
        return "broken"
    return "unknown" if decision.effect == "conditional" else "held"


RANKS = ("held", "unknown", "broken")
WRITE = Asked(action="s3:PutObject", resource=f"{BUCKET}/x", resource_account=ACCOUNT)
READ = Asked(action="s3:GetObject", resource=f"{BUCKET}/x", resource_account=ACCOUNT)
ASSUME = Asked(action="sts:AssumeRole", resource=arn(f"role/{ADMIN.name}"), resource_account=ACCOUNT)


def who_can(directory: Directory, at: datetime) -> Iterator[Standing]:
    yield how_of(directory, "*", READ)
    yield from (how(directory, each, READ) for each in people(directory) if each.name != "bob")


def separation(directory: Directory, at: datetime) -> Iterator[Standing]:
    for name in ("*", *(directory.arn_of(each) for each in people(directory))):
        both = {how_of(directory, name, READ), how_of(directory, name, ASSUME)}
        yield "held" if "held" in both else "unknown" if "unknown" in both else "broken"


def through_roles(directory: Directory, at: datetime) -> Iterator[Standing]:
    """By itself, or as a role that it can become, step by step."""

    def best(name: str, asked: Asked, seen: tuple[str, ...]) -> int:
        found = RANKS.index(how_of(directory, name, asked))
        for role in (directory.arn_of(each) for each in people(directory, "role")):
            if role not in (*seen, name):
                step = Asked(action="sts:AssumeRole", resource=role, resource_account=ACCOUNT)
                found = max(found, min(RANKS.index(how_of(directory, name, step)), best(role, asked, (*seen, name))))
        return found

    for name in ("*", *(directory.arn_of(each) for each in people(directory))):
        yield RANKS[min(best(name, READ, ()), best(name, WRITE, ()))]


def administrators(directory: Directory, at: datetime) -> Iterator[Standing]:
    asked = Administrators(Questions(directory))
    words = {"allow": "broken", "conditional": "unknown", "unknown": "unknown", "deny": "held"}
    return (words[asked.how(Node(directory.arn_of(each)), ACCOUNT)] for each in people(directory))


def escalation(directory: Directory, at: datetime) -> Iterator[Standing]:
    reach = paths_to_administrator(Ways(directory), 3, 10_000, ACCOUNT)
    yield from ("broken" if path.how == "allow" else "unknown" for path in reach.paths)
    yield from ("unknown" for each in people(directory) if unknowns(directory, each))
    yield from administrators(directory, at)


def open_to(directory: Directory, at: datetime) -> Iterator[Standing]:
    for each in directory.of_kind("resource", "role"):
        if each.account == ACCOUNT:
            found = exposed(directory, each)
            yield "held" if found is None else found[0]


CASES: dict[str, tuple[Condition, Callable[[Directory, datetime], Iterator[Standing]]]] = {
    "mfa": (MfaForPasswords(), mfa),
    "key-age": (KeyAge(days=1), key_age),
    "groups": (OnlyThroughGroups(), through_groups),
    "full-access": (NoFullAccessPolicies(), full_access),
    "who-can": (
        WhoCan(action=READ.action, resource=READ.resource, resource_account=ACCOUNT, within=("user/bob",)), who_can,
    ),
    "separation": (SeparationOfDuties(first=READ, second=ASSUME), separation),
    "through-roles": (SeparationOfDuties(first=READ, second=WRITE, through_roles=True), through_roles),
    "administrators": (AdministratorsWithin(), administrators),
    "escalation": (EscalationWithin(), escalation),
    "open-to": (NotOpenTo(), open_to),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=6, deadline=None, phases=NOT_SMALLER)
@given(st.integers(0, 2**48))
def test_an_attestation_equals_asking_at_every_instant(name: str, seed: int) -> None:
    condition, asked = CASES[name]
    history = history_of(log := log_of_story(*story(seed)))
    changes = [at for at in instants_of(log.intervals()) if at > second(-100)]
    begin, end = second(-5), second(5 * DAY)
    ages = [at + timedelta(days=1) for at in changes] if name == "key-age" else []
    found = attest(Ground(history=history, begin=begin, end=end, accounts=frozenset((ACCOUNT,))), [condition])
    for at in sorted({near for each in (*changes, *ages, begin) for near in (each - TICK, each)}):
        if begin <= at < end:
            assert found.tally.standing(at) == worst(asked(directory_at(history, at), at)), (at, found.lapses)
    for lapse in found.lapses:
        assert lapse.end == end or lapse.ended_by, lapse
