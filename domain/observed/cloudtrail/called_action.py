"""Which IAM actions a recorded call needs. CloudTrail names the operation of the API; policies name actions, of which
some have another name.

That an operation and an action have one name is no proof that this action suffices: an answer says that it went by
name. Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html,
https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html and those of `action_exceptions`
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from erstwhile.domain.observed.cloudtrail.action_exceptions import API_GATEWAY, EXCEPTIONS, SERVICES
from erstwhile.domain.observed.cloudtrail.translate import operation
from erstwhile.domain.policy.knowledge.service_reference import action_details

How = Literal["name", "exception", "own map", "none"]
_FIRST_WORD = re.compile(r"[A-Z][a-z]+")


class CalledActions(NamedTuple):
    """The actions that a call needs, and how they were found: by the operation's name, by an exception to that, or by a
    map that somebody imported. `none`: there is no action of that name; the call's own name stands for it."""

    actions: tuple[str, ...]
    how: How


@lru_cache(maxsize=8192)
def plain_action(call: str) -> str:
    """A call without the version of its API: `lambda:AddPermission` of `lambda:AddPermission20150331v2`."""
    service, _, name = call.partition(":")
    return f"{service}:{operation(service, name)[0]}"


@lru_cache(maxsize=8192)
def actions_of_call(call: str) -> CalledActions:
    """The actions that a call (`s3:ListBuckets`, as activity names it) needs, as AWS's reference writes them."""
    service, _, name = plain_action(call).partition(":")
    service = SERVICES.get(service, service)
    found = EXCEPTIONS.get(f"{service}:{name}")
    if found is not None:
        return CalledActions(found, "exception")
    if service == "apigateway" and (first := _FIRST_WORD.match(name)) and first[0] in API_GATEWAY:
        return CalledActions((f"apigateway:{API_GATEWAY[first[0]]}",), "exception")
    details = action_details(service.lower(), name)
    if details is None:
        return CalledActions((f"{service}:{name}",), "none")
    return CalledActions((f"{service}:{details['name']}",), "name")


@lru_cache(maxsize=8192)
def action_of_call(call: str) -> str:
    """The first action of a call, as policies name it; the call's own name where no other is known."""
    return actions_of_call(call).actions[0]
