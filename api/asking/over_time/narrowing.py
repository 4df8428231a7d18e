"""A policy that allows what was used, with its two proofs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from erstwhile.api.asking.over_time.ground import Ground, head_of
from erstwhile.api.problems import bad_request, not_found
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.least_privilege.grants import UnreadablePolicy
from erstwhile.domain.least_privilege.held import HeldPolicy, held_policies, words_of
from erstwhile.domain.least_privilege.last_needed import DistinctCalls, last_needed, without_each
from erstwhile.domain.least_privilege.narrow import Evidence, NothingRecorded, OldPolicy, Proposal, narrow
from erstwhile.domain.least_privilege.new_access import new_access
from erstwhile.domain.least_privilege.replayed_calls import (
    Replayed,
    in_place_of_all,
    in_place_of_policy,
    replayed,
)
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.policy.language.validate import first_problem
from erstwhile.domain.use.used import UseRecords
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.what_if.lookups import ImpossibleChange, need
from erstwhile.domain.what_if.supposed import SupposedHistory
from erstwhile.projections.recorded_calls import needed_calls

SEASONS = timedelta(days=396)
"""Thirteen months: what is used once a year is seen."""
MOST_SHOWN = 100
_HOLDERS = ("user", "group", "role")
"""Kinds of entities to which policies are attached."""


class Narrowed(NamedTuple):
    """What is narrowed: a user or role with all of its policies, or one managed policy of all that have it."""

    entity: Entity
    principals: list[Entity]
    policies: list[HeldPolicy]


def narrowed(ground: Ground, use: UseRecords, what: str, drop_seasonal: bool) -> dict[str, Any]:
    """The answer as JSON. Raises Problem."""
    directory, window = ground.last_directory(), ground.window
    found = _found(directory, what)
    unseen = [each.why or each.policy for each in found.policies if each.document is None]
    if unseen:
        raise bad_request("policy_not_seen", f"what a policy says is not known: {'; '.join(unseen)}")
    arns = [directory.arn_of(each) for each in found.principals]
    used = use.of(arns, window.end - SEASONS, window.end)
    covered = [use.covered(each, window.begin, window.end) for each in sorted({e.account for e in found.principals})]
    names = [words_of(directory, each, found.entity) for each in found.policies]
    old = [_old(each, name, window.begin) for each, name in zip(found.policies, names, strict=True)]
    try:
        proposal = narrow(old, used, covered, window.begin, drop_seasonal)
    except (NothingRecorded, UnreadablePolicy) as error:
        raise bad_request("nothing_to_narrow", f"{what}: {error}") from None
    distinct = DistinctCalls()
    problem = first_problem(proposal.document, "identity") if proposal.statements else ""
    return {
        **head_of(ground, {"what": directory.arn_of(found.entity)}),
        "principals": arns, "replaces": names,
        **_proposal_json(proposal), "problem": problem,
        "nothing_new": _nothing_new(old, proposal),
        "replay": _replayed(ground, directory, found, proposal, distinct) if proposal.statements else None,
        "last_needed": _last_needed(ground, directory, found, distinct),
        "notes": list(window.notes),
    }  # fmt: skip


def _found(directory: Directory, what: str) -> Narrowed:
    try:
        entity = need(directory, what, "user", "role", "policy")
    except ImpossibleChange as error:
        raise not_found("not_found", str(error)) from None
    if entity.kind != "policy":
        held, _ = held_policies(directory, [entity])
        if not held:
            raise bad_request("nothing_to_narrow", f"{what} has no policies")
        return Narrowed(entity, [entity], held)
    holders = _holders(directory, entity)
    principals = {each.key: each for holder in holders for each in _principals(directory, holder)}
    held, _ = held_policies(directory, list(principals.values()))
    arn = directory.arn_of(entity)
    own = [each for each in held if each.policy == arn]
    if not own:
        raise bad_request("nothing_to_narrow", f"nobody has {what}")
    return Narrowed(entity, list(principals.values()), own[:1])


def _holders(directory: Directory, policy: Entity) -> list[Entity]:
    arn = directory.arn_of(policy)
    # One of AWS's may be attached in any account.
    accounts = dict.fromkeys(account for kind in _HOLDERS for account in directory.accounts_with(kind))
    uses = (each for account in accounts for each in directory.uses_of(account, arn))
    return [each for each in uses if arn in each.attached_policies]


def _principals(directory: Directory, holder: Entity) -> Iterable[Entity]:
    return directory.members_of(holder) if holder.kind == "group" else [holder]


def _old(held: HeldPolicy, name: str, begin: datetime) -> OldPolicy:
    assert held.document is not None
    since = held.since
    return OldPolicy(name=name, document=held.document, is_young=since is not None and since >= begin)


def _nothing_new(old: list[OldPolicy], proposal: Proposal) -> dict[str, Any]:
    """Whether the proposal allows nothing that the old policies do not. `holds` None: it is too much to tell."""
    try:
        found = new_access([each.document for each in old], [proposal.document])
    except TooMuch as error:
        return {"holds": None, "found": [], "why": str(error)}
    requests = [{"statement": each.statement, "action": each.action, "resource": each.resource} for each in found]
    return {"holds": not found, "found": requests, "why": ""}


def _replayed(
    ground: Ground, directory: Directory, found: Narrowed, proposal: Proposal, distinct: DistinctCalls
) -> dict[str, Any]:
    if found.entity.kind == "policy":
        arn = directory.arn_of(found.entity)
        changes = in_place_of_policy(directory, _holders(directory, found.entity), arn, proposal.document)
    else:
        changes = in_place_of_all(directory, found.entity, proposal.document)
    window = ground.window
    supposed = SupposedHistory(ground.history, window.end - TICK, changes)
    calls = (
        call
        for each in found.principals
        for call in needed_calls(ground.connection, window.begin, window.end, window.known_at, directory.arn_of(each))
    )
    return _replay_json(replayed(directory, directory_at(supposed, supposed.made_at), distinct.noting(calls)))


def _last_needed(
    ground: Ground, directory: Directory, found: Narrowed, distinct: DistinctCalls
) -> list[dict[str, Any]]:
    """Of the policies that a user or role has, itself or by groups."""
    if found.entity.kind == "policy":
        return []
    without = {}
    for policy, change in without_each(directory, found.entity):
        supposed = SupposedHistory(ground.history, ground.window.end - TICK, [change])
        without[policy] = directory_at(supposed, supposed.made_at)
    return [
        {"policy": policy, "at": format_instant(call.at) if call else None, "action": call.action if call else "",
         "record": call.key if call else ""}
        for policy, call in last_needed(directory, without, distinct).items()
    ]  # fmt: skip


def _proposal_json(proposal: Proposal) -> dict[str, Any]:
    return {
        "policy": orjson.loads(proposal.document), "characters": len(proposal.document),
        "evidence": [_evidence_json(each) for each in proposal.evidence],
        "removed": list(proposal.removed), "warnings": list(proposal.warnings),
    }  # fmt: skip


def _evidence_json(each: Evidence) -> dict[str, Any]:
    return {
        "statement": each.statement, "action": each.action, "why": each.why, "told": each.told,
        "last": format_instant(each.last) if each.last else None, "calls": each.calls, "months": list(each.months),
    }  # fmt: skip


def _replay_json(found: Replayed) -> dict[str, Any]:
    return {
        "holds": not found.broken, "calls": found.calls, "passed_over": found.passed_over,
        "broken_in_all": len(found.broken),
        "broken": [
            {"record": each.call.key, "at": format_instant(each.call.at), "principal": each.call.principal,
             "action": each.call.action, "resource": each.resource,
             "how": "may fail" if each.may_fail else "would fail"}
            for each in found.broken[:MOST_SHOWN]
        ],
    }  # fmt: skip
