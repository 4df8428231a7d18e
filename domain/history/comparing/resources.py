"""The known resources of one instant that may be decided about unlike any others, as one caller finds them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import ResourceSide
from erstwhile.domain.policy.inputs.caller import Caller, ending, own_endings
from erstwhile.domain.policy.inputs.policy_carriers import carried_by, carriers, is_partial_secret
from erstwhile.domain.policy.inputs.principals import find_resources
from erstwhile.domain.questions.held_statements import PRINCIPAL_KEYS
from erstwhile.domain.vocabulary.identifiers import account_in

EVERYBODY = ""
"""The ending of no name: under it stand the policies that may mean anybody."""


class Resources:
    """Some of them, of one kind (resource, role, user): found by whom their policies may mean."""

    def __init__(self, directory: Directory, entities: Iterable[Entity]) -> None:
        self._directory = directory
        self._meaning: dict[str, dict[str, None]] | None = None
        self.tagged: dict[str, None] = {}
        """The ARNs of those with tags."""
        self.elsewhere: dict[str, None] = {}
        """The ARNs that tell no account: whose such a resource is, only the Directory knows."""
        self.arns: dict[str, Entity] = {}
        for entity in entities:
            arn = arn_in_policies(directory, entity)
            if not arn:
                continue
            self.arns[arn] = entity
            if entity.tags:
                self.tagged[arn] = None
            if not account_in(arn):
                self.elsewhere[arn] = None

    def meaning(self, caller: Caller) -> Iterable[str]:
        """The ARNs of those whose policies may mean a caller."""
        meaning = self._by_ending()
        found = dict(meaning.get(EVERYBODY, {}))
        for each in own_endings(caller):
            found |= meaning.get(each, {})
        return found

    def _by_ending(self) -> dict[str, dict[str, None]]:
        if self._meaning is None:
            self._meaning = {}
            for arn in self.arns:
                for each in meant(side_of(self._directory, arn)):
                    self._meaning.setdefault(each, {})[arn] = None
        return self._meaning


def arn_in_policies(directory: Directory, entity: Entity) -> str:
    """The ARN by which requests name a resource, role or user; '' where it has none."""
    return entity.arn or (directory.arn_of(entity) if entity.exists else "")


def is_alone(history: FactHistory, entity: Entity, arn: str) -> bool:
    """Whether nobody else than a user or role ever had its ARN."""
    if entity.arn == arn and entity.name == arn.rpartition("/")[2]:
        return history.has_alone(entity.key, arn)
    return list(history.with_arn(arn)) == [entity.key]


def side_of(directory: Directory, arn: str) -> ResourceSide:
    """A resource's side, whatever is done to it."""
    return engine_of(directory).policies.usual_resource_side(arn, "")


def lacks_policy(directory: Directory, arn: str) -> bool:
    """Whether a role or key is there without a policy: it always has one, which was never seen, and may mean anyone."""
    return (
        (":key/" in arn or ":role/" in arn)
        and side_of(directory, arn).policy is None
        and bool(find_resources(directory, arn))
    )


def meant(target: ResourceSide) -> set[str]:
    """How the names end that the policies of a resource may mean; `EVERYBODY` among them where they may mean all."""
    return set() if target.policy is None else meant_by(target.policy)


def meant_by(policy: Layer) -> set[str]:
    """The same of the policies themselves."""
    found: set[str] = set()
    if policy.why or policy.has_not_principal():
        found.add(EVERYBODY)
    for compiled, _, _ in policy.placed:
        for _, name in compiled.statement.principals or ():
            found.add(EVERYBODY if name == "*" else ending(name))
            if ":assumed-role/" in name:  # a session is its role's
                found.add(ending(name.rpartition("/")[0]))
    return found


@lru_cache(maxsize=65_536)
def patterns_of(arn: str) -> tuple[str, ...]:
    """What stands under the policies and tags of a resource: itself, and what it carries them for."""
    partial = carriers(arn) if is_partial_secret(arn) else ()
    return (arn, *partial, *carried_by(arn))


class ResourcesAt:
    """Of all kinds, each looked for when it is first asked about."""

    def __init__(self, directory: Directory, history: FactHistory) -> None:
        self._directory = directory
        self._history = history
        self._of: dict[str, Resources] = {}
        self._reading: Resources | None = None

    def of(self, kind: str) -> Resources:
        found = self._of.get(kind)
        if found is None:
            found = self._of[kind] = Resources(self._directory, self._directory.of_kind(kind))
        return found

    def roles_reading_caller(self) -> Resources:
        """The roles whose trust policies may look at condition keys that follow from the caller, and perhaps others."""
        if self._reading is None:
            documents = self._history.documents_with(PRINCIPAL_KEYS)
            keys = dict.fromkeys(each[:3] for each in documents if each.attribute == attributes.TRUST)
            there = (self._directory.get(*key) for key in keys)
            self._reading = Resources(self._directory, [each for each in there if each is not None])
        return self._reading
