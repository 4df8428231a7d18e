"""The roles of two instants: whom their trust policies may let in, and of which actions they speak.

Many roles have one trust policy: it is looked at once.

Serves the row "difference of two days" of `make bench-history`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.comparing.resources import EVERYBODY, arn_in_policies, is_alone
from erstwhile.domain.policy.inputs.principals import find_resources
from erstwhile.domain.policy.inputs.resource_policies import resource_sources
from erstwhile.domain.vocabulary.identifiers import account_in

if TYPE_CHECKING:
    from erstwhile.domain.history.comparing.instants import Instants


class Trust:
    def __init__(self, instants: Instants) -> None:
        self._instants = instants
        self._speaking: dict[str, dict[str, None]] = {}

    def of_account(self, account: str) -> dict[str, None]:
        """The ARNs of an account's roles, of either instant."""
        return self._of_account.get(account, {})

    def letting_in(self, endings: Iterable[str]) -> dict[str, None]:
        """The ARNs of the roles that a principal may assume whose names end in one of these ways: of which a trust
        policy may mean it, or is not known. No other role's outcome can be anything but a deny."""
        found = dict(self._letting_in.get(EVERYBODY, {}))
        for each in endings:
            found |= self._letting_in.get(each, {})
        return found

    def speaking_of(self, action: str) -> dict[str, None]:
        """The ARNs of the roles whose trust policies speak of an action (lower case), or may."""
        found = self._speaking.get(action)
        if found is None:
            of = self._instants.policies_of
            alike = {
                number: any(each.why or each.about(action) for each in of(arns[0]))
                for number, arns in enumerate(self._alike)
            }
            found = self._speaking[action] = {arn: None for arn, number in self._number_of.items() if alike[number]}
        return found

    @cached_property
    def _of_account(self) -> dict[str, dict[str, None]]:
        found: dict[str, dict[str, None]] = {}
        for known in self._instants.known:
            for arn in known.of("role").arns:
                found.setdefault(account_in(arn), {})[arn] = None
        return found

    @cached_property
    def _number_of(self) -> dict[str, int]:
        """By ARN: equal for roles that have the same trust policies at both instants."""
        numbers: dict[Hashable, int] = {}
        before, after = (known.of("role").arns for known in self._instants.known)
        return {
            arn: numbers.setdefault(self._trust_of(arn, entity), len(numbers))
            for arn, entity in (before | after).items()
        }

    @cached_property
    def _alike(self) -> list[list[str]]:
        found: dict[int, list[str]] = {}
        for arn, number in self._number_of.items():
            found.setdefault(number, []).append(arn)
        return list(found.values())

    def _trust_of(self, arn: str, entity: Entity) -> Hashable:
        """What a role's trust policies say at the two instants; its ARN where that may mean others too."""
        if not is_alone(self._instants.history, entity, arn):
            return arn
        said = [_said_at(directory, entity.key, arn) for directory in self._instants.directories]
        return arn if None in said else tuple(said)

    @cached_property
    def _letting_in(self) -> dict[str, dict[str, None]]:
        """By how the names end that trust policies may mean, the ARNs of their roles."""
        endings = [self._endings(arns[0]) for arns in self._alike]
        found: dict[str, dict[str, None]] = {}
        for arn, number in self._number_of.items():
            for each in endings[number]:
                found.setdefault(each, {})[arn] = None
        return found

    def _endings(self, arn: str) -> set[str]:
        instants = self._instants
        found: set[str] = set()
        is_known = False
        for directory, side in zip(instants.directories, instants.sides_of(arn), strict=True):
            if side.policy is not None:
                found |= instants.meant_by(side.policy)
                is_known = True
            elif find_resources(directory, arn):
                found.add(EVERYBODY)
        return found if is_known else {EVERYBODY}


def _said_at(directory: Directory, key: EntityKey, arn: str) -> tuple[Hashable, ...] | None:
    """The texts of a role's trust policies; None where its ARN may mean another one at the instant."""
    entity = directory.get(*key)
    if entity is None:
        return ("absent",)
    if not entity.exists or key[1] != "role" or arn_in_policies(directory, entity) != arn:
        return None
    return tuple([(each.document, each.why) for each in resource_sources(entity)])
