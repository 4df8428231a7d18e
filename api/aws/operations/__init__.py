"""The operations, a file for each kind of thing: `principals`, `policies`, `tags`, `credentials`, `account`, `sts`;
`shapes` writes entities as IAM's shapes. READS answer from the Directory, CHANGES make commands."""

from api.aws.call import Change, Read
from api.aws.operations import account, credentials, policies, principals, sts, tags

READS: dict[str, Read] = {
    **principals.READS, **policies.READS, **tags.READS, **credentials.READS, **account.READS, **sts.READS,
}  # fmt: skip
CHANGES: dict[str, Change] = {**principals.CHANGES, **policies.CHANGES, **tags.CHANGES, **credentials.CHANGES}

__all__ = ["CHANGES", "READS"]
