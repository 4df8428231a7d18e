"""What differs between two instants: who may what at one of them alone, or under other conditions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from erstwhile.domain.history.comparing.naming import Named
from erstwhile.domain.history.comparing.outcome import Outcome

Change = Literal["gained", "lost", "changed"]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What one principal may at one instant and not at the other, or under other conditions.

    Each of `actions` on each of `resources`: one whose account neither its ARN nor the Directory tells counts as one of
    the principal's own. `events` are positions: the events by which facts on the path began or ended in between; none
    where the clock alone did it."""

    principal: str
    account: str
    unique_id: str
    change: Change
    actions: tuple[Named, ...]
    resources: tuple[Named, ...]
    resource_account: str
    """Whose these resources are, where it is another account than the principal's: patterns such as `*` speak of the
    resources of its own account, of AWS and of no account."""
    before: Outcome
    after: Outcome
    example: tuple[str, str]
    """An action and a resource of it."""
    events: tuple[int, ...]


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """A principal that is there at one of the instants only, with the positions of the events that made or ended it."""

    principal: str
    account: str
    unique_id: str
    change: Literal["gained", "lost"]
    events: tuple[int, ...]


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """`unclear` names the principals whose policies are too many to be compared; `decided` counts those that had to
    be looked at, because something that bears on them changed."""

    before: datetime
    after: datetime
    differences: tuple[Difference, ...] = ()
    whole: tuple[Whole, ...] = ()
    unclear: tuple[str, ...] = ()
    decided: int = 0


def are_named_alike(differences: Sequence[Difference]) -> bool:
    """Whether the actions are named as they are for whoever has the same statements about them: no patterns of others
    can name them in fewer."""
    return all(
        len(each.actions) == 1 and not each.actions[0].also and not each.actions[0].excepts for each in differences
    )


def order(each: Difference) -> tuple[str, ...]:
    """By what differences are sorted."""
    return each.principal, each.change, each.actions[0].pattern, each.resources[0].pattern, each.unique_id
