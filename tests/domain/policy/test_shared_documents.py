"""Thousands of principals have the same policies: an engine and an index compile each once, whatever else is compiled
meanwhile."""

from __future__ import annotations

import pytest

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.policies import PolicyAttached, PolicyCreated
from erstwhile.domain.events.principals import UserCreated
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language import statement
from erstwhile.domain.policy.language.statement import CompiledDocument, forget_documents
from erstwhile.domain.questions.index import Index
from tests.support.documents import allow
from tests.support.given import ACCOUNT, arn, directory_of, policy, user

NAMES = ("ada", "bob")
SHARED = arn("policy/p")


def _both_have_it() -> Directory:
    return directory_of(
        PolicyCreated(subject=policy("p"), arn=SHARED, document=allow("s3:Get*")),
        *(UserCreated(subject=user(name)) for name in NAMES),
        *(PolicyAttached(subject=user(name), policy_arn=SHARED) for name in NAMES),
    )


def _documents(directory: Directory, name: str) -> list[CompiledDocument]:
    authorize(directory, Request(principal=arn(f"user/{name}"), action="s3:GetObject", resource="arn:aws:s3:::b/x"))
    identity = engine_of(directory).side(arn(f"user/{name}")).identity
    assert identity is not None
    return [document for document, _ in identity.documents]


def test_principals_of_one_engine_share_what_is_compiled_of_their_policies() -> None:
    directory = _both_have_it()
    [ones] = _documents(directory, "ada")
    forget_documents()
    [others] = _documents(directory, "bob")
    assert others is ones


def test_an_index_compiles_nothing_again_for_another_action(monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index(_both_have_it())
    forget_documents()
    monkeypatch.delattr(statement, "parse_document")
    for action in ("s3:GetObject", "s3:GetObjectAcl"):
        assert len(index.who(action, "arn:aws:s3:::b/x", resource_account=ACCOUNT).allowed) == len(NAMES)
        assert len(index.may_within(action, "arn:aws:s3:::*", ())) == len(NAMES)
