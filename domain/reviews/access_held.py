"""The population of a review of one action on one resource: everybody who can do it, might, or of whom that is not
known, with a line for each statement by which."""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.domain.events.reviews import FrozenLine
from erstwhile.domain.history.since import since_when
from erstwhile.domain.history.timeline import question_of
from erstwhile.domain.policy.inputs.request import Determining
from erstwhile.domain.questions.who_can import Holder, who_can
from erstwhile.domain.reviews.asked import AskedReview, Population
from erstwhile.domain.vocabulary.instants import format_instant


def access_held(population: Population, asked: AskedReview) -> Iterator[FrozenLine]:
    """The lines without numbers, reviewers and actors, in no order. `since` is since when the principal has been able
    to without a pause; `event` is the last of those that made it so.

    Raises MalformedArn, and TooMuch for a pattern of resources that takes too long."""
    found = who_can(population.directory, asked.action, asked.resource, resource_account=asked.resource_account or None)
    population.prepare(each.principal for each in (*found.allowed, *found.conditional, *found.unknown))
    for how in ("allowed", "conditional", "unknown"):
        for holder in getattr(found, how):
            if not asked.accounts or holder.account in asked.accounts:
                yield from _of(population, asked, holder, how)


def _of(population: Population, asked: AskedReview, holder: Holder, how: str) -> Iterator[FrozenLine]:
    entity = population.directory.get(holder.account, holder.kind, holder.unique_id) if holder.unique_id else None
    common: dict[str, object] = {"how": how, **_since(population, asked, holder)}
    if holder.unique_id or not holder.is_outsider:
        common |= population.use(holder.principal, (asked.action,))
    else:
        common |= {"use": "cannot know", "use_note": "its calls are in the records of its own account"}
    ways = list(dict.fromkeys(_way(each) for each in holder.decision.determining if each.effect == "Allow"))
    for path, via, policy in ways or [("none" if how == "unknown" else "other", "", "")]:
        told = common | {"path": path, "via": via, "policy": policy}
        if entity is not None:
            yield population.entity_line(entity, **told)
        else:
            yield FrozenLine(
                number=0, account=holder.account, unique_id=holder.unique_id, principal=holder.principal, **told  # type: ignore[arg-type]
            )  # fmt: skip


def _way(statement: Determining) -> tuple[str, str, str]:
    """(path, via, policy) of a statement that allows."""
    if statement.layer != "identity":
        return statement.layer, statement.path[-1] if statement.path else "", statement.policy
    if len(statement.path) > 2:
        return "group", statement.path[1].partition("group/")[2], statement.policy
    return "inline" if statement.policy.startswith("inline:") else "direct", "", statement.policy


def _since(population: Population, asked: AskedReview, holder: Holder) -> dict[str, object]:
    """Since when the principal has been able to, and the last event of those that made it so."""
    question = question_of(
        population.history, holder.principal, asked.action, holder.example or asked.resource,
        resource_account=asked.resource_account or None,
    )  # fmt: skip
    since, causes = since_when(question, question.at(population.at))
    event = max((each.position for each in causes), default=0)
    return {"since": format_instant(since), "event": event}
