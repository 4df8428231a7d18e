"""Access keys of an account's root: their states are settings of the account, for the root is no user of it.

A key that no setting speaks of is active: the first one of an account, or one that the environment gives.
"""

from __future__ import annotations

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact

CATEGORY = "root-access-key"
ACTIVE, INACTIVE, DELETED = "Active", "Inactive", "Deleted"


def fact_of(directory: Directory, account: str, access_key_id: str) -> Fact | None:
    """What the Directory tells of a root's key, if anything."""
    entity = directory.get(account, "setting", f"{CATEGORY}/{access_key_id}")
    return entity.items("setting").get("") if entity is not None else None


def status_of(directory: Directory, account: str, access_key_id: str) -> str:
    """Active, Inactive or Deleted."""
    fact = fact_of(directory, account, access_key_id)
    return str(fact.value["Status"]) if fact is not None else ACTIVE
