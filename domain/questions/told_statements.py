"""How an answer names a statement that a principal has by a policy of columns, and which event put it in force."""

from __future__ import annotations

import msgspec

from erstwhile.domain.directory.held import HeldPolicy
from erstwhile.domain.policy.inputs.request import Determining
from erstwhile.domain.policy.language.bearing_statement import BearingStatement


def defining_event(policy: HeldPolicy, granted_by: int) -> int:
    """The position of the event that put the words of a policy in force, which another one gave."""
    return granted_by if is_defined_by_grant(policy) else policy.defined_by


def is_defined_by_grant(policy: HeldPolicy) -> bool:
    """Whether the event that gave a policy also put its words in force."""
    return policy.policy.startswith("inline:") and not policy.defined_by


def told_statement(
    policy: HeldPolicy, here: str, granted_by: int, layer: str, statement: BearingStatement, is_undecided: bool = False
) -> Determining:
    return Determining(
        effect="Allow", policy=policy.policy, version=policy.version, statement=statement.number, sid=statement.sid,
        path=(here, *policy.path), granted_by=granted_by, defined_by=defining_event(policy, granted_by), layer=layer,
        undecided=True if is_undecided else msgspec.UNSET,
    )  # fmt: skip
