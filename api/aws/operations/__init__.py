"""The operations, a file for each kind of thing: `principals`, `policies`, `tags`, `credentials`, `settings`,
`account`, `simulation`, `sts`; `shapes` writes entities as IAM's. READS answer from the Directory, CHANGES command."""

from api.aws.call import Change, Read
from api.aws.operations import account, credentials, policies, principals, settings, simulation, sts, tags

READS: dict[str, Read] = {
    **principals.READS, **policies.READS, **tags.READS, **credentials.READS, **account.READS, **sts.READS,
    **simulation.READS,
    **settings.READS,
}  # fmt: skip
CHANGES: dict[str, Change] = {**principals.CHANGES, **policies.CHANGES, **tags.CHANGES, **credentials.CHANGES,
    **settings.CHANGES,
}  # fmt: skip

__all__ = ["CHANGES", "READS"]
