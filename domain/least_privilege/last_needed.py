"""When a policy was needed last: the last call that no other grant would have allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.least_privilege.held import of_group
from erstwhile.domain.least_privilege.replayed_calls import replayed
from erstwhile.domain.policy.inputs.sources import groups_of
from erstwhile.domain.what_if.calls import RecordedCall
from erstwhile.domain.what_if.changes import AnyChange
from erstwhile.domain.what_if.changes.attachments import DeleteInlinePolicy, DetachPolicy


def without_each(directory: Directory, entity: Entity) -> Iterator[tuple[str, AnyChange]]:
    """Each policy that a user or role has, itself or by a group, and the change that takes it away."""
    yield from _without_own(directory, entity)
    for _, group in groups_of(directory, entity):
        if group is not None:
            yield from ((of_group(policy, group), change) for policy, change in _without_own(directory, group))


def _without_own(directory: Directory, holder: Entity) -> Iterator[tuple[str, AnyChange]]:
    who = directory.arn_of(holder)
    for arn in holder.attached_policies:
        yield arn, DetachPolicy(principal=who, policy=arn)
    for name in holder.inline_policies:
        yield f"inline:{name}", DeleteInlinePolicy(principal=who, name=name)


class DistinctCalls:
    """Of calls that are alike the last: the others are decided the same."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], RecordedCall] = {}

    def noting(self, calls: Iterable[RecordedCall]) -> Iterator[RecordedCall]:
        """The calls, in the order of time, as they come; they are noted."""
        for call in calls:
            key = (call.principal, call.action, call.resources, call.account, *sorted(call.context.items()))
            self._found[key] = call
            yield call

    def __iter__(self) -> Iterator[RecordedCall]:
        return iter(self._found.values())


def last_needed(
    present: Directory, without: Mapping[str, Directory], calls: Iterable[RecordedCall]
) -> dict[str, RecordedCall | None]:
    """Policy → the last of these calls that would fail without it, all else as it is; None where none would. `without`:
    policy → the Directory without it."""
    found: dict[str, RecordedCall | None] = {}
    for policy, directory in without.items():
        needed = (each.call for each in replayed(present, directory, calls).broken if not each.may_fail)
        found[policy] = max(needed, key=lambda call: call.at, default=None)
    return found
