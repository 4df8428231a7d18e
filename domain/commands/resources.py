"""Commands about policies on resources, and organisations."""

from erstwhile.domain.commands.base import Command
from erstwhile.domain.events.organizations import OrganizationNode, OrganizationPolicy


class RegisterResource(Command, frozen=True, kw_only=True):
    """The resource is so from now on: these tags and no others; this policy, or None for none."""

    resource: str
    resource_type: str = ""
    tags: dict[str, str] = {}
    document: str | None = None


class DeregisterResource(Command, frozen=True, kw_only=True):
    resource: str


class PutResourcePolicy(Command, frozen=True, kw_only=True):
    resource: str
    document: str


class DeleteResourcePolicy(Command, frozen=True, kw_only=True):
    resource: str


class SetOrganization(Command, frozen=True, kw_only=True):
    """Declare the organisation whose management account this is: its tree and its guardrails."""

    organization: str
    nodes: tuple[OrganizationNode, ...]
    policies: tuple[OrganizationPolicy, ...]


class PutGuardrail(Command, frozen=True, kw_only=True):
    policy: str
    policy_type: str
    name: str
    document: str


class AttachGuardrail(Command, frozen=True, kw_only=True):
    policy: str
    target: str


class DetachGuardrail(Command, frozen=True, kw_only=True):
    policy: str
    target: str


class DeleteGuardrail(Command, frozen=True, kw_only=True):
    policy: str
