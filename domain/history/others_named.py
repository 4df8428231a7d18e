"""Whom the policies of a resource named over a window, and who are no users or roles of a known account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.question import Question
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.policy_carriers import carriers, is_partial_secret
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.knowledge.service_reference import partition_of
from erstwhile.domain.questions.outsiders import named_outsiders, others_of
from erstwhile.domain.vocabulary.identifiers import is_account_id

_WITHOUT_ENTITY = ("session", "federated_user")
"""Kinds of principals that are there as long as something else is, and that no entity stands for."""


def others_named(
    facts: ReadFacts, request: Request, begin: datetime, end: datetime
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Whom the resource's policies named at some time of the window, and who are no user, role or root of a known
    account: each by the names that stand for it, with whether it is an outsider."""
    history = facts.history
    instants = {begin}
    for key in _carriers(history, request.resource):
        for row in facts.course(key).intervals:
            instants.update(at for at in (row.valid_from, row.valid_to) if begin < at < end)
    found: dict[tuple[str, ...], bool] = {}
    for instant in sorted(instants):
        directory = Question(history, request, None, facts).directory(instant)
        target = engine_of(directory).target(request, "")
        owners = [target.owner] if target.owner is not None and is_account_id(target.owner) else []
        policies = [target.policy] if target.policy is not None else []
        named = named_outsiders(directory, policies, request.action.lower(), partition_of(request.resource), owners)
        for name, caller in named.callers.items():
            is_outsider = directory.mode(caller.account) is None or caller.kind == "provider"
            found.setdefault((name, *others_of(caller)), is_outsider)
        # A role may come later than the policy that names a session of it, and its account too.
        found |= {(name,): False for name in named.absent if parse_caller(name).kind in _WITHOUT_ENTITY}
    yield from found.items()


def _carriers(history: FactHistory, resource: str) -> list[EntityKey]:
    """The resources, roles and users whose policies ever were about a resource."""
    arns = (resource, *carriers(resource))
    found = dict.fromkeys(key for arn in arns for key in history.with_arn(arn))
    if is_partial_secret(resource):
        found |= dict.fromkeys(history.secrets_called(resource))
    return [key for key in found if key[1] in ("resource", "role", "user")]
