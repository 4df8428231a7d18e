"""The policies of users and roles, each once, with all that have it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.policy.inputs.sources import Managed, begun, groups_of, managed


class HeldPolicy(msgspec.Struct, kw_only=True):
    """`policy`: its ARN, or `inline:NAME`; `holder`: of an inline policy, the ARN of the user, group or role that has
    it; `since`: since when the first of its holders has it. `principals`: the ARNs of all users and roles that have it,
    by attachment or by a group."""

    policy: str
    holder: str
    document: str | None
    why: str
    since: datetime
    principals: list[str]


def principals_of(directory: Directory, account: str | None) -> list[Entity]:
    """The users and roles that are there, of an account or of all, in the order of their keys. Roles that belong to
    services are left out: nobody may change their policies."""
    found = directory.of_kind("user", "role") if account is None else directory.principals_of([account])
    return sorted((each for each in found if each.exists and not each.service_linked), key=lambda each: each.key)


def held_policies(
    directory: Directory, principals: list[Entity]
) -> tuple[list[HeldPolicy], dict[str, list[HeldPolicy]]]:
    """Each policy once, and the ones that each principal (by its ARN) has."""
    grants = _Grants(directory)
    found: dict[tuple[str, str], HeldPolicy] = {}
    of_principal: dict[str, list[HeldPolicy]] = {}
    for entity in principals:
        arn = directory.arn_of(entity)
        own: dict[tuple[str, str], HeldPolicy] = {}
        for grant in grants.of(entity):
            held = found.get(grant.key)
            if held is None:
                held = found[grant.key] = HeldPolicy(
                    policy=grant.policy, holder=grant.holder, document=grant.document, why=grant.why,
                    since=grant.since, principals=[],
                )  # fmt: skip
            elif grant.since < held.since:
                held.since = grant.since
            if grant.key not in own:
                held.principals.append(arn)
                own[grant.key] = held
        of_principal[arn] = list(own.values())
    return list(found.values()), of_principal


def words_of(directory: Directory, held: HeldPolicy, principal: Entity) -> str:
    """What a policy of a principal is called: an inline policy that a group has, by the group too."""
    if held.holder in ("", directory.arn_of(principal)):
        return held.policy
    holder = directory.with_arn(held.holder)
    return held.policy if holder is None else of_group(held.policy, holder)


def of_group(policy: str, group: Entity) -> str:
    """What a policy that somebody has by a group is called."""
    return f"{policy} of group/{group.name}"


class _Grant(NamedTuple):
    """A policy that an entity has. Grants of one policy have one `key`."""

    key: tuple[str, str]
    policy: str
    holder: str
    document: str | None
    why: str
    since: datetime


class _Grants:
    """The policies of users, groups and roles. What many have is read once: for `unused` of `make bench-reports`."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._of_groups: dict[EntityKey, list[_Grant]] = {}
        self._managed: dict[tuple[str, str], tuple[Managed, datetime | None]] = {}

    def of(self, entity: Entity) -> Iterator[_Grant]:
        """Those of a user or role, and those of a user's groups."""
        yield from self._own(entity)
        for _, group in groups_of(self._directory, entity):
            if group is not None:
                found = self._of_groups.get(group.key)
                if found is None:
                    found = self._of_groups[group.key] = list(self._own(group))
                yield from found

    def _own(self, entity: Entity) -> Iterator[_Grant]:
        """As `sources.own_sources` finds them."""
        for name, fact in entity.inline_policies.items():
            policy, holder = f"inline:{name}", self._directory.arn_of(entity)
            yield _Grant((policy, holder), policy, holder, fact.value["document"], "", fact.since)
        for arn, fact in entity.attached_policies.items():
            # An account may have been shown another text of one of AWS's policies than the catalogue has.
            key = (arn, entity.account)
            found = self._managed.get(key)
            if found is None:
                found = self._managed[key] = managed(self._directory, *key), begun(self._directory, arn)
            said, since = found
            if since is None or since <= fact.since:
                yield _Grant(key, arn, "", said.document, said.why, fact.since)
