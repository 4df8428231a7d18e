"""Who can do an action on a resource: three lists, because what is unknown is not a no."""

from __future__ import annotations

from typing import Literal

import msgspec

from domain.directory import Directory
from domain.policy.authorize import authorize
from domain.policy.principals import principal_arn
from domain.policy.request import Decision, Request
from domain.policy.sources import unknowns
from domain.questions.index import Index


class Holder(msgspec.Struct, frozen=True):
    """A principal, and the decision about it. `why` says in words what is unknown or missing."""

    principal: str
    kind: str
    account: str
    unique_id: str
    decision: Decision
    why: tuple[str, ...] = ()


class WhoCan(msgspec.Struct, frozen=True):
    """Principals that may (`allowed`), that may if some condition holds or some document says so
    (`conditional`), and about whose policies nothing was ever seen (`unknown`)."""

    allowed: tuple[Holder, ...]
    conditional: tuple[Holder, ...]
    unknown: tuple[Holder, ...]


def who_can(
    directory: Directory,
    action: str,
    resource: str,
    *,
    account: str | None = None,
    resource_account: str | None = None,
    context: dict[str, tuple[str, ...]] | None = None,
    mode: Literal["strict", "discover"] = "discover",
) -> WhoCan:
    """Asks about every user, role and account root of the Directory (or of one account)."""
    allowed: list[Holder] = []
    conditional: list[Holder] = []
    unknown: list[Holder] = []

    def ask(arn: str) -> Decision:
        return authorize(
            directory,
            Request(
                principal=arn,
                action=action,
                resource=resource,
                resource_account=resource_account,
                context=context or {},
                mode=mode,
            ),
        )

    for root in directory.accounts():
        if account in (None, root):
            known = directory.entities[root, "account", root].value("mode") or {}
            arn = f"arn:{known.get('partition', 'aws')}:iam::{root}:root"
            decision = ask(arn)
            if decision.effect in ("allow", "conditional"):
                found = Holder(arn, "root", root, root, decision, _why(decision))
                (allowed if decision.allowed else conditional).append(found)
    index = Index(directory)
    # Whoever the index does not name is denied; about the others the engine says why.
    found_by_index = index.who(action, resource, context, resource_account, discover=mode == "discover")
    for number in found_by_index.allowed | found_by_index.unsettled:
        entity = index.principals[number]
        if account not in (None, entity.account):
            continue
        decision = ask(principal_arn(entity))
        holder = Holder(principal_arn(entity), entity.kind, entity.account, entity.id, decision, _why(decision))
        if decision.allowed:
            allowed.append(holder)
        elif decision.effect == "conditional":
            (unknown if unknowns(directory, entity) else conditional).append(holder)
    return WhoCan(*(tuple(sorted(found, key=_order)) for found in (allowed, conditional, unknown)))


def _order(holder: Holder) -> tuple[bool, str]:
    return (holder.kind != "root", holder.principal)


def _why(decision: Decision) -> tuple[str, ...]:
    return (*decision.unknown, *(f"depends on {key}" for key in decision.missing_context))
