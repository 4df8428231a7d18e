"""The families with the names of one target filled in: what a source needs, to become it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.policy.knowledge.service_reference import action_details
from erstwhile.domain.reach.asks import Ask, Given
from erstwhile.domain.reach.catalogue.families import BECOMING
from erstwhile.domain.reach.catalogue.family import (
    GROUP,
    NEW_GROUP,
    NO_RESOURCE,
    POLICY,
    PROFILE,
    RUNNING,
    TARGET,
    Family,
    Need,
)
from erstwhile.domain.reach.catalogue.new_services import IN_PROFILE
from erstwhile.domain.reach.nodes import Gain, Node
from erstwhile.domain.reach.questions import How, Questions
from erstwhile.domain.reach.running import Running, RunningResources

_BOUNDARY = "iam:permissionsboundary"
_OF_SOME = ("iam:PermissionsBoundary", "iam:PolicyARN")
"""Keys of IAM that the requests of some of its actions have.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html"""
_MOST_KEYS = 2
"""Access keys of a user: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
_PASSWORDS = ("create-login-profile", "update-login-profile")


class Opening(msgspec.Struct, frozen=True):
    """One way into a target, whoever takes it. `trust`: what the target's trust says of the service that it must trust.
    `terms`: conditions that no policy says. `raised`: what the target has more afterwards. `rests_on`: other entities
    by whose facts it is there: the setting that says what runs as the role, instance profiles, a group, a policy.
    `since`: the position of the event by which something runs as the role; 0 where that is not asked."""

    family: Family
    target: Node
    account: str
    asks: tuple[Ask, ...]
    trust: Ask | None = None
    trusts: How = "allow"
    terms: tuple[str, ...] = ()
    raised: Gain | None = None
    rests_on: tuple[EntityKey, ...] = ()
    since: int = 0

    @property
    def crosses_accounts(self) -> bool:
        """Whether the source may be of another account: all but trusts are of calls to the source's own."""
        return self.family.kind in ("assume", "federated")


def asks_of(
    needs: Iterable[Need], directory: Directory, account: str, arns: dict[str, str], boundary: str | None = None
) -> tuple[Ask, ...]:
    """The needs of a family. `arns`: what its words stand for. Needs of one pattern are asked together. `boundary`: of
    the target, as `boundary_of` says."""
    partition = directory.partition(account)
    found: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
    of_new: list[Need] = []
    for need in needs:
        if need.on == NEW_GROUP:
            of_new.append(need)
            continue
        resource = arns.get(need.on) or _pattern(need, partition, account)
        given = tuple((key, value.format(partition=partition)) for key, value in need.given)
        if boundary is not None and need.on == TARGET and _is_about_boundary(need):
            given = (*given, (_BOUNDARY, boundary))
        given = (*given, *_absent(need.action))
        found.setdefault((resource, given), []).append(need.action)
    asks = [Ask(tuple(actions), resource, given) for (resource, given), actions in found.items()]
    return (*asks, ask_of_new(of_new, partition, account, "group")) if of_new else tuple(asks)


def ask_of_new(needs: Iterable[Need], partition: str, account: str, kind: str, boundary: str = "") -> Ask:
    """What is asked of a name that is free. `boundary`: that the request sets; '' for none."""
    own = tuple((need.action, _given_to_new(need, partition, boundary)) for need in needs)
    resource = f"arn:{partition}:iam::{account}:{kind}/?*"
    return Ask(tuple(action for action, _ in own), resource, own=own, makes=kind)


def _given_to_new(need: Need, partition: str, boundary: str) -> Given:
    """The keys of the request of one action: what is set or attached, and what it surely lacks."""
    found = dict(_absent(need.action)) | {key: value.format(partition=partition) for key, value in need.given}
    found.setdefault(_BOUNDARY, boundary)
    return tuple(sorted(found.items()))


@cache
def _absent(action: str) -> Given:
    """The keys that the requests of some actions of IAM have, and those of this one never."""
    service, _, name = action.partition(":")
    details = action_details(service, name) if service == "iam" else None
    if details is None:
        return ()
    return tuple((key.lower(), "") for key in _OF_SOME if key not in details["conditionKeys"])


def boundary_of(target: Entity) -> str | None:
    """The ARN of a principal's permissions boundary, on which a condition of who may change it may look; '' where it
    has none, None where its policies are not known."""
    return (target.boundary or "") if target.is_covered else None


@cache
def _is_about_boundary(need: Need) -> bool:
    """Whether a request has the boundary that its target has. One that sets a boundary has the new one.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html, "Delegating responsibility
    to others using permissions boundaries".
    """
    if any(key == _BOUNDARY for key, _ in need.given):
        return False
    details = action_details(*need.action.split(":", 1))
    return details is not None and "iam:PermissionsBoundary" in details["conditionKeys"]


_WIDEST = {GROUP: ("group",), POLICY: ("policy",), PROFILE: (PROFILE,)}


