"""Somebody became an administrator: as `domain/reach/administrators.py` says who is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from erstwhile.domain.detections.catalogue import ADMINISTRATOR
from erstwhile.domain.detections.change_hours import ChangeHours
from erstwhile.domain.detections.finding import Certainty, Finding
from erstwhile.domain.detections.touched import concerned, gives
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.around_event import AroundEvent
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.reach.administrators import Administrators
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.questions import How, Questions

_IS: tuple[How, ...] = ("allow", "conditional")


def new_administrators(
    history: FactHistory,
    at: datetime,
    position: int,
    rows: Iterable[Interval],
    hours: ChangeHours | None = None,
    account: str = "",
) -> Iterator[Finding]:
    """Those whom an event made administrators outside the change hours; at any hour where none are given."""
    given = gives(rows)
    if not given or (hours is not None and hours.has(at)):
        return
    after = directory_at(history, at)
    now = Administrators(Questions(after))
    before: DirectoryView | None = None
    for key in concerned(history, after, given):
        entity = after.get(*key)
        if entity is None or (account and key[0] != account):
            continue
        node = Node(after.arn_of(entity))
        how = now.how(node, key[0])
        if how not in _IS:
            continue
        if before is None:
            before = directory_at(AroundEvent(history, position), at - TICK)
            earlier = Administrators(Questions(before))
        known = before.get(*key)
        was: How = "deny" if known is None else earlier.how(Node(before.arn_of(known)), key[0])
        if was not in _IS:
            yield _finding(at, position, key[0], node.principal, how, was, hours)


def _finding(
    at: datetime, position: int, account: str, principal: str, how: How, before: How, hours: ChangeHours | None
) -> Finding:
    certainty: Certainty = "certain"
    because: list[str] = []
    if how == "conditional":
        certainty = "conditional"
        because.append("a condition of its policies decides, which no record settles")
    if before == "unknown":
        certainty = "possible"
        because.append("what it could do before is not known: it may have been an administrator already")
    when = "" if hours is None else f" outside the change hours {hours.begin:%H:%M}-{hours.end:%H:%M} UTC"
    return Finding(
        kind=ADMINISTRATOR, severity="high", at=at, account=account, subject=principal, position=position,
        what=f"{principal} became an administrator{when}", certainty=certainty, because=tuple(because),
        privileges=("*",),
    )  # fmt: skip
