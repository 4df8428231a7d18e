"""Thousands of principals have the same policies: an engine compiles each once, whatever else is compiled meanwhile."""

from __future__ import annotations

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.policies import PolicyAttached, PolicyCreated
from erstwhile.domain.events.principals import UserCreated
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.statement import CompiledDocument, forget_documents
from tests.support.documents import allow
from tests.support.given import arn, directory_of, policy, user

NAMES = ("ada", "bob")


def _documents(directory: Directory, name: str) -> list[CompiledDocument]:
    authorize(directory, Request(principal=arn(f"user/{name}"), action="s3:GetObject", resource="arn:aws:s3:::b/x"))
    identity = engine_of(directory).side(arn(f"user/{name}")).identity
    assert identity is not None
    return [document for document, _ in identity.documents]


def test_principals_of_one_engine_share_what_is_compiled_of_their_policies() -> None:
    shared = arn("policy/p")
    directory = directory_of(
        PolicyCreated(subject=policy("p"), arn=shared, document=allow("s3:GetObject")),
        *(UserCreated(subject=user(name)) for name in NAMES),
        *(PolicyAttached(subject=user(name), policy_arn=shared) for name in NAMES),
    )
    [ones] = _documents(directory, "ada")
    forget_documents()
    [others] = _documents(directory, "bob")
    assert others is ones
