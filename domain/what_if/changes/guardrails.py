"""Changes of guardrails: service and resource control policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.organizations import GuardrailAttached, GuardrailDetached, GuardrailPut
from erstwhile.domain.policy.inputs.guardrails import GuardrailType
from erstwhile.domain.what_if.changes.base import Change, Made
from erstwhile.domain.what_if.lookups import ImpossibleChange, need_document, need_guardrail, need_organization


class AttachGuardrail(Change, frozen=True, kw_only=True, tag="attach-guardrail"):
    """A service or resource control policy is attached to a root, unit or account: a new one by its document, one that
    is there by its id or name."""

    target: str
    document: str = ""
    policy: str = ""
    kind: GuardrailType = "SERVICE_CONTROL_POLICY"

    def made(self, there: Directory) -> Iterator[Made]:
        if bool(self.document) == bool(self.policy):
            raise ImpossibleChange(f"a guardrail for {self.target}: either a document or a policy that is there")
        if self.document:
            use: Literal["scp", "rcp"] = "scp" if self.kind == "SERVICE_CONTROL_POLICY" else "rcp"
            need_document(self.document, use, f"the guardrail for {self.target}")
            organization = need_organization(there, self.target)
            policy = f"p-supposed{len(organization.guardrails)}"
            yield organization.account, GuardrailPut(policy=policy, policy_type=self.kind, document=self.document)
        else:
            organization, policy = need_guardrail(there, self.policy)
            if self.target not in organization.nodes:
                raise ImpossibleChange(f"the organisation of {self.policy} has no {self.target} at that instant")
        yield organization.account, GuardrailAttached(policy=policy, target=self.target)


class DetachGuardrail(Change, frozen=True, kw_only=True, tag="detach-guardrail"):
    policy: str
    target: str

    def made(self, there: Directory) -> Iterator[Made]:
        organization, policy = need_guardrail(there, self.policy)
        if f"{policy}@{self.target}" not in organization.guardrail_targets:
            raise ImpossibleChange(f"{self.policy} is not attached to {self.target} at that instant")
        yield organization.account, GuardrailDetached(policy=policy, target=self.target)


class SetGuardrail(Change, frozen=True, kw_only=True, tag="set-guardrail"):
    """A service or resource control policy says something else, wherever it is attached."""

    policy: str
    document: str

    def made(self, there: Directory) -> Iterator[Made]:
        need_document(self.document, "guardrail", f"guardrail {self.policy}")
        organization, policy = need_guardrail(there, self.policy)
        yield organization.account, GuardrailPut(policy=policy, document=self.document)
