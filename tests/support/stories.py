"""Short stories of accounts, told by domain events: what happened, at which second, in the order in which it became
known. They go through the replayer into a history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from erstwhile.domain.events import Body
from erstwhile.domain.events.credentials import AccessKeyCreated, AccessKeyDeleted
from erstwhile.domain.events.policies import (
    DefaultPolicyVersionSet,
    InlinePolicyDeleted,
    InlinePolicyPut,
    PermissionsBoundaryRemoved,
    PermissionsBoundarySet,
    PolicyAttached,
    PolicyCreated,
    PolicyDeleted,
    PolicyDetached,
    PolicyVersionCreated,
)
from erstwhile.domain.events.principals import (
    GroupCreated,
    GroupMemberAdded,
    GroupMemberRemoved,
    RoleCreated,
    Tagged,
    TrustPolicyUpdated,
    Untagged,
    UserCreated,
    UserDeleted,
    UserRenamed,
)
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Ref
from tests.support.memory_log import MemoryLog
from tests.support.records import ACCOUNT

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
BEFORE_THE_STORY = 1
"""Events that `MemoryLog` has before the first one of a story: the account."""

Told = tuple[float, Body] | tuple[float, Body, str]
"""The second after noon, what happened, and the account where it is another one."""


def second(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


def log_of_story(*events: Told) -> MemoryLog:
    log = MemoryLog()
    for event in events:
        tell(log, event)
    return log


def tell(log: MemoryLog, event: Told, evidence: str = "") -> None:
    """`evidence` decides the order of events of one second that contradict each other."""
    at, body, *account = event
    log.append(account[0] if account else ACCOUNT, body, second(at), evidence)


def history_of(log: MemoryLog) -> IntervalHistory:
    return IntervalHistory(log.intervals(), len(log.events))


def user(name: str, number: int = 1) -> Ref:
    return Ref("user", name, f"AIDA{name.upper()}{number}")


def role(name: str, number: int = 1) -> Ref:
    return Ref("role", name, f"AROA{name.upper()}{number}")


def group(name: str) -> Ref:
    return Ref("group", name, f"AGPA{name.upper()}")


def managed(name: str, number: int = 1) -> Ref:
    return Ref("policy", name, f"ANPA{name.upper()}{number}")


def arn(resource: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{resource}"


def of_aws(name: str) -> str:
    return f"arn:aws:iam::aws:policy/{name}"


def created(who: Ref, trust: str | None = None, boundary: str = "") -> Body:
    own = arn(f"{who.kind}/{who.name}")
    if who.kind == "group":
        return GroupCreated(subject=who, arn=own)
    if who.kind == "role":
        return RoleCreated(subject=who, arn=own, trust_policy=trust, boundary=boundary)
    return UserCreated(subject=who, arn=own, boundary=boundary)


def deleted(who: Ref) -> Body:
    return UserDeleted(subject=who)


def renamed(who: Ref, name: str) -> Body:
    return UserRenamed(subject=who, new_name=name)


def attached(who: Ref, policy: str) -> Body:
    return PolicyAttached(subject=who, policy_arn=policy)


def detached(who: Ref, policy: str) -> Body:
    return PolicyDetached(subject=who, policy_arn=policy)


def inline(who: Ref, document: str | None, name: str = "p") -> Body:
    return InlinePolicyPut(subject=who, policy_name=name, document=document)


def inline_deleted(who: Ref, name: str = "p") -> Body:
    return InlinePolicyDeleted(subject=who, policy_name=name)


def policy(name: str, document: str | None, number: int = 1) -> Body:
    return PolicyCreated(subject=managed(name, number), arn=arn(f"policy/{name}"), document=document)


def policy_deleted(name: str, number: int = 1) -> Body:
    return PolicyDeleted(subject=managed(name, number), arn=arn(f"policy/{name}"))


def version(name: str, version_id: str, document: str | None, is_default: bool = True) -> Body:
    return PolicyVersionCreated(
        subject=managed(name), arn=arn(f"policy/{name}"), version_id=version_id, document=document,
        is_default=is_default,
    )  # fmt: skip


def default(name: str, version_id: str) -> Body:
    return DefaultPolicyVersionSet(subject=managed(name), arn=arn(f"policy/{name}"), version_id=version_id)


def version_of_aws(at: float, name: str, version_id: str, document: str) -> Told:
    """A version of one of AWS's own policies, as the catalogue tells."""
    body = PolicyVersionCreated(
        subject=Ref("policy", name), arn=of_aws(name), version_id=version_id, document=document, is_default=True
    )
    return at, body, AWS_MANAGED


def joined(who: Ref, team: Ref) -> Body:
    return GroupMemberAdded(subject=who, group=team)


def left(who: Ref, team: Ref) -> Body:
    return GroupMemberRemoved(subject=who, group=team)


def bounded(who: Ref, policy_arn: str) -> Body:
    return PermissionsBoundarySet(subject=who, policy_arn=policy_arn)


def unbounded(who: Ref) -> Body:
    return PermissionsBoundaryRemoved(subject=who)


def trusts(who: Ref, document: str, principals: dict[str, str] | None = None) -> Body:
    return TrustPolicyUpdated(subject=who, document=document, principals=principals)


def tagged(who: Ref, **tags: str) -> Body:
    return Tagged(subject=who, tags=tags)


def untagged(who: Ref, *keys: str) -> Body:
    return Untagged(subject=who, keys=list(keys))


def key_made(who: Ref, key: str) -> Body:
    return AccessKeyCreated(subject=who, access_key_id=key)


def key_deleted(who: Ref, key: str) -> Body:
    return AccessKeyDeleted(subject=who, access_key_id=key)
