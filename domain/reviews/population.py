"""The population of a review: its lines in order, numbered, with actors and reviewers, and the hash over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec
import orjson

from erstwhile.domain.events.reviews import FrozenLine, ReviewOpened
from erstwhile.domain.history.happenings import Happenings
from erstwhile.domain.reviews.access_held import access_held
from erstwhile.domain.reviews.asked import AskedReview, Population, key_of
from erstwhile.domain.reviews.grants_held import grants_held
from erstwhile.domain.reviews.reviewers import Rule, reviewers_of
from erstwhile.domain.vocabulary.instants import BEFORE, format_instant


def frozen_lines(
    population: Population, asked: AskedReview, rules: Sequence[Rule], happenings: Happenings
) -> list[FrozenLine]:
    """All lines of a population, in an order that does not depend on how its state is kept."""
    found = access_held(population, asked) if asked.action else grants_held(population, asked)
    lines = sorted(found, key=_order)
    told = happenings.read({each.event for each in lines if each.event})
    numbered = []
    for number, line in enumerate(lines, 1):
        happening = told.get(line.event)
        # What an event only shows to have been before, its actor did not do.
        is_act = happening is not None and line.since != format_instant(BEFORE)
        entity = population.directory.get(*key_of(line)) if line.unique_id else None
        numbered.append(
            msgspec.structs.replace(
                line,
                number=number,
                by=happening.actor if is_act and happening is not None else "",
                reviewers=reviewers_of(rules, line, entity.tags if entity is not None else {}),
            )
        )
    return numbered


def _order(line: FrozenLine) -> tuple[str, ...]:
    return line.account, line.kind, line.principal, line.unique_id, line.path, line.via, line.policy, line.how


def population_hash(opened: ReviewOpened, lines: Iterable[FrozenLine]) -> str:
    """The SHA-256 over the query and all lines, as lines of canonical JSON (RFC 8785), each ended by a newline: a
    second run gives it again, and a list that was handed out can be compared with it."""
    query = {
        "accounts": opened.accounts, "kinds": opened.kinds, "action": opened.action, "resource": opened.resource,
        "resource_account": opened.resource_account, "as_of": opened.as_of, "known_at": opened.known_at,
        "used_since": opened.used_since, "rules": opened.rules,
    }  # fmt: skip
    digest = hashlib.sha256()
    for each in (query, *(msgspec.to_builtins(line) for line in lines)):
        digest.update(orjson.dumps(each, option=orjson.OPT_SORT_KEYS))
        digest.update(b"\n")
    return digest.hexdigest()
