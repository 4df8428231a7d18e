"""Who may come from elsewhere: identity providers, other accounts, anybody, as the trusts of roles name them."""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.knowledge.service_reference import partition_of
from erstwhile.domain.questions.outsiders import named_outsiders, others_of
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.openings import Opening
from erstwhile.domain.reach.questions import Questions

_INSIDE = ("service", "session")
"""Services act for the account, by what is passed to them; a session is its role's."""


def outsiders_of(questions: Questions, opening: Opening) -> Iterator[Node]:
    """Those whom a role's trust names for the opening's action, and who are no user or role of a known account. The
    roles of an account stand for its root, which may not assume roles."""
    [asked] = opening.asks
    [action] = asked.actions
    request = Request(principal="", action=action, resource=asked.resource)
    policy = questions.engine.target(request, opening.account).policy
    if policy is None:
        return
    named = named_outsiders(questions.directory, [policy], action.lower(), partition_of(asked.resource), ())
    for name, caller in named.callers.items():
        is_provider = caller.kind == "provider"
        if caller.kind not in _INSIDE and is_provider == (opening.family.kind == "federated"):
            yield from map(Node, dict.fromkeys((name, *others_of(caller))))
