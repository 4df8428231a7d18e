"""Whether policies allow actions at all, on some resource, under some conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson

from erstwhile.domain.least_privilege.cells import actions_of
from erstwhile.domain.least_privilege.grants import Grants
from erstwhile.domain.least_privilege.new_access import EFFORT, MOST_SHOWN, NewAccess, requests_of
from erstwhile.domain.policy.language.match import matches, matches_resource
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from erstwhile.domain.vocabulary.malformed import MalformedInput


class MalformedCheck(MalformedInput):
    """not something that policies can be checked for"""

    code = "malformed_check"


def granted(
    documents: Iterable[str],
    actions: Sequence[str],
    resources: Sequence[str] = ("*",),
    most: int = MOST_SHOWN,
    steps: int = EFFORT,
) -> list[NewAccess]:
    """Requests for one of these actions on one of these resources (patterns as in policies) that documents allow
    together, one for each action, up to `most`; none where nothing of that is granted. Raises MalformedCheck,
    UnreadablePolicy and TooMuch."""
    for action in actions:
        if action != "*" and action.count(":") != 1:
            raise MalformedCheck(f"expected an action such as s3:GetObject, not {action!r}")
    grants, effort = Grants(documents), Effort(steps)
    asked = _statement(actions, resources)
    wanted = [action.lower() for action in actions]
    found: list[NewAccess] = []
    for action in actions_of(asked, [asked, *grants.statements], effort):
        if any(matches(each, action) for each in wanted):
            example = _first(asked, action, grants, resources, effort)
            if example is not None:
                found.append(example)
                if len(found) >= most:
                    break
    return found


def _statement(actions: Sequence[str], resources: Sequence[str]) -> CompiledStatement:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}],
    }
    return compile_document(orjson.dumps(document).decode(), completes=True).statements[0]


def _first(
    asked: CompiledStatement, action: str, grants: Grants, resources: Sequence[str], effort: Effort
) -> NewAccess | None:
    telling = [asked, *grants.about(action)]
    for resource, context in requests_of(asked, telling, effort):
        if "*" not in resources and not any(matches_resource(each, resource) for each in resources):
            continue
        if grants.allows(action, resource, context):
            number, by = next(
                (number, each)
                for number, each in enumerate(grants.statements)
                if each.allows and each.speaks_of(action) and each.may_cover(resource)
            )
            return NewAccess(statement=number, sid=by.statement.sid, action=action, resource=resource, context=context)
    return None
