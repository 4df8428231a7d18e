"""Policies that allow everything on everything are attached to nobody; a support role exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from erstwhile.domain.attestation.condition import Condition, Ground, Lapse
from erstwhile.domain.attestation.judged import name_of
from erstwhile.domain.attestation.selected import Selected
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history.concerns import policies_named
from erstwhile.domain.history.fact_changes import changes_at, told_in_order
from erstwhile.domain.history.windows import Window, joined, within, without
from erstwhile.domain.policy.language.document import MalformedDocument, parse_document
from erstwhile.domain.vocabulary.instants import FOREVER


def allows_all(document: str | None) -> bool:
    """Whether a statement allows every action on every resource, under no condition."""
    if document is None:
        return False
    try:
        statements = parse_document(document).statements
    except MalformedDocument:
        return False
    return any(
        each.allows and "*" in _whole(each.actions) and "*" in (each.resources or ()) and not each.conditions
        for each in statements
    )


def _whole(actions: Sequence[str] | None) -> list[str]:
    return ["*" if each == "*:*" else each for each in actions or ()]


class NoFullAccessPolicies(Condition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.14: no policy is attached to, or written into, a user, group or role that allows `*` on `*`.
    `excepting`: principals and groups that may have one."""

    excepting: tuple[str, ...] = ()

    def words(self) -> str:
        return "no policy that allows everything on everything is in use"

    def lapses(self, ground: Ground) -> Iterator[Lapse]:
        excepted = Selected(self.excepting)
        for row in (*ground.history.with_attribute(attributes.INLINE), *_attachments(ground)):
            if row.account not in ground.accounts:
                continue
            for begin, end in within(_windows(ground, row), row.valid_from, min(row.valid_to, ground.end)):
                if end <= ground.begin:
                    continue
                key = row[:3]
                subject = name_of(ground, key, ground.history.intervals_of(key), max(begin, ground.begin))
                if not excepted.has(subject, key[2]):
                    yield Lapse(
                        account=row.account, subject=subject, standing="broken", begin=begin, end=end,
                        why=f"{row.item} allows everything on everything",
                        begun_by=told_in_order(changes_at([row], begin)),
                        ended_by=told_in_order(changes_at([row], end)) if end < ground.end else (),
                    )  # fmt: skip


def _attachments(ground: Ground) -> Iterator[Interval]:
    """The attachments of policies that ever allowed everything."""
    for item in ground.history.items_of(attributes.ATTACHED):
        for account in sorted(ground.accounts):
            if _full(ground, item, account):
                for key in ground.history.holders(account, attributes.ATTACHED, item):
                    yield from (
                        each
                        for each in ground.history.intervals_of(key)
                        if each.attribute == attributes.ATTACHED and each.item == item
                    )


def _windows(ground: Ground, row: Interval) -> tuple[Window, ...]:
    if row.attribute == attributes.INLINE:
        return ((row.valid_from, row.valid_to),) if allows_all(row.value.get("document")) else ()
    return _full(ground, row.item, row.account)


def _full(ground: Ground, arn: str, account: str) -> tuple[Window, ...]:
    """When the version in force of a managed policy allowed everything."""
    found: list[Window] = []
    for key in policies_named(ground.history, arn, account):
        rows = ground.history.intervals_of(key)
        for default in (each for each in rows if each.attribute == attributes.DEFAULT):
            for version in (each for each in rows if each.attribute == attributes.VERSION):
                if version.item == default.value["version"] and allows_all(version.value.get("document")):
                    found += within(((version.valid_from, version.valid_to),), default.valid_from, default.valid_to)
    return joined(found)


class SomeRoleHas(Condition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.15: in each account, a managed policy is attached to some role."""

    policy: str

    def words(self) -> str:
        return f"some role of each account has the policy {self.policy}"

    def doubts(self, ground: Ground) -> Iterable[str]:
        if self.policy not in set(ground.history.items_of(attributes.ATTACHED)):
            yield f"some-role-has: no record names a policy {self.policy}"

    def lapses(self, ground: Ground) -> Iterator[Lapse]:
        for account in sorted(ground.accounts):
            there = [
                (row.valid_from, row.valid_to)
                for key in ground.history.holders(account, attributes.ATTACHED, self.policy)
                if key[1] == "role"
                for row in ground.history.intervals_of(key)
                if row.attribute == attributes.ATTACHED and row.item == self.policy
            ]
            for begin, end in without(((ground.begin, min(ground.end, FOREVER)),), there):
                yield Lapse(
                    account=account, subject=account, standing="broken", begin=begin, end=end,
                    why=f"no role has the policy {self.policy}",
                )  # fmt: skip
