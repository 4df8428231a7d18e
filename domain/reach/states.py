"""The states of a window between the changes that concern reach: of a path it can be said in which of them it was
there.

A condition on the clock may turn within a state: that is not looked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.windows import TICK, Window
from erstwhile.domain.reach.running import RUNS_AS
from erstwhile.domain.vocabulary.identifiers import is_account_id

_CONCERNS = frozenset(
    (
        a.ENTITY, a.TAG, a.COVERAGE, a.VANISHED, a.ATTACHED, a.INLINE, a.BOUNDARY, a.MEMBER_OF, a.TRUST, a.ROLE,
        a.ACCESS_KEY, a.LOGIN_PROFILE, a.CREDENTIAL_REPORT, a.MFA, a.VERSION, a.DEFAULT, a.GAP, a.POLICY, a.STATEMENT,
        a.MODE, a.ORGANIZATION, a.NODE, a.GUARDRAIL, a.TARGET, a.POLICY_TYPE,
    )
)  # fmt: skip
"""The attributes on which an edge may rest."""


_OF_ORGANIZATION = frozenset((a.ORGANIZATION, a.NODE, a.GUARDRAIL, a.TARGET, a.POLICY_TYPE))
"""Those of the attributes that limit other accounts than the one whose entity has them."""


def states(
    history: FactHistory, begin: datetime, end: datetime, accounts: frozenset[str] | None = None
) -> list[Window]:
    """The parts of [begin, end) in which no fact changes on which an edge may rest. `accounts`: those whose principals
    and resources are looked at; None: all."""
    turns = {begin}
    for key in history.changed(begin, end - TICK):
        # What AWS itself has (its managed policies) is of no account of ours.
        is_looked_at = accounts is None or key[0] in accounts or not is_account_id(key[0])
        for interval in history.intervals_of(key):
            if concerns(interval) and (is_looked_at or interval.attribute in _OF_ORGANIZATION):
                turns.update(each for each in _ends(interval) if begin < each < end)
    starts = sorted(turns)
    return list(zip(starts, [*starts[1:], end], strict=True))


def concerns(interval: Interval) -> bool:
    """Whether an edge may rest on a fact."""
    is_running = interval.attribute == a.SETTING and interval.entity.startswith(f"{RUNS_AS}/")
    return is_running or interval.attribute in _CONCERNS


def _ends(interval: Interval) -> Iterator[datetime]:
    yield interval.valid_from
    yield interval.valid_to
