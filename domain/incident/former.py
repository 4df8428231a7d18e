"""Commands that end what was made, or put back what was there before, by kind of fact.

Source: https://docs.aws.amazon.com/cli/latest/reference/iam/ and the pages of the other services beside it
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from erstwhile.domain.directory import attributes
from erstwhile.domain.incident.report import Left
from erstwhile.domain.vocabulary.identifiers import Arn, MalformedArn

_CREDENTIALS = {
    "ssh-public-key": "aws iam delete-ssh-public-key --user-name {} --ssh-public-key-id {}",
    "signing-certificate": "aws iam delete-signing-certificate --user-name {} --certificate-id {}",
    "service-credential": (
        "aws iam delete-service-specific-credential --user-name {} --service-specific-credential-id {}"
    ),
}
_SETTINGS = {
    "saml provider": "aws iam delete-saml-provider --saml-provider-arn {}",
    "oidc provider": "aws iam delete-open-id-connect-provider --open-id-connect-provider-arn {}",
    "virtual mfa device": "aws iam delete-virtual-mfa-device --serial-number {}",
    "trust anchor": "aws rolesanywhere delete-trust-anchor --trust-anchor-id {}",
    "rolesanywhere profile": "aws rolesanywhere delete-profile --profile-id {}",
    "server certificate": "aws iam delete-server-certificate --server-certificate-name {}",
}
_SHARING = {
    "ec2:ModifySnapshotAttribute": (
        "aws ec2 reset-snapshot-attribute --snapshot-id {} --attribute createVolumePermission"
    ),
    "ec2:ModifyImageAttribute": "aws ec2 reset-image-attribute --image-id {} --attribute launchPermission",
    "lambda:CreateFunction": "aws lambda delete-function --function-name {}",
    "lambda:CreateFunctionUrlConfig": "aws lambda delete-function-url-config --function-name {}",
    "ec2:RunInstances": "aws ec2 stop-instances --instance-ids {}",
    "ec2:ImportKeyPair": "aws ec2 delete-key-pair --key-name {}",
    "ec2:CreateKeyPair": "aws ec2 delete-key-pair --key-name {}",
    "ram:CreateResourceShare": "aws ram delete-resource-share --resource-share-arn {}",
    "s3:PutBucketAcl": "aws s3api put-bucket-acl --bucket {} --acl private",
}


def commands_for(left: Left) -> Iterator[str]:
    """The commands that end a line which stands; none where none is known."""
    if left.attribute in _SHARING:
        yield _SHARING[left.attribute].format(shlex.quote(left.of))
    elif left.attribute.startswith("rds:"):
        cluster = "cluster-" if "Cluster" in left.attribute else ""
        given = left.detail.removeprefix("for ").replace(", ", " ")
        yield (
            f"aws rds modify-db-{cluster}snapshot-attribute --db-{cluster}snapshot-identifier {shlex.quote(left.of)} "
            f"--attribute-name restore --values-to-remove {given}"
        )
    elif left.change == "removed":
        yield from _put_back(left)
    else:
        yield from _end(left)


def _name(arn: str) -> str:
    return shlex.quote(arn.rsplit("/", 1)[-1])


def _end(left: Left) -> Iterator[str]:
    name, item, kind = _name(left.of), shlex.quote(left.item), left.kind
    match left.attribute:
        case attributes.ENTITY if left.change == "made":
            yield from _delete(left)
        case attributes.ACCESS_KEY if kind == "user" and left.change == "made":
            yield f"aws iam delete-access-key --user-name {name} --access-key-id {item}"
        case attributes.ACCESS_KEY if kind == "user" and left.before:
            yield f"aws iam update-access-key --user-name {name} --access-key-id {item} --status {left.before}"
        case attributes.LOGIN_PROFILE:
            yield f"aws iam delete-login-profile --user-name {name}"
        case attributes.MFA:
            yield f"aws iam deactivate-mfa-device --user-name {name} --serial-number {item}"
        case attributes.CREDENTIAL:
            credential = attributes.credential_item(left.item)
            if credential.kind in _CREDENTIALS:
                yield _CREDENTIALS[credential.kind].format(name, shlex.quote(credential.id))
        case attributes.ATTACHED:
            yield f"aws iam detach-{kind}-policy --{kind}-name {name} --policy-arn {item}"
        case attributes.INLINE if left.before is not None:
            yield f"aws iam put-{kind}-policy --{kind}-name {name} --policy-name {item} " + _document(left)
        case attributes.INLINE:
            yield f"aws iam delete-{kind}-policy --{kind}-name {name} --policy-name {item}"
        case attributes.BOUNDARY:
            yield from _boundary(left)
        case attributes.MEMBER_OF:
            yield f"aws iam remove-user-from-group --user-name {name} --group-name {_name(left.item)}"
        case attributes.TRUST if left.before is not None:
            yield f"aws iam update-assume-role-policy --role-name {name} " + _document(left)
        case attributes.VERSION:
            yield f"aws iam delete-policy-version --policy-arn {shlex.quote(left.of)} --version-id {item}"
        case attributes.DEFAULT if left.before is not None:
            yield f"aws iam set-default-policy-version --policy-arn {shlex.quote(left.of)} --version-id {left.before}"
        case attributes.ROLE:
            role = _name(left.item)
            yield f"aws iam remove-role-from-instance-profile --instance-profile-name {name} --role-name {role}"
        case attributes.POLICY:
            yield from _resource_policy(left)
        case attributes.STATEMENT:
            yield from _statement(left)
        case attributes.GRANT:
            yield f"aws kms revoke-grant --key-id {shlex.quote(left.of)} --grant-id {item}"
        case attributes.SETTING if ":lambda:" in left.of:
            yield _SHARING["lambda:CreateFunction"].format(shlex.quote(left.of.split(":")[6]))
        case attributes.SETTING if ":instance/" in left.of:
            yield _SHARING["ec2:RunInstances"].format(name)
        case attributes.SETTING if left.what in _SETTINGS:
            yield _SETTINGS[left.what].format(shlex.quote(left.of))
        case attributes.TARGET if left.change == "made":
            target = attributes.target_item(left.item)
            yield f"aws organizations detach-policy --policy-id {target.policy} --target-id {target.node}"


def _document(left: Left, option: str = "--policy-document") -> str:
    return f"{option} {shlex.quote(left.before or '')}"


def _delete(left: Left) -> Iterator[str]:
    match left.kind:
        case "policy":
            yield f"aws iam delete-policy --policy-arn {shlex.quote(left.of)}"
        case "user" | "group" | "role" | "instance-profile":
            yield f"aws iam delete-{left.kind} --{left.kind}-name {_name(left.of)}"


def _boundary(left: Left) -> Iterator[str]:
    name, kind = _name(left.of), left.kind
    if left.before:
        boundary = shlex.quote(left.before)
        yield f"aws iam put-{kind}-permissions-boundary --{kind}-name {name} --permissions-boundary {boundary}"
    elif left.change != "removed":
        yield f"aws iam delete-{kind}-permissions-boundary --{kind}-name {name}"


def _resource_policy(left: Left) -> Iterator[str]:
    try:
        arn = Arn.parse(left.of)
    except MalformedArn:
        return
    quoted = shlex.quote(left.of)
    match arn.service, left.before:
        case "s3", None:
            yield f"aws s3api delete-bucket-policy --bucket {shlex.quote(arn.resource)}"
        case "s3", _:
            yield f"aws s3api put-bucket-policy --bucket {shlex.quote(arn.resource)} " + _document(left, "--policy")
        case "kms", str():
            yield f"aws kms put-key-policy --key-id {quoted} --policy-name default " + _document(left, "--policy")
        case "secretsmanager", None:
            yield f"aws secretsmanager delete-resource-policy --secret-id {quoted}"
        case "secretsmanager", _:
            yield f"aws secretsmanager put-resource-policy --secret-id {quoted} " + _document(left, "--resource-policy")
        case "sns", str():
            yield (
                f"aws sns set-topic-attributes --topic-arn {quoted} --attribute-name Policy "
                + _document(left, "--attribute-value")
            )
        case "ecr", None:
            yield f"aws ecr delete-repository-policy --repository-name {shlex.quote(arn.resource.partition('/')[2])}"


def _statement(left: Left) -> Iterator[str]:
    service, label = left.of.split(":", 3)[2] if left.of.count(":") >= 5 else "", shlex.quote(left.item)
    if service == "lambda":
        # A qualified function has a policy of its own.
        parts = left.of.split(":")
        function = ":".join(parts[:7])
        qualifier = f" --qualifier {shlex.quote(parts[7])}" if len(parts) > 7 else ""
        yield f"aws lambda remove-permission --function-name {shlex.quote(function)} --statement-id {label}{qualifier}"
    elif service == "sns":
        yield f"aws sns remove-permission --topic-arn {shlex.quote(left.of)} --label {label}"
    elif service == "sqs":
        *_, region, account, name = left.of.split(":")
        url = f"https://sqs.{region}.amazonaws.com/{account}/{name}"
        yield f"aws sqs remove-permission --queue-url {shlex.quote(url)} --label {label}"


def _put_back(left: Left) -> Iterator[str]:
    """What was removed and is still missing, as far as its former value is known."""
    name, item, kind = _name(left.of), shlex.quote(left.item), left.kind
    match left.attribute:
        case attributes.ATTACHED:
            yield f"aws iam attach-{kind}-policy --{kind}-name {name} --policy-arn {item}"
        case attributes.INLINE if left.before is not None:
            yield f"aws iam put-{kind}-policy --{kind}-name {name} --policy-name {item} " + _document(left)
        case attributes.BOUNDARY:
            yield from _boundary(left)
        case attributes.MEMBER_OF:
            yield f"aws iam add-user-to-group --user-name {name} --group-name {_name(left.item)}"
        case attributes.POLICY if left.before is not None:
            yield from _resource_policy(left)
        case attributes.TARGET:
            target = attributes.target_item(left.item)
            yield f"aws organizations attach-policy --policy-id {target.policy} --target-id {target.node}"
