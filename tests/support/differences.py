"""What a difference between two instants tells of one action and resource, and what there is to tell."""

from __future__ import annotations

from typing import Any

from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.comparing.naming import Named
from erstwhile.domain.history.comparing.outcome import DENIED, Outcome
from erstwhile.domain.history.comparing.standing import Standing
from erstwhile.domain.history.difference import Diff, Difference
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.language.match import matches_action, matches_resource
from erstwhile.domain.vocabulary.identifiers import account_in


def covers(named: Named, text: str, matches: Any) -> bool:
    return (
        matches(named.pattern, text)
        and all(matches(each, text) for each in named.also)
        and not any(matches(each, text) for each in named.excepts)
    )


def told(found: Diff, unique_id: str, action: str, resource: str) -> list[Difference]:
    return [
        each
        for each in found.differences
        if each.unique_id == unique_id
        and any(covers(named, action, matches_action) for named in each.actions)
        and each.resource_account == (account_in(resource) if account_in(resource) not in ("aws", each.account) else "")
        and any(covers(named, resource, matches_resource) for named in each.resources)
    ]


def outcome(
    directory: DirectoryView, second: DirectoryView, key: tuple[str, str, str], action: str, resource: str
) -> Outcome:
    entity = directory.get(*key)
    if entity is None or not entity.exists:
        return DENIED
    try:
        return Standing(directory, directory.arn_of(entity), second).outcome(action, resource)
    except UnknownPrincipal:
        return DENIED
