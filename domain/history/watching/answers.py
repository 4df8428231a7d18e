"""The answer of a watch: who could, from when to when, over all time, as `ever` finds it; of all principals, or of
one."""

from __future__ import annotations

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.ever import Holder, ever, never
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.held_periods import held_periods
from erstwhile.domain.history.question import Question
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.watching.watch import Asked
from erstwhile.domain.history.wide_history import WideHistory
from erstwhile.domain.history.windows import ALWAYS

MOST_STATES = 5_000_000_000
"""States that are looked at for a whole answer: nobody waits for it."""

HolderKey = EntityKey
"""Account, kind, and unique id; an ARN or name in place of that for those who have none here."""
Answer = dict[HolderKey, Holder]


def holder_key(holder: Holder) -> HolderKey:
    return holder.account, holder.kind, holder.unique_id or holder.principal


def whole_answer(history: WideHistory, asked: Asked) -> Answer:
    """Everyone who could at any time, but for those that the watch excepts. Raises MalformedArn."""
    watch = asked.watch
    begin, end = ALWAYS
    found = never(
        ever(
            history, asked.action, watch.resource, begin, end, account=watch.account,
            resource_account=watch.resource_account, most_states=MOST_STATES,
        ),
        watch.excepting,
    ).ever  # fmt: skip
    return {holder_key(each): each for each in (*found.allowed, *found.conditional, *found.unknown)}


def answer_of_one(history: FactHistory, facts: ReadFacts, asked: Asked, key: EntityKey) -> Holder | None:
    """The same of one user or role; None where it never could, or is not watched. `facts`: what was read of the history
    for other principals."""
    if asked.watch.account not in (None, key[0]):
        return None
    found = held_periods(Question(history, asked.request, key, facts), *ALWAYS)
    if not found.periods or asked.watch.excepts(found.principal, key[2]):
        return None
    return Holder(
        principal=found.principal, kind=key[1], account=key[0], unique_id=key[2], periods=tuple(found.periods)
    )
