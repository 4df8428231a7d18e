"""The permissions that a call needs: pairs of action and resource. A call is allowed when all of them are allowed.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html,
.../list_awssecuritytokenservice.html, and each operation's page in the API reference
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec

from erstwhile.api.aws.access.call import Call
from erstwhile.api.aws.access.resource import arn_of, kinds_of, resources_of
from erstwhile.domain.policy.knowledge.service_reference import action_details, actions_of

_SESSIONS = ("AssumeRole", "GetFederationToken")


class Need(msgspec.Struct, frozen=True):
    """`passes`: the call passes the resource (a role) to a service; the condition keys are those of iam:PassRole."""

    action: str
    resource: str
    passes: bool = False


def needs_of(call: Call) -> Iterator[Need]:
    """All permissions that a call needs, its own action first."""
    resources = resources_of(call)
    own = f"{call.service}:{call.operation}"
    for resource in resources:
        yield Need(own, resource)
    for action in _beside(call):
        yield Need(action, resources[0])
    if call.operation == "AddRoleToInstanceProfile":
        yield Need("iam:PassRole", arn_of(call, "role", call.given["RoleName"]), passes=True)


def _beside(call: Call) -> Iterator[str]:
    """Actions that parameters require on the same resource: creating with tags requires the tagging action, and
    beginning a session with tags, a source identity or contexts requires setting those.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required,
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
    """
    if call.service == "iam":
        if call.get("Tags") and not call.operation.startswith("Tag"):
            yield from (f"iam:{each}" for kind in kinds_of(call.operation) for each in _tagging(kind))
        return
    own = call.identity.session
    is_chained = own is not None and call.operation == "AssumeRole"
    hands_on_tags = own is not None and is_chained and bool(own.transitive)
    if call.operation in _SESSIONS and (call.get("Tags") or hands_on_tags):
        yield "sts:TagSession"  # for transitive tags of the session, too
    if call.operation == "AssumeRole":
        if call.get("SourceIdentity") or (own is not None and own.source_identity):
            yield "sts:SetSourceIdentity"
        if call.get("ProvidedContexts"):
            yield "sts:SetContext"
    if call.operation == "GetWebIdentityToken" and call.get("Tags"):
        yield "sts:TagGetWebIdentityToken"


@cache
def _tagging(kind: str) -> tuple[str, ...]:
    """The action that adds tags to a type of resource."""
    return tuple(
        name
        for name in actions_of("iam")
        if name.startswith("Tag") and any(each["name"] == kind for each in _types(name))
    )


def _types(name: str) -> list[dict[str, object]]:
    details = action_details("iam", name)
    return list(details["resourceTypes"]) if details is not None else []
