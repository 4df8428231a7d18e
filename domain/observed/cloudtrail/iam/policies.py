"""Translates operations on policies, their versions, attachments and boundaries."""

from __future__ import annotations

from typing import TypedDict

from erstwhile.domain.events import Body
from erstwhile.domain.events import policies as p
from erstwhile.domain.observed.cloudtrail.iam.subjects import subject
from erstwhile.domain.observed.cloudtrail.record import Record, Translator, Untranslatable
from erstwhile.domain.observed.documents import document_text
from erstwhile.domain.vocabulary.identifiers import Ref, policy_name_of


class _Named(TypedDict):
    subject: Ref
    arn: str


def attach(kind: str) -> Translator:
    return lambda record: [p.PolicyAttached(subject=subject(record, kind), policy_arn=record.need("policyArn"))]


def detach(kind: str) -> Translator:
    return lambda record: [p.PolicyDetached(subject=subject(record, kind), policy_arn=record.need("policyArn"))]


def put_inline(kind: str) -> Translator:
    return lambda record: [
        p.InlinePolicyPut(
            subject=subject(record, kind),
            policy_name=record.need("policyName"),
            document=document_text(record.p("policyDocument")),
        )
    ]


def delete_inline(kind: str) -> Translator:
    return lambda record: [p.InlinePolicyDeleted(subject=subject(record, kind), policy_name=record.need("policyName"))]


def put_boundary(kind: str) -> Translator:
    return lambda record: [
        p.PermissionsBoundarySet(subject=subject(record, kind), policy_arn=record.need("permissionsBoundary"))
    ]


def delete_boundary(kind: str) -> Translator:
    return lambda record: [p.PermissionsBoundaryRemoved(subject=subject(record, kind))]


def create_policy(record: Record) -> list[Body]:
    arn = record.r("policy", "arn")
    path = str(record.r("policy", "path") or record.p("path") or "/")
    name = str(record.r("policy", "policyName") or record.need("policyName"))
    return [
        p.PolicyCreated(
            subject=Ref("policy", name, str(record.r("policy", "policyId") or "")),
            arn=str(arn or f"arn:{record.partition}:iam::{record.account}:policy{path}{name}"),
            path=path,
            document=document_text(record.p("policyDocument")),
            description=str(record.p("description") or ""),
            tags=record.tags(),
            version_id=str(record.r("policy", "defaultVersionId") or "v1"),
        )
    ]


def _policy(record: Record) -> _Named:
    arn = record.need("policyArn")
    return {"subject": Ref("policy", policy_name_of(arn)), "arn": arn}


def create_policy_version(record: Record) -> list[Body]:
    version = record.r("policyVersion", "versionId")
    if not version:
        raise Untranslatable("CreatePolicyVersion without responseElements.policyVersion.versionId")
    return [
        p.PolicyVersionCreated(
            **_policy(record),
            version_id=str(version),
            document=document_text(record.p("policyDocument")),
            is_default=bool(record.p("setAsDefault") or record.r("policyVersion", "isDefaultVersion")),
        )
    ]


def delete_policy_version(record: Record) -> list[Body]:
    return [p.PolicyVersionDeleted(**_policy(record), version_id=record.need("versionId"))]


def set_default_policy_version(record: Record) -> list[Body]:
    return [p.DefaultPolicyVersionSet(**_policy(record), version_id=record.need("versionId"))]


def delete_policy(record: Record) -> list[Body]:
    return [p.PolicyDeleted(**_policy(record))]
