"""The properties of a CloudFormation resource as pieces of the access state.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html, and the pages of the other
services' resources
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from erstwhile.domain.vocabulary.identifiers import entity_arn
from erstwhile.domain.what_if.pieces import NEW, Piece, UnknownValue

UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
"""What CloudFormation writes in the place of a value that it does not know yet."""
_FUNCTIONS = ("Ref", "Condition")


class Properties:
    """Of one resource. `physical`: its id in AWS, which is the name of a user, group or role, and the ARN of a managed
    policy."""

    def __init__(self, values: dict[str, Any], account: str, physical: str) -> None:
        self._values = values
        self.account = account
        self.physical = physical

    @staticmethod
    def is_known(value: Any) -> bool:
        """Whether a value says all that it will be: nothing in it is known after the application alone."""
        if isinstance(value, str):
            return UNKNOWN not in value
        if isinstance(value, dict):
            if len(value) == 1 and (next(iter(value)) in _FUNCTIONS or next(iter(value)).startswith("Fn::")):
                return False
            return all(Properties.is_known(each) for each in value.values())
        return all(Properties.is_known(each) for each in value) if isinstance(value, list) else value is not None

    def _known(self, name: str, value: Any) -> Any:
        if not self.is_known(value):
            raise UnknownValue(f"{name} is known after the application alone")
        return value

    def text(self, name: str) -> str:
        """Raises UnknownValue where it is not there."""
        found = self._known(name, self._values.get(name))
        if not isinstance(found, str) or not found:
            raise UnknownValue(f"{name} is not a text")
        return found

    def maybe(self, name: str) -> str:
        return self.text(name) if self._values.get(name) else ""

    def texts(self, name: str) -> list[str]:
        """Raises UnknownValue where one of them is not known."""
        found = self._known(name, self._values.get(name) or [])
        return [str(each) for each in (found if isinstance(found, list) else [found])]

    def document(self, name: str) -> str:
        return self._document(name, self._values.get(name))

    def _document(self, name: str, value: Any) -> str:
        found = self._known(name, value)
        return found if isinstance(found, str) else orjson.dumps(found).decode()

    def policies(self) -> Iterator[tuple[str, str]]:
        """The inline policies of a user, group or role: name and document."""
        for each in self._values.get("Policies") or ():
            if isinstance(each, dict):
                name = self._known("Policies", each.get("PolicyName"))
                yield str(name), self._document("Policies", each.get("PolicyDocument"))

    def tags(self) -> Iterator[tuple[str, str]]:
        for each in self._known("Tags", self._values.get("Tags") or []):
            if isinstance(each, dict):
                yield str(each.get("Key")), str(each.get("Value"))

    def arn(self, kind: str) -> str:
        """Its own ARN."""
        return self.physical if self.physical.startswith("arn:") else self._named(kind, self.physical)

    def _named(self, kind: str, name: str) -> str:
        return entity_arn(self.account, kind, self.maybe("Path") or "/", name)

    def arn_of(self, kind: str, name: str) -> str:
        return name if name.startswith("arn:") else entity_arn(self.account, kind, "/", name)

    def whole(self, kind: str) -> Iterator[Piece]:
        """The piece that takes all others along when it goes, of which nothing else is known."""
        of = ENTITIES.get(kind, "")
        if of == "policy":
            yield "policy", self.arn(of), ""
        elif of:
            yield "entity", self.arn(of)


Reader = Callable[[Properties], Iterator[Piece]]
ENTITIES = {
    "AWS::IAM::User": "user", "AWS::IAM::Group": "group", "AWS::IAM::Role": "role", "AWS::IAM::ManagedPolicy": "policy",
}  # fmt: skip
_KINDS = (("user", "Users"), ("group", "Groups"), ("role", "Roles"))


def _principal(kind: str) -> Reader:
    def read(of: Properties) -> Iterator[Piece]:
        arn = of.arn(kind)
        yield "entity", arn
        if kind == "role":
            yield "trust", arn, of.document("AssumeRolePolicyDocument")
        if of.maybe("PermissionsBoundary"):
            yield "boundary", arn, of.text("PermissionsBoundary")
        for key, value in of.tags():
            yield "tag", arn, key, value
        for name, document in of.policies():
            yield "inline", arn, name, document
        for policy in of.texts("ManagedPolicyArns"):
            yield "attached", arn, policy
        if kind == "user":
            for group in of.texts("Groups"):
                yield "member", arn, of.arn_of("group", group)

    return read


def _managed_policy(of: Properties) -> Iterator[Piece]:
    arn = of.arn("policy")
    yield "policy", arn, of.document("PolicyDocument")
    for kind, name in _KINDS:
        for each in of.texts(name):
            yield "attached", of.arn_of(kind, each), arn


def _inline_of_several(of: Properties) -> Iterator[Piece]:
    for kind, name in _KINDS:
        for each in of.texts(name):
            yield "inline", of.arn_of(kind, each), of.text("PolicyName"), of.document("PolicyDocument")


def _inline(kind: str, name: str) -> Reader:
    def read(of: Properties) -> Iterator[Piece]:
        yield "inline", of.arn_of(kind, of.text(name)), of.text("PolicyName"), of.document("PolicyDocument")

    return read


def _members(of: Properties) -> Iterator[Piece]:
    for user in of.texts("Users"):
        yield "member", of.arn_of("user", user), of.arn_of("group", of.text("GroupName"))


def _bucket_policy(of: Properties) -> Iterator[Piece]:
    yield "resource-policy", f"arn:aws:s3:::{of.text('Bucket')}", of.account, of.document("PolicyDocument")


def _topic_policy(of: Properties) -> Iterator[Piece]:
    for topic in of.texts("Topics"):
        yield "resource-policy", topic, "", of.document("PolicyDocument")


def _queue_policy(of: Properties) -> Iterator[Piece]:
    """Of queues by their URLs: https://sqs.eu-west-1.amazonaws.com/111122223333/jobs."""
    for url in of.texts("Queues"):
        parts = url.removeprefix("https://").split("/")
        if len(parts) != 3:
            raise UnknownValue(f"Queues: {url} is no URL of a queue")
        region = parts[0].split(".")[1] if parts[0].startswith("sqs.") else parts[0].split(".")[0]
        yield "resource-policy", f"arn:aws:sqs:{region}:{parts[1]}:{parts[2]}", "", of.document("PolicyDocument")