def widest_asks(family: Family, directory: Directory, account: str) -> Iterator[list[Ask]]:
    """Of each need, what is asked to see whether a source may meet it for some target of the account at all: one of
    these must be allowed."""
    for need in family.needs:
        kinds = family.of if need.on == TARGET else _WIDEST.get(need.on, ())
        arns = [f"arn:{directory.partition(account)}:iam::{account}:{kind}/*" for kind in kinds]
        yield [
            ask for arn in arns or [""] for ask in asks_of([need], directory, account, {need.on: arn} if arn else {})
        ]


def _pattern(need: Need, partition: str, account: str) -> str:
    if need.on == NO_RESOURCE:
        return NO_RESOURCE
    service = need.action.partition(":")[0]
    if service == "iam":
        return f"arn:{partition}:iam::{account}:{need.on if need.on != PROFILE else f'{PROFILE}/*'}"
    return f"arn:{partition}:{service}:*:{account}:{need.on}"


class Openings:
    """Of one Directory."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._directory = questions.directory
        self.running = RunningResources(questions.directory)

    def into(self, target: Entity, families: Iterable[Family] = BECOMING) -> Iterator[Opening]:
        """All ways by which a source may become a user or role."""
        arn = self._directory.arn_of(target)
        trusts: dict[tuple[str, str], tuple[Ask, How]] = {}
        runs = {each.type for each in self.running.of(target)}
        for family in families:
            if target.kind not in family.of or not self._fits(family, target):
                continue
            if family.kind == "existing-service" and family.where not in runs:
                continue
            trust: Ask | None = None
            how: How = "allow"
            if family.trusted:
                service = (family.trusted, family.trusted_action)
                if service not in trusts:
                    trusts[service] = self._trust(target, arn, *service)
                trust, how = trusts[service]
                if how == "deny":
                    continue
            for words, running in self._meanings(family, target, arn):
                yield Opening(
                    family, Node(arn), target.account,
                    asks_of(family.needs, self._directory, target.account, words, boundary_of(target)),
                    trust, how, (*family.terms, *self._terms(family, target)), None,
                    self._rests_on(family, target, running), running.position if running is not None else 0,
                )  # fmt: skip

    def leads(self, targets: Iterable[Entity], account: str, families: Sequence[Family]) -> Iterator[Opening]:
        """What may help a source to get on, by some families of leads."""
        for family in families:
            if not family.of:
                yield Opening(family, Node(""), account, asks_of(family.needs, self._directory, account, {}))
        for target in targets:
            yield from self.into(target, families)

    def _trust(self, role: Entity, arn: str, service: str, action: str) -> tuple[Ask, How]:
        """What a role's trust says of a service that acts for the role's account."""
        ask = Ask((action,), arn, (("aws:sourceaccount", role.account),))
        if role.path.startswith("/aws-service-role/") or role.service_linked:
            return ask, "deny"  # nobody passes a service's own role
        return ask, self._questions.how(Node(service), action, arn, ask)

    def _meanings(self, family: Family, target: Entity, arn: str) -> Iterator[tuple[dict[str, str], Running | None]]:
        """What the words of a family's needs stand for."""
        if family.kind != "existing-service":
            yield {TARGET: arn}, None
            return
        for each in self.running.of(target):
            if each.type == family.where:
                yield {TARGET: arn, RUNNING: each.resource}, each

    def _rests_on(self, family: Family, target: Entity, running: Running | None) -> tuple[EntityKey, ...]:
        if running is not None:
            return (running.setting,)
        if family.where == IN_PROFILE:
            return tuple(each.key for each in self.running.profiles_of(target))
        return ()

    def _fits(self, family: Family, target: Entity) -> bool:
        match family.where:
            case "has a place for an access key":
                return len(target.access_keys) < _MOST_KEYS
            case "has two access keys":
                return len(target.access_keys) >= _MOST_KEYS
            case "has no password":
                return not target.has_password
            case "has a password":
                return target.has_password or not self._is_password_known(target)
            case "has an MFA device":
                return bool(target.mfa_devices)
            case where if where == IN_PROFILE:
                return bool(self.running.profiles_of(target))
            case "is in no instance profile on record":
                return not self.running.profiles_of(target)
            case _:
                return True

    def _terms(self, family: Family, target: Entity) -> Iterator[str]:
        """What no policy says, and a way to sign in depends on."""
        if family.id not in _PASSWORDS:
            return
        if not self._is_password_known(target):
            yield f"the user {family.where}: no record tells"
        if target.mfa_devices:
            yield "an MFA device of the user is asked for at sign-in"

    def _is_password_known(self, user: Entity) -> bool:
        """Whether it is known that a user has a password, or that it has none: a listing of an account's authorization
        details does not tell. A credential report does; and of a user whose creation is on record, its records do."""
        if user.has_password or user.credential_report_fact is not None:
            return True
        return user.is_creation_known or self._directory.mode(user.account) == "governed"
