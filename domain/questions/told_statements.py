"""How an answer names the statements that principals have by policies of columns, and which events put these in force:
once for all who have a policy, and as one of them has it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from erstwhile.domain.directory.held import Held, HeldPolicy
from erstwhile.domain.policy.inputs.request import Determining
from erstwhile.domain.policy.language.bearing_statement import BearingStatement
from erstwhile.domain.questions.policy_says import Sayings, Says

PRINCIPAL = "principal"
"""The first step of a path, in place of the principal that has the policy."""
NOT_OWN = -1
OF_BOUNDARY = -2


class ToldStatements:
    """Of one question. A statement as all have it who have its policy has a path that begins at `PRINCIPAL` and is
    without the steps of a way (`Held.through`), and names no event that gave the policy."""

    def __init__(self, held: Held, policies: Sequence[HeldPolicy], sayings: Sayings) -> None:
        """`policies`: those of `held`, with what the Directory alone knows of them."""
        self._held = held
        self._policies = policies
        self._sayings = sayings
        self._begins, self._policy = held.begins.data, held.policy.data
        self._way, self._granted_by = held.way.data, held.granted_by.data
        self._told: dict[tuple[int, str, int, bool], Determining] = {}

    def is_of_event(self, pair: int) -> bool:
        """Whether the event that gave a pair's policy also put its words in force."""
        return _is_defined_by_grant(self._policies[self._policy[pair]])

    def allowing(self, pair: int, says: Says) -> list[tuple[int, Determining]]:
        """The statements of a pair's policy that allow it for certain, as all have them, each with its rank."""
        policy = self._policy[pair]
        return [(each.rank, self.of(policy, "identity", each)) for each in says.allowing]

    def of_boundary(self, number: int) -> list[Determining]:
        """Those of a principal's boundary."""
        boundary = self._held.boundary.item(number)
        if boundary < 0:
            return []
        document = self._policies[boundary].document
        assert document is not None
        return [self.of(boundary, "permissions_boundary", each) for each in self._sayings.of(document).allowing]

    def of(self, policy: int, layer: str, statement: BearingStatement, is_undecided: bool = False) -> Determining:
        """A statement of a policy as all have it: the same object for all."""
        key = policy, layer, statement.number, is_undecided
        found = self._told.get(key)
        if found is None:
            found = self._told[key] = _told(self._policies[policy], layer, statement, is_undecided)
        return found

    def as_all(self, each: Determining, where: int) -> Determining:
        """One of a single principal, as all have it."""
        return each if where == NOT_OWN else msgspec.structs.replace(each, path=(PRINCIPAL, each.path[-1]))

    def where(self, number: int, each: Determining) -> int:
        """By which of its policies a principal has a statement; or NOT_OWN, OF_BOUNDARY."""
        if each.layer == "permissions_boundary":
            return OF_BOUNDARY
        if each.layer != "identity":
            return NOT_OWN
        pairs = range(self._begins[number], self._begins[number + 1])
        ways = [(self._policies[self._policy[pair]].policy, self.path(pair)) for pair in pairs]
        return ways.index((each.policy, each.path[1:]))

    def given(self, each: Determining, here: str, number: int, where: int) -> Determining:
        """A statement as one principal has it, by one of its policies or by its boundary. `here`: how its path
        begins."""
        if where == OF_BOUNDARY:
            policy, granted_by = self._held.boundary.item(number), self._held.bounded_by.item(number)
            path: tuple[str, ...] = (self._policies[policy].step,)
        else:
            pair = self._begins[number] + where
            policy, granted_by, path = self._policy[pair], self._granted_by[pair], self.path(pair)
        defined_by = defining_event(self._policies[policy], granted_by)
        return msgspec.structs.replace(each, path=(here, *path), granted_by=granted_by, defined_by=defined_by)

    def path(self, pair: int) -> tuple[str, ...]:
        """What follows a principal's own name on the way to one of its policies."""
        return (*self._held.through(self._way[pair]), self._policies[self._policy[pair]].step)


def defining_event(policy: HeldPolicy, granted_by: int) -> int:
    """The position of the event that put the words of a policy in force, which another one gave."""
    return granted_by if _is_defined_by_grant(policy) else policy.defined_by


def _is_defined_by_grant(policy: HeldPolicy) -> bool:
    """Whether the event that gave a policy also put its words in force."""
    return policy.policy.startswith("inline:") and not policy.defined_by


def _told(policy: HeldPolicy, layer: str, statement: BearingStatement, is_undecided: bool) -> Determining:
    return Determining(
        effect="Allow", policy=policy.policy, version=policy.version, statement=statement.number, sid=statement.sid,
        path=(PRINCIPAL, policy.step), granted_by=0, defined_by=policy.defined_by, layer=layer,
        undecided=True if is_undecided else msgspec.UNSET,
    )  # fmt: skip
