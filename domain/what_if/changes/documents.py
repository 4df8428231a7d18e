"""Changes of trust policies and of the policies of resources."""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.principals import TrustPolicyUpdated
from erstwhile.domain.events.resources import ResourcePolicyDeleted, ResourcePolicyPut
from erstwhile.domain.policy.language.principal_binding import bindings
from erstwhile.domain.what_if.changes.base import Change, Made
from erstwhile.domain.what_if.lookups import ImpossibleChange, need, need_document, need_owner, ref


class SetTrust(Change, frozen=True, kw_only=True, tag="set-trust"):
    """A role gets another trust policy."""

    role: str
    document: str

    def made(self, there: Directory) -> Iterator[Made]:
        role = need(there, self.role, "role")
        need_document(self.document, "trust", f"the trust policy of {self.role}")
        yield (
            role.account,
            TrustPolicyUpdated(subject=ref(role), document=self.document, principals=bindings(there, self.document)),
        )


class SetResourcePolicy(Change, frozen=True, kw_only=True, tag="set-resource-policy"):
    """A resource gets a policy, or another one. `account`: whose it is, where neither its ARN nor the Directory tells
    (an S3 bucket)."""

    resource: str
    document: str
    account: str = ""

    def made(self, there: Directory) -> Iterator[Made]:
        need_document(self.document, "resource", f"the policy of {self.resource}")
        yield (
            need_owner(there, self.resource, self.account),
            ResourcePolicyPut(
                resource=self.resource, document=self.document, principals=bindings(there, self.document)
            ),
        )


class DeleteResourcePolicy(Change, frozen=True, kw_only=True, tag="delete-resource-policy"):
    resource: str

    def made(self, there: Directory) -> Iterator[Made]:
        entity = there.with_arn(self.resource)
        if entity is None or (entity.resource_policy is None and not entity.policy_statements):
            raise ImpossibleChange(f"no policy of {self.resource} is known at that instant")
        yield entity.account, ResourcePolicyDeleted(resource=self.resource)
