"""The ways by which a principal is raised: more policies, a boundary less, a deny less."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.policy.inputs.sources import Source, groups_of, identity_sources, own_sources
from erstwhile.domain.policy.language.document import MalformedDocument, parse_document
from erstwhile.domain.reach.catalogue.families import RAISING
from erstwhile.domain.reach.catalogue.family import GROUP, POLICY, TARGET, Family
from erstwhile.domain.reach.nodes import Gain, Node
from erstwhile.domain.reach.openings import Opening, asks_of, boundary_of
from erstwhile.domain.reach.sides import way
from erstwhile.domain.vocabulary.identifiers import policy_account

_MOST_VERSIONS = 5
"""Of a managed policy: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
_Meaning = tuple[dict[str, str], Gain]
ANY_POLICY = Gain("any-policy")
NO_BOUNDARY = Gain("no-boundary")


class Gains:
    """Of one Directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def of(
        self, target: Entity, families: Iterable[Family] = RAISING, gained: tuple[Gain, ...] = (),
        is_wanted: Callable[[Node], bool] = lambda raised: True,
    ) -> Iterator[Opening]:  # fmt: skip
        """All ways by which somebody may raise a user or role. `gained`: what it has more already; `is_wanted`: whether
        a way to it as it is then is looked for."""
        arn = self._directory.arn_of(target)
        # Another boundary, none, or the same with other words: whoever asks about it is told that it depends.
        boundary = None if NO_BOUNDARY in gained else boundary_of(target)
        for family in families:
            if target.kind not in family.of:
                continue
            seen: set[tuple[tuple[str, str], ...]] = set()
            for words, gain in self._meanings(family, target):
                key = (*sorted(words.items()), (gain.kind, gain.what))
                if key in seen:
                    continue
                seen.add(key)
                if not is_wanted(Node(arn, (gain,))):
                    continue
                asks = asks_of(family.needs, self._directory, target.account, {TARGET: arn, **words}, boundary)
                rests_on = tuple(of for name in words.values() if (of := self._key(name)) is not None)
                yield Opening(family, Node(arn, (gain,)), target.account, asks, raised=gain, rests_on=rests_on)

    def _key(self, arn: str) -> EntityKey | None:
        found = self._directory.with_arn(arn)
        return None if found is None else found.key

    def _meanings(self, family: Family, target: Entity) -> Iterator[_Meaning]:
        match family.id:
            case "put-group-policy" | "attach-group-policy":
                for group in self._groups(target):
                    yield {GROUP: self._directory.arn_of(group)}, ANY_POLICY
            case "join-group-put-policy" | "join-group-attach-policy":
                for group in self._other_groups(target):
                    if not any(map(_denies, own_sources(self._directory, group))):
                        yield {GROUP: self._directory.arn_of(group)}, ANY_POLICY
            case "create-policy-version" | "replace-policy-version":
                for policy in self._own_policies(target):
                    if _is_full(policy) == (family.id == "replace-policy-version"):
                        yield {POLICY: self._directory.arn_of(policy)}, ANY_POLICY
            case "set-default-policy-version":
                for policy in self._own_policies(target):
                    arn = self._directory.arn_of(policy)
                    for version in policy.versions:
                        if version != policy.default_version:
                            yield {POLICY: arn}, Gain("version", f"{arn}@{version}")
            case "add-user-to-group":
                for group in self._other_groups(target):
                    if group.inline_policies or group.attached_policies:
                        yield {GROUP: self._directory.arn_of(group)}, Gain("joined", group.name)
            case "create-boundary-version" | "replace-boundary-version":
                bound = self._of_account(target, target.boundary or "")
                if bound is not None and _is_full(bound) == (family.id == "replace-boundary-version"):
                    yield {POLICY: self._directory.arn_of(bound)}, NO_BOUNDARY
            case "set-default-boundary-version":
                bound = self._of_account(target, target.boundary or "")
                if bound is not None:
                    arn = self._directory.arn_of(bound)
                    others = (version for version in bound.versions if version != bound.default_version)
                    yield from (({POLICY: arn}, Gain("within", f"{arn}@{version}")) for version in others)
            case _ if family.gain == "no-boundary":
                if target.boundary is not None:
                    yield {}, NO_BOUNDARY
            case _ if family.gain == "without":
                yield from self._denials(family, target)
            case _:
                yield {}, ANY_POLICY

    def _denials(self, family: Family, target: Entity) -> Iterator[_Meaning]:
        """The policies that deny something, and that a family removes."""
        for source in identity_sources(self._directory, target):
            if not _denies(source):
                continue
            is_group = len(source.path) > 2
            is_inline = source.policy.startswith("inline:")
            if is_group != ("group" in family.id):
                continue
            group = (
                self._directory.named(target.account, "group", source.path[1].partition("/")[2]) if is_group else None
            )
            words = {GROUP: self._directory.arn_of(group)} if group is not None else {}
            if family.id == "remove-user-from-group":
                yield words, Gain("without", source.path[1])
            elif is_inline == family.id.startswith("delete-"):
                yield words, Gain("without", way(source))

    def _groups(self, target: Entity) -> Iterator[Entity]:
        return (group for _, group in groups_of(self._directory, target) if group is not None)

    def _other_groups(self, target: Entity) -> Iterator[Entity]:
        for group in list(self._directory.by_name(target.account, "group").values()):
            if group.id not in target.group_ids:
                yield group

    def _own_policies(self, target: Entity) -> Iterator[Entity]:
        """The managed policies of the account that a principal or a group of it has."""
        for holder in (target, *self._groups(target)):
            for arn in holder.attached_policies:
                policy = self._of_account(target, arn)
                if policy is not None:
                    yield policy

    def _of_account(self, target: Entity, arn: str) -> Entity | None:
        policy = self._directory.with_arn(arn) if policy_account(arn) == target.account else None
        return policy if policy is not None and policy.kind == "policy" else None


def _is_full(policy: Entity) -> bool:
    """Whether a managed policy has as many versions as it may have."""
    return len(policy.versions) + len(policy.unseen_versions) >= _MOST_VERSIONS


def _denies(source: Source) -> bool:
    if source.document is None:
        return False
    try:
        return any(not each.allows for each in parse_document(source.document).statements)
    except MalformedDocument:
        return False