def _secret_policy(of: Properties) -> Iterator[Piece]:
    yield "resource-policy", of.text("SecretId"), "", of.document("ResourcePolicy")


def _guardrail(of: Properties) -> Iterator[Piece]:
    kind = of.text("Type")
    if kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        policy = of.physical if of.physical.startswith("p-") else NEW + of.text("Name")
        yield "guardrail", policy, kind, of.document("Content")
        for target in of.texts("TargetIds"):
            yield "target", policy, target


READERS: dict[str, Reader] = {
    "AWS::IAM::User": _principal("user"),
    "AWS::IAM::Group": _principal("group"),
    "AWS::IAM::Role": _principal("role"),
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::Policy": _inline_of_several,
    "AWS::IAM::UserPolicy": _inline("user", "UserName"),
    "AWS::IAM::GroupPolicy": _inline("group", "GroupName"),
    "AWS::IAM::RolePolicy": _inline("role", "RoleName"),
    "AWS::IAM::UserToGroupAddition": _members,
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SQS::QueuePolicy": _queue_policy,
    "AWS::SecretsManager::ResourcePolicy": _secret_policy,
    "AWS::Organizations::Policy": _guardrail,
}
"""How the properties of each type of resource are read."""
NOT_READ = dict.fromkeys(
    (
        "AWS::IAM::OIDCProvider", "AWS::IAM::SAMLProvider", "AWS::IAM::AccessKey", "AWS::KMS::Key",
        "AWS::Lambda::Permission", "AWS::Lambda::LayerVersionPermission", "AWS::ECR::Repository",
        "AWS::SSO::Assignment", "AWS::SSO::PermissionSet", "AWS::CloudFormation::Stack",
    ),
    "it bears on access, and is not read",
)  # fmt: skip
"""Types that bear on access and are not read. All others have no say over access."""
