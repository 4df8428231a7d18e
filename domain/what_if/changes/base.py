"""What every supposed change has in common."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events import Body
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Arn, MalformedArn, is_account_id

Made = tuple[str, Body]
"""An event that a change would be, with its account."""


class Change(msgspec.Struct, frozen=True, kw_only=True, tag_field="change", forbid_unknown_fields=True):
    """A change as JSON: an object whose member `change` says which."""

    def made(self, there: Directory) -> Iterator[Made]:
        """The events that it would be, in what is there. Raises ImpossibleChange."""
        raise NotImplementedError


def used_arn(there: Directory, policy: Entity, holder: Entity) -> str:
    """The ARN by which an account names a policy: AWS's own are in the account's partition."""
    arn = there.arn_of(policy)
    if policy.account != AWS_MANAGED:
        return arn
    return f"arn:{there.partition(holder.account)}:{arn.split(':', 2)[2]}"


def iam_arn(text: str, *kinds: str) -> Arn | None:
    """The ARN of an IAM entity of one of these kinds; None for any other text."""
    try:
        arn = Arn.parse(text)
    except MalformedArn:
        return None
    kind, _, rest = arn.resource.partition("/")
    is_one = arn.service == "iam" and kind in kinds and rest and (is_account_id(arn.account) or arn.account == "aws")
    return arn if is_one else None


def path_and_name(arn: Arn) -> tuple[str, str]:
    """Of an IAM entity's ARN."""
    rest = arn.resource.partition("/")[2]
    path, _, name = rest.rpartition("/")
    return f"/{path}/" if path else "/", name


def new_id(kind: str, name: str) -> str:
    """The unique id of an entity that nobody created."""
    return f"supposed-{kind}-{name}".lower()
