"""Who can do an action on a resource: three lists, because what is unknown is not a no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from erstwhile.domain.directory import Directory, Entity
from erstwhile.domain.policy.authorize import authorize, engine_of
from erstwhile.domain.policy.request import Decision
from erstwhile.domain.policy.sources import unknowns
from erstwhile.domain.questions.extent import Asked, Extent, KnownInside, extent, is_pattern
from erstwhile.domain.questions.index import Index


class Holder(msgspec.Struct, frozen=True):
    """A principal, and the decision about it. `why` says in words what is unknown or missing.

    Where a pattern of resources was asked about, `extent` says how much of it: all, some, conditional, unclear;
    the decision is that about `example`, one resource of it, and `denied_example` is one that is not allowed.
    """

    principal: str
    kind: str
    account: str
    unique_id: str
    decision: Decision
    why: tuple[str, ...] = ()
    extent: str = ""
    example: str = ""
    denied_example: str = ""


class WhoCan(msgspec.Struct, frozen=True):
    """Principals that may (`allowed`), that may if some condition holds or some document says so
    (`conditional`), and about whose policies nothing was ever seen (`unknown`)."""

    allowed: tuple[Holder, ...]
    conditional: tuple[Holder, ...]
    unknown: tuple[Holder, ...]


class _Lists:
    """The three lists while they are filled."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._allowed: list[Holder] = []
        self._conditional: list[Holder] = []
        self._unknown: list[Holder] = []

    def add(self, holder: Holder, entity: Entity | None) -> None:
        if holder.decision.allowed:
            self._allowed.append(holder)
        elif holder.decision.effect == "conditional":
            is_unknown = entity is not None and unknowns(self._directory, entity)
            (self._unknown if is_unknown else self._conditional).append(holder)

    def whole(self) -> WhoCan:
        lists = (self._allowed, self._conditional, self._unknown)
        return WhoCan(*(tuple(sorted(found, key=_order)) for found in lists))


def who_can(
    directory: Directory,
    action: str,
    resource: str,
    *,
    account: str | None = None,
    resource_account: str | None = None,
    context: Mapping[str, tuple[str, ...]] | None = None,
    mode: Literal["strict", "discover"] = "discover",
) -> WhoCan:
    """Asks about every user, role and account root of the Directory (or of one account).

    A resource with `*` or `?` stands for all that it matches: each principal's extent is told.
    """
    asked = Asked(action=action, resource_account=resource_account, context=context or {}, mode=mode)
    index = Index(directory)
    lists = _Lists(directory)
    ask: Callable[[str, Entity | None], None]
    if is_pattern(resource):
        known = KnownInside(directory, resource)
        engine = engine_of(directory)
        targets = [engine.target(asked.of("", entity.arn), entity.account) for entity in known.entities]
        numbers = index.may_within(action, resource, targets)

        def ask(arn: str, entity: Entity | None) -> None:
            lists.add(_holder(arn, entity, extent(directory, arn, resource, asked, known)), entity)
    else:
        found = index.who(action, resource, context, resource_account, discover=mode == "discover")
        # Whoever the index does not name is denied; about the others the engine says why.
        numbers = found.allowed | found.unsettled

        def ask(arn: str, entity: Entity | None) -> None:
            decision = authorize(directory, asked.of(arn, resource))
            lists.add(Holder(*_named(arn, entity), decision, _why(decision)), entity)

    for each in directory.accounts():
        if account in (None, each):
            ask(f"arn:{_partition(directory, each)}:iam::{each}:root", None)
    for number in numbers:
        entity = index.principals[number]
        if account in (None, entity.account):
            ask(directory.arn_of(entity), entity)
    return lists.whole()


def _partition(directory: Directory, account: str) -> str:
    return str((directory.entities[account, "account", account].value("mode") or {}).get("partition", "aws"))


def _named(arn: str, entity: Entity | None) -> tuple[str, str, str, str]:
    if entity is None:
        account = arn.split(":")[4]
        return arn, "root", account, account
    return arn, entity.kind, entity.account, entity.id


def _holder(arn: str, entity: Entity | None, found: Extent) -> Holder:
    told = found.allowed or found.conditional or found.denied or ("", Decision(effect="conditional"))
    example, decision = told
    denied = found.denied or (found.conditional if found.allowed else None)
    why = _why(decision) if found.how != "unclear" else ("its policies cut the pattern into too many parts",)
    return Holder(*_named(arn, entity), decision, why, found.how, example, denied[0] if denied else "")


def _order(holder: Holder) -> tuple[bool, str]:
    return (holder.kind != "root", holder.principal)


def _why(decision: Decision) -> tuple[str, ...]:
    return (*decision.unknown, *(f"depends on {key}" for key in decision.missing_context))
