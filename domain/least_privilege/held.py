"""The policies of users and roles, each once, with all that have it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.questions.services import grants_of


class HeldPolicy(msgspec.Struct, kw_only=True):
    """`policy`: its ARN, or `inline:NAME`; `holder`: of an inline policy, the ARN of the user, group or role that has
    it; `saved`: since when these words are in force; `attached`: since when the first of its holders has it, None where
    that is not known. `principals`: the ARNs of all users and roles that have it, by attachment or by a group."""

    policy: str
    holder: str
    document: str | None
    why: str
    saved: datetime | None
    attached: datetime | None
    principals: list[str]

    @property
    def since(self) -> datetime | None:
        """Since when somebody could have used these words."""
        return max((each for each in (self.attached, self.saved) if each is not None), default=None)


def principals_of(directory: Directory, account: str | None) -> list[Entity]:
    """The users and roles that are there, of an account or of all, in the order of their keys. Roles that belong to
    services are left out: nobody may change their policies."""
    found = (each for each in directory.of_kind("user", "role") if each.exists and account in (None, each.account))
    return sorted((each for each in found if not each.service_linked), key=lambda each: each.key)


def held_policies(
    directory: Directory, principals: list[Entity]
) -> tuple[list[HeldPolicy], dict[str, list[HeldPolicy]]]:
    """Each policy once, and the ones that each principal (by its ARN) has."""
    found: dict[tuple[str, str], HeldPolicy] = {}
    of_principal: dict[str, list[HeldPolicy]] = {}
    for entity in principals:
        arn = directory.arn_of(entity)
        own: dict[tuple[str, str], HeldPolicy] = {}
        for grant in grants_of(directory, entity):
            source = grant.source
            inline = source.policy.startswith("inline:")
            holder = directory.arn_of(grant.holder) if inline else ""
            # An account may have been shown another text of one of AWS's policies than the catalogue has.
            key = (source.policy, holder or entity.account)
            attached = _attached(grant.holder, source.policy)
            held = found.get(key)
            if held is None:
                held = found[key] = HeldPolicy(
                    policy=source.policy, holder=holder, document=source.document, why=source.why, saved=source.saved,
                    attached=attached, principals=[],
                )  # fmt: skip
            elif attached is None or (held.attached is not None and attached < held.attached):
                held.attached = attached
            if key not in own:
                held.principals.append(arn)
                own[key] = held
        of_principal[arn] = list(own.values())
    return list(found.values()), of_principal


def _attached(holder: Entity, policy: str) -> datetime | None:
    fact = holder.attached_policies.get(policy) or holder.inline_policies.get(policy.removeprefix("inline:"))
    return fact.since if fact is not None else None
