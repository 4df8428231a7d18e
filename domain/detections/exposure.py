"""A resource's or role's policy let in everybody, or an account that is not known. The engine says whether it did: a
deny elsewhere in the policy, or a guardrail, counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from erstwhile.domain.detections.catalogue import PUBLIC, UNKNOWN_ACCOUNT
from erstwhile.domain.detections.finding import Certainty, Finding, Severity
from erstwhile.domain.detections.touched import lets_in
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history.around_event import AroundEvent
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.difference import Difference
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.inputs.resource_policies import resource_sources
from erstwhile.domain.policy.knowledge.service_reference import partition_of
from erstwhile.domain.policy.language.patterns.pattern_parts import TooManyParts, TooMuch
from erstwhile.domain.questions.outsiders import ANYBODY, named_outsiders, others_of

_SHOWN = 3


def exposures(
    history: FactHistory, at: datetime, position: int, rows: Iterable[Interval], account: str = ""
) -> Iterator[Finding]:
    """Whom the policies that an event made or changed let in, of those who are everybody or of an account that is not
    known."""
    keys = [key for key in lets_in(rows, position) if account in ("", key[0])]
    if not keys:
        return
    directory = directory_at(history, at)
    around = AroundEvent(history, position)
    for key in keys:
        entity = directory.get(*key)
        if entity is not None:
            arn = directory.arn_of(entity)
            for name, of in _strangers(directory, entity).items():
                gained, unclear = _gained(around, at, name)
                if gained or unclear:
                    yield _finding(at, position, key[0], arn, of, gained, unclear)


def _strangers(directory: Directory, entity: Entity) -> dict[str, str]:
    """Whom the policies of a role or resource name who is everybody or of an account that is not known: the name that
    is asked about → `*`, or the account. One name stands for each account."""
    layer = Layer("resource", resource_sources(entity))
    partition = partition_of(directory.arn_of(entity))
    found: dict[str, str] = {}
    for name, caller in named_outsiders(directory, [layer], None, partition, ()).callers.items():
        if name == ANYBODY:
            found[name] = ANYBODY
        elif caller.account and directory.mode(caller.account) is None:
            found.update(dict.fromkeys(_asked(name, caller), caller.account))
    return found


def _asked(name: str, caller: Caller) -> tuple[str, ...]:
    # The root of an account may not assume roles: its roles stand for it too.
    return others_of(caller)[:1] or (name,)


def _gained(around: AroundEvent, at: datetime, name: str) -> tuple[list[Difference], str]:
    """What the event let a stranger do; and why that is not known, where it is too much."""
    try:
        found = diff(around, at - TICK, at, principal=name)
    except (TooManyParts, TooMuch) as error:
        return [], str(error)
    return [each for each in found.differences if each.change == "gained"], ""


def _finding(
    at: datetime, position: int, account: str, arn: str, of: str, gained: list[Difference], unclear: str
) -> Finding:
    is_public = of == ANYBODY
    conditions = _conditions(gained)
    certainty: Certainty = "possible" if unclear else "conditional" if conditions else "certain"
    severity: Severity = "medium" if certainty != "certain" else "critical" if is_public else "high"
    actions = list(dict.fromkeys(each.pattern for one in gained for each in one.actions))
    shown = ", ".join(actions[:_SHOWN]) + (f" and {len(actions) - _SHOWN} more" if len(actions) > _SHOWN else "")
    return Finding(
        kind=PUBLIC if is_public else UNKNOWN_ACCOUNT, severity=severity, at=at, account=account, subject=arn,
        detail=of,
        what=f"{arn} let in {'everybody' if is_public else f'account {of}, which is not known'}: {shown or 'unclear'}",
        certainty=certainty, because=(unclear,) if unclear else conditions, position=position,
        who=of, privileges=tuple(actions),
    )  # fmt: skip


def _conditions(gained: list[Difference]) -> tuple[str, ...]:
    """On what all of it depends; nothing where some of it depends on nothing. What another account allows its own is no
    condition of the one that lets it in."""
    found: dict[str, None] = {}
    for each in gained:
        words = [
            f"{'if' if term.effect == 'Allow' else 'unless'} {one.operator} {one.key} {', '.join(one.values)}"
            for term in each.after.terms
            for one in term.conditions
        ]
        words += [f"depends on {key}" for key in each.after.depends_on]
        if not words:
            return ()
        found.update(dict.fromkeys(words))
    return tuple(found)
