"""The words of a question: which action, which resource, and whose it is. What does not exist is refused, with what may
have been meant."""

from __future__ import annotations

from difflib import get_close_matches

import msgspec

from erstwhile.api.applications.names import Names, bucket_path
from erstwhile.api.problems import bad_request
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.inputs.principals import find_resources
from erstwhile.domain.policy.knowledge.service_reference import (
    action_details,
    actions_of,
    is_service,
    partition_of,
    service_of,
    services,
)
from erstwhile.domain.policy.language.match import matches_action
from erstwhile.domain.questions.told_actions import actions_named, is_told
from erstwhile.domain.vocabulary.identifiers import Arn, MalformedArn

_SHOWN = 3


class OwnedResource(msgspec.Struct, frozen=True):
    """A resource by its ARN, and whose it is, where that was given or follows. `notes` say what was assumed."""

    resource: str
    account: str | None
    notes: tuple[str, ...] = ()


def require_action(action: str) -> None:
    """Raises Problem unless it has the form of one action: a service and an operation, without wildcards."""
    service, _, operation = action.partition(":")
    if not service or not operation:
        raise bad_request("malformed_action", f"{action!r} is not an action: expected service:Operation, s3:GetObject")
    if "*" in action or "?" in action:
        known = [f"{service}:{name}" for name in actions_of(service.lower())]
        meant = [each for each in known if matches_action(action, each)]
        raise bad_request(
            "action_pattern",
            f"{action!r} stands for {len(meant) or 'no'} actions{_examples(meant)}: ask about one action at a time",
        )


def actions_meant(directory: Directory, pattern: str) -> list[str] | None:
    """The actions that a pattern of one service stands for; None for what is no pattern. Raises Problem where it stands
    for none, and for a pattern of services."""
    if "*" not in pattern and "?" not in pattern:
        return None
    service, colon, _ = pattern.partition(":")
    if not colon or not service or "*" in service or "?" in service:
        raise bad_request("action_pattern", f"{pattern!r}: a pattern is of one service, such as s3:Get*")
    known = [f"{service}:{name}" for name in actions_of(service.lower())] or actions_named(directory, service)
    meant = [each for each in known if matches_action(pattern, each)]
    if not meant:
        raise bad_request("unknown_action", f"{pattern!r} stands for no action of {service}")
    return meant


def _examples(found: list[str]) -> str:
    return f" ({', '.join(found[:_SHOWN])}{', …' if len(found) > _SHOWN else ''})" if found else ""


def require_existing(directory: Directory, names: Names, action: str) -> None:
    """Raises Problem for an action that there is not: of a service of AWS, one that neither the service authorization
    reference nor any policy has; of another, where a service of AWS was meant and no policy or resource has it."""
    require_action(action)
    service, _, name = action.partition(":")
    service = service.lower()
    if is_service(service):
        if action_details(service, name) is not None or action.lower() in _lowered(actions_named(directory, service)):
            return
        meant = [f"{service}:{each}" for each in _close(name, actions_of(service))]
        raise bad_request("unknown_action", f"there is no action {action}{_did_you_mean(meant)}")
    if _is_own(directory, names, service):
        return
    meant = [f"{each}:{name}" for each in _close(service, services())]
    if meant:
        raise bad_request(
            "unknown_action",
            f"there is no action {action}: AWS has no service {service}, and no policy or resource here speaks of it"
            f"{_did_you_mean(meant)}",
        )


def _lowered(actions: list[str]) -> set[str]:
    return {each.lower() for each in actions}


def _close(word: str, known: tuple[str, ...]) -> list[str]:
    by_lower = {each.lower(): each for each in known}
    return [by_lower[each] for each in get_close_matches(word.lower(), by_lower, n=_SHOWN, cutoff=0.75)]


def _did_you_mean(meant: list[str]) -> str:
    return f"; did you mean {' or '.join(meant)}?" if meant else ""


def _is_own(directory: Directory, names: Names, service: str) -> bool:
    """Whether a service that AWS does not have is an application's own."""
    if service in names.own_services():
        return True
    if any(service_of(entity.id).lower() == service for entity in directory.of_kind("resource")):
        return True
    return is_told(directory, service)


def require_resource(directory: Directory, names: Names, word: str, account: str | None) -> OwnedResource:
    """A resource as a question names it: an ARN, `*`, or s3://bucket/key. Where the question does not say whose it is,
    and only one account is known, it is taken to be that one's. Raises Problem."""
    resource = _of_bucket(directory, names, word) if word.startswith("s3://") else word
    if resource == "*":
        return OwnedResource(resource, account)
    try:
        named = Arn.parse(resource).account
    except MalformedArn as error:
        raise bad_request("malformed_arn", f"{error}, s3://bucket/key or *") from None
    if account or named or find_resources(directory, resource):
        return OwnedResource(resource, account)
    partition = partition_of(resource)
    owners = [each for each in directory.accounts() if directory.partition(each) == partition]
    if len(owners) != 1:
        return OwnedResource(resource, None)
    [owner] = owners
    note = f"nobody said whose {resource} is: taken to be of {owner}, the only account that is known"
    return OwnedResource(resource, owner, (note,))


def _of_bucket(directory: Directory, names: Names, word: str) -> str:
    """The ARN of an S3 URI, in the partition of the bucket where that is known, else of the accounts."""
    path = bucket_path(word)
    partitions = list(dict.fromkeys(directory.partition(each) for each in directory.accounts()))
    for partition in partitions:
        if find_resources(directory, f"arn:{partition}:s3:::{path}"):
            return f"arn:{partition}:s3:::{path}"
    return f"arn:{partitions[0] if len(partitions) == 1 else names.partition}:s3:::{path}"
