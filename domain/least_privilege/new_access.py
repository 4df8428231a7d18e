"""What new policies allow that old ones do not: each statement's actions and resources are cut into the parts that all
patterns tell apart, and one request of each is decided by both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from erstwhile.domain.least_privilege.cells import actions_of, contexts_of, resources_of, variable_keys
from erstwhile.domain.least_privilege.grants import Grants
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.vocabulary.context_values import ContextDict

EFFORT = 20_000_000
"""Steps for one answer."""
MOST_SHOWN = 20


class NewAccess(msgspec.Struct, frozen=True, kw_only=True):
    """A request that the new policies allow and the old ones do not, and the statement that lets it in: by its number
    among all statements of the new policies, and its Sid. Action and resource stand for others of their kind."""

    statement: int
    sid: str
    action: str
    resource: str
    context: Mapping[str, Sequence[str]]


def new_access(old: Iterable[str], new: Iterable[str], most: int = MOST_SHOWN, steps: int = EFFORT) -> list[NewAccess]:
    """Requests that documents `new` allow together and documents `old` do not, one for each statement and action, up to
    `most`; none where there is nothing new. Raises UnreadablePolicy, and TooMuch where their patterns and conditions
    take more than `steps`."""
    before, after = Grants(old), Grants(new)
    found: list[NewAccess] = []
    effort = Effort(steps)
    for number, statement in enumerate(after.statements):
        if statement.allows:
            for each in _of_statement(number, statement, before, after, effort):
                found.append(each)
                if len(found) >= most:
                    return found
    return found


def _of_statement(
    number: int, statement: CompiledStatement, before: Grants, after: Grants, effort: Effort
) -> Iterator[NewAccess]:
    for action in actions_of(statement, [*before.statements, *after.statements], effort):
        example = _first(statement, action, before, after, effort)
        if example is not None:
            resource, context = example
            yield NewAccess(
                statement=number, sid=statement.statement.sid, action=action, resource=resource, context=context
            )


def _first(
    statement: CompiledStatement, action: str, before: Grants, after: Grants, effort: Effort
) -> tuple[str, ContextDict] | None:
    telling = [*before.about(action), *after.about(action)]
    for resource, context in requests_of(statement, telling, effort):
        if after.allows(action, resource, context) and not before.allows(action, resource, context):
            return resource, context
    return None


def requests_of(
    statement: CompiledStatement, telling: Sequence[CompiledStatement], effort: Effort
) -> Iterator[tuple[str, ContextDict]]:
    """A resource and a context of each kind that statements about one action tell apart, within one of them. Raises
    TooMuch."""
    variables = variable_keys(telling)
    if variables:
        # What a variable stands for says which resources there are: each context has its own.
        for context in contexts_of(telling, variables):
            effort.spend(1 + len(telling))
            for resource in resources_of(statement, telling, context, effort):
                yield resource, context
        return
    contexts = None
    for resource in resources_of(statement, telling, {}, effort):
        bearing = [each for each in telling if each.covers(resource)]
        if len(bearing) == len(telling):
            contexts = contexts if contexts is not None else list(contexts_of(telling))
            found: Iterable[ContextDict] = contexts
        else:
            found = contexts_of(bearing)
        for context in found:
            effort.spend(1 + len(bearing))
            yield resource, context
