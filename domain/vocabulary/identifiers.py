"""Identifiers: ARNs, account ids, and references to entities by name, by unique id, or by both."""

from __future__ import annotations

import re

import msgspec

from erstwhile.domain.vocabulary.malformed import MalformedInput

_ACCOUNT = re.compile(r"^\d{12}$")
_SECRET = re.compile(r"(arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:.+)-[A-Za-z0-9]{6}", re.DOTALL)
AWS_MANAGED = "aws"
"""The pseudo-account that owns AWS's own managed policies (`arn:aws:iam::aws:policy/…`)."""
OWN = "erstwhile"
"""The pseudo-account of what belongs to this installation and to no account of AWS: watches, reviews,
approvals, exceptions."""


class MalformedArn(MalformedInput):
    """not an Amazon Resource Name"""

    code = "malformed_arn"


class Arn(msgspec.Struct, frozen=True):
    """An Amazon Resource Name, `arn:partition:service:region:account:resource`.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn:
        """Parses an ARN. Raises MalformedArn unless `text` has the six parts of an ARN."""
        parts = text.split(":", 5)
        if len(parts) < 6 or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
            raise MalformedArn(f"{text!r} is not an ARN: expected arn:partition:service:region:account:resource")
        return cls(*parts[1:])

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


class Ref(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A reference to an entity: its kind, its name as recorded, and its unique id where the source gives one."""

    kind: str
    name: str = ""
    id: str = ""


def is_account_id(text: str) -> bool:
    """Whether the text is the id of an AWS account: twelve digits."""
    return bool(_ACCOUNT.match(text))


def entity_arn(account: str, kind: str, path: str, name: str, partition: str = "aws") -> str:
    """The ARN of an IAM entity: `arn:aws:iam::111122223333:user/division/ada`."""
    return f"arn:{partition}:iam::{account}:{kind}{path or '/'}{name}"


def is_arn_of(arn: str, account: str, kind: str, name: str) -> bool:
    """Whether a recorded ARN is one of a user, group, role, policy or instance profile of this account and name."""
    return arn.endswith(f"/{name}") and name != "" and f"::{account}:{kind}/" in arn


IDENTITY_SERVICES = ("iam", "sts")
"""What these have is no resource that has a policy beside its own: a user, a role, a session."""


def account_in(arn: str) -> str:
    """The account in an ARN; '' where the ARN names none, as the ARN of an S3 bucket."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def secret_name(arn: str) -> str:
    """The ARN of a secret of AWS Secrets Manager, without the hyphen and the six characters that end it; '' for any
    other ARN.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
    """
    found = _SECRET.fullmatch(arn)
    return found[1] if found is not None else ""


def policy_name_of(arn: str) -> str:
    """The last segment of a managed policy's ARN."""
    return arn.rsplit("/", 1)[-1]


def policy_account(arn: str) -> str:
    """The account that a managed policy's ARN names: twelve digits, or `aws`."""
    return account_in(arn)
