"""The values of a Terraform resource as pieces of the access state.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from erstwhile.domain.vocabulary.identifiers import entity_arn
from erstwhile.domain.what_if.pieces import NEW, Piece, UnknownValue

Values = dict[str, Any]


class Resource:
    """The values of one resource, with the account that the plan is for."""

    def __init__(self, values: Values, account: str, is_configured: Callable[[str], bool] = lambda _: True) -> None:
        """`is_configured`: whether the configuration gives an argument; others tell what other resources made."""
        self._values = values
        self.account = account
        self.is_configured = is_configured

    def text(self, name: str) -> str:
        """Raises UnknownValue where it is not there."""
        found = self._values.get(name)
        if not isinstance(found, str) or not found:
            raise UnknownValue(f"{name} is known after the application alone")
        return found

    def maybe(self, name: str) -> str:
        found = self._values.get(name)
        return found if isinstance(found, str) else ""

    def texts(self, name: str) -> list[str]:
        """Raises UnknownValue where one of them is not known."""
        found = self._values.get(name)
        if found is None:
            return []
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise UnknownValue(f"{name} is known after the application alone")
        return found

    def objects(self, name: str) -> list[Values]:
        found = self._values.get(name)
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    def tags(self) -> dict[str, str]:
        found = self._values.get("tags_all") or self._values.get("tags")
        return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}

    def own_arn(self, kind: str) -> str:
        """The ARN of the IAM entity that it is. Raises UnknownValue."""
        return self.maybe("arn") or entity_arn(self._owner(), kind, self.maybe("path") or "/", self.text("name"))

    def arn_of(self, kind: str, name: str) -> str:
        """The ARN of the IAM entity of a name. Raises UnknownValue."""
        return name if name.startswith("arn:") else entity_arn(self._owner(), kind, "/", name)

    def _owner(self) -> str:
        if not self.account:
            raise UnknownValue("the plan does not tell whose it is: name the account")
        return self.account


Reader = Callable[[Resource], Iterator[Piece]]
ENTITIES = {"aws_iam_user": "user", "aws_iam_group": "group", "aws_iam_role": "role", "aws_iam_policy": "policy"}


def _entity(of: Resource, kind: str) -> Iterator[Piece]:
    arn = of.own_arn(kind)
    yield "entity", arn
    if of.maybe("permissions_boundary"):
        yield "boundary", arn, of.text("permissions_boundary")
    for key, value in of.tags().items():
        yield "tag", arn, key, value


def _user(of: Resource) -> Iterator[Piece]:
    return _entity(of, "user")


def _group(of: Resource) -> Iterator[Piece]:
    return _entity(of, "group")


def _role(of: Resource) -> Iterator[Piece]:
    arn = of.own_arn("role")
    yield from _entity(of, "role")
    yield "trust", arn, of.text("assume_role_policy")
    if of.is_configured("inline_policy"):
        for each in of.objects("inline_policy"):
            name, document = each.get("name"), each.get("policy")
            if isinstance(name, str) and isinstance(document, str):
                yield "inline", arn, name, document
    if of.is_configured("managed_policy_arns"):
        for policy in of.texts("managed_policy_arns"):
            yield "attached", arn, policy


def _policy(of: Resource) -> Iterator[Piece]:
    yield "policy", of.own_arn("policy"), of.text("policy")


def _inline(kind: str) -> Reader:
    def read(of: Resource) -> Iterator[Piece]:
        yield "inline", of.arn_of(kind, of.text(kind)), of.text("name"), of.text("policy")

    return read


def _attachment(kind: str) -> Reader:
    def read(of: Resource) -> Iterator[Piece]:
        yield "attached", of.arn_of(kind, of.text(kind)), of.text("policy_arn")

    return read


def _attachments(of: Resource) -> Iterator[Piece]:
    for kind in ("user", "group", "role"):
        for name in of.texts(f"{kind}s"):
            yield "attached", of.arn_of(kind, name), of.text("policy_arn")


def _groups_of_user(of: Resource) -> Iterator[Piece]:
    for group in of.texts("groups"):
        yield "member", of.arn_of("user", of.text("user")), of.arn_of("group", group)


def _users_of_group(of: Resource) -> Iterator[Piece]:
    for user in of.texts("users"):
        yield "member", of.arn_of("user", user), of.arn_of("group", of.text("group"))


def _bucket_policy(of: Resource) -> Iterator[Piece]:
    yield "resource-policy", f"arn:aws:s3:::{of.text('bucket')}", of.account, of.text("policy")


def _policy_on(attribute: str) -> Reader:
    """The policy of the resource whose ARN is in an attribute; none where it has none."""

    def read(of: Resource) -> Iterator[Piece]:
        if of.maybe("policy"):
            yield "resource-policy", of.text(attribute), "", of.text("policy")

    return read


def _guardrail(of: Resource) -> Iterator[Piece]:
    kind = of.maybe("type") or "SERVICE_CONTROL_POLICY"
    if kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        yield "guardrail", of.maybe("id") or NEW + of.text("name"), kind, of.text("content")


def _guardrail_target(of: Resource) -> Iterator[Piece]:
    yield "target", of.text("policy_id"), of.text("target_id")


READERS: dict[str, Reader] = {
    "aws_iam_user": _user,
    "aws_iam_group": _group,
    "aws_iam_role": _role,
    "aws_iam_policy": _policy,
    "aws_iam_user_policy": _inline("user"),
    "aws_iam_group_policy": _inline("group"),
    "aws_iam_role_policy": _inline("role"),
    "aws_iam_user_policy_attachment": _attachment("user"),
    "aws_iam_group_policy_attachment": _attachment("group"),
    "aws_iam_role_policy_attachment": _attachment("role"),
    "aws_iam_policy_attachment": _attachments,
    "aws_iam_user_group_membership": _groups_of_user,
    "aws_iam_group_membership": _users_of_group,
    "aws_s3_bucket_policy": _bucket_policy,
    "aws_sqs_queue": _policy_on("arn"),
    "aws_sns_topic": _policy_on("arn"),
    "aws_sns_topic_policy": _policy_on("arn"),
    "aws_kms_key": _policy_on("arn"),
    "aws_secretsmanager_secret": _policy_on("arn"),
    "aws_secretsmanager_secret_policy": _policy_on("secret_arn"),
    "aws_organizations_policy": _guardrail,
    "aws_organizations_policy_attachment": _guardrail_target,
}
"""How the values of each type of resource are read. All others have no say over access, or none that is understood."""


def made_value(kind: str, values: Values, attribute: str, account: str) -> str | None:
    """An attribute of a resource that the plan makes, as far as its other values tell it."""
    found, name = values.get(attribute), values.get("name")
    if isinstance(found, str):
        return found
    if kind in ENTITIES and isinstance(name, str):
        if attribute == "arn" or (kind == "aws_iam_policy" and attribute == "id"):
            return Resource(values, account).own_arn(ENTITIES[kind])
        return name if attribute == "id" else None
    if kind == "aws_organizations_policy" and attribute == "id" and isinstance(name, str):
        return NEW + name
    bucket = values.get("bucket")
    if kind == "aws_s3_bucket" and isinstance(bucket, str):
        return {"id": bucket, "arn": f"arn:aws:s3:::{bucket}"}.get(attribute)
    return None
