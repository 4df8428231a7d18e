"""Single actions that stand for the patterns of a statement."""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.domain.policy.knowledge.service_reference import actions_of, service_of
from erstwhile.domain.policy.language.document import Statement
from erstwhile.domain.policy.language.match import matches_action


def actions_like(statement: Statement, arn: str) -> Iterator[str]:
    """Every action that a statement of a resource's policy allows, as far as the resource's service has it: an action
    that is written out is yielded as it is, a pattern stands for all actions of the service that it matches."""
    service = service_of(arn)
    of_service = [f"{service}:{name}" for name in actions_of(service)]
    if arn.rpartition(":")[2].startswith("role/"):
        of_service = [f"sts:{name}" for name in actions_of("sts")]
    if statement.actions is None:
        spared = statement.not_actions or ()
        yield from (each for each in of_service if not any(matches_action(one, each) for one in spared))
        return
    for pattern in dict.fromkeys(statement.actions):
        if "*" not in pattern and "?" not in pattern:
            yield pattern
        else:
            yield from (each for each in of_service if matches_action(pattern, each))
