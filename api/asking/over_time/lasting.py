"""Since when and until when it has been so, for each line of an answer about an instant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from erstwhile.api.asking.over_time.spans import Telling, instant
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.grants import Link, grants
from erstwhile.domain.history.question import Question
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.since import Lasting, first, last, lasting
from erstwhile.domain.history.timeline import Span
from erstwhile.domain.history.windows import ALWAYS, Window
from erstwhile.domain.policy.inputs.principals import find_principal
from erstwhile.domain.policy.inputs.request import Determining, Request
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER

MOST = 500
"""Principals of an answer whose access is followed over time."""


def add_to_who_can(
    telling: Telling,
    history: FactHistory,
    answer: dict[str, Any],
    at: datetime,
    action: str,
    resource: str,
    resource_account: str | None,
    context: ContextValues | None,
) -> tuple[str, ...]:
    """To each principal that may, or may on a condition: how long the effect has been the same without a pause, which
    events began and end that, and when it was allowed first and last. Returns what is to be said of those that are left
    out."""
    facts = ReadFacts(history)
    holders = [each for name in ("allowed", "conditional") for each in answer[name]]
    found: list[tuple[dict[str, Any], Lasting, Question]] = []
    for holder in holders[:MOST]:
        request = Request(
            principal=holder["principal"], action=action, resource=holder.get("example") or resource,
            resource_account=resource_account, context=context or {}, mode="discover",
        )  # fmt: skip
        question = Question(history, request, facts=facts)
        found.append((holder, lasting(question, at), question))
    telling.events.read(change.position for _, each, _ in found for change in (*each.since_causes, *each.until_causes))
    for holder, each, question in found:
        holder["lasting"] = {
            "from": instant(each.since),
            "to": instant(each.until),
            "began": telling.changes(each.since_causes),
            "ended": telling.changes(each.until_causes),
            "first": _span(first(question, *ALWAYS)),
            "last": _span(last(question, *ALWAYS)),
        }
    if len(holders) <= MOST:
        return ()
    return (f"since when and until when is told of {MOST} principals of {len(holders):,}: ask about one account",)


def _span(span: Span | None) -> dict[str, str | None] | None:
    return None if span is None else {"from": instant(span.begin), "to": instant(span.end)}


def add_to_what_can(history: FactHistory, known_at: int, answer: dict[str, Any], at: datetime) -> None:
    """To each statement: how long this principal has had it, in these words, by this path."""
    facts = ReadFacts(history)
    facts.turn_to(at)
    directory = DirectoryView(facts, known_at, at)
    entity = None if answer["is_root"] else find_principal(directory, answer["principal"])
    if entity is None:
        return
    for name, layer in (("permissions", "identity"), ("boundary_permissions", "permissions_boundary")):
        for line in answer[name]:
            statement = Determining(
                effect=line["effect"], policy=line["policy"], version=line["version"], statement=line["statement"],
                sid=line["sid"], path=tuple(line["path"]), granted_by=line["granted_by"],
                defined_by=line["defined_by"], layer=layer,
            )  # fmt: skip
            request = Request(principal=answer["principal"], action="", resource="*")
            [chain] = grants(directory, history, request, entity.key, (statement,))
            windows = [each for link in chain.links for each in _windows(history, link, at)]
            since = max((begin for begin, _ in windows), default=BEFORE)
            until = min((end for _, end in windows), default=FOREVER)
            line["lasting"] = {"from": instant(since), "to": instant(until)}


def _windows(history: FactHistory, link: Link, at: datetime) -> Iterator[Window]:
    """How long a fact of a chain holds around an instant; of a policy's version, also how long it is the default."""
    key: EntityKey = (link.account, link.kind, link.entity)
    places = [(link.attribute, link.item)]
    if link.attribute == attributes.VERSION:
        places.append((attributes.DEFAULT, ""))
    for row in history.intervals_of(key):
        if (row.attribute, row.item) in places and row.valid_from <= at < row.valid_to:
            begin = min(link.since, row.valid_from) if row.attribute == attributes.ENTITY else row.valid_from
            yield begin, row.valid_to
