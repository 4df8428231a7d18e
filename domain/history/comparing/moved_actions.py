"""Which actions have to be compared: of all others, nothing that bears on them differs between two instants."""

from __future__ import annotations

from pyroaring import BitMap

from erstwhile.domain.history.comparing.action_groups import ActionGroups
from erstwhile.domain.history.comparing.instants import Instants
from erstwhile.domain.history.comparing.resource_cells import OWN_RULES, TAGS, ResourceCells
from erstwhile.domain.history.comparing.standing import Standing
from erstwhile.domain.policy.language.statement import CompiledStatement


def moved_statements(
    instants: Instants, both: tuple[Standing, Standing], cells: ResourceCells, changed_keys: set[str]
) -> list[CompiledStatement] | None:
    """The statements that may decide otherwise at one instant than at the other, about all resources or some; None
    where that may be so whatever statements are about. `changed_keys`: the condition keys of the principal that
    differ."""
    is_within_moved = instants.within is not None and instants.has_within_moved
    if instants.limited or instants.changing_hands or is_within_moved or both[0].shape != both[1].shape:
        return None
    said = [[*one.said, *one.said_of_resources] for one in both]
    before, after = ({(each.place, each.content): each.compiled for each in those} for those in said)
    compiled = [each.compiled for those in said for each in those]
    moved = [before.get(key) or after[key] for key in before.keys() ^ after.keys()]
    moved += [each for each in compiled if not each.keys_read.isdisjoint(changed_keys)]
    if instants.moved:
        moved += [each for each in compiled if any(key.startswith(TAGS) for key in each.keys_read)]
    for arn in cells.meaning:
        if arn not in instants.moved and instants.read_by(arn).isdisjoint(changed_keys):
            continue
        moved += [each for each in cells.limiting(arn) if not each.keys_read.isdisjoint(changed_keys)]
        for side in instants.sides_of(arn):
            policy = side.policy
            if policy is not None and policy.why and arn in instants.moved:
                return None
            for each, _, _ in policy.placed if policy is not None else ():
                if arn in instants.moved or not each.keys_read.isdisjoint(changed_keys):
                    moved.append(each)
    return moved


def moved_actions(actions: ActionGroups, instants: Instants, moved: list[CompiledStatement] | None) -> BitMap:
    """The actions about which something may be decided otherwise at one instant than at the other. `moved`: the
    statements by which that may be."""
    if moved is None:
        return actions.everything
    found = actions.spoken_of(each.statement for each in moved)
    return found | actions.with_beginnings(OWN_RULES) if instants.may_be_unknown else found
