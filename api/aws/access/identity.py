"""Finds the principal of the Directory that signed a call, with the limits and condition keys of its session."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from erstwhile.api.aws.secrets.access_keys import StoredKey
from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.aws.sessions import session as sessions
from erstwhile.api.aws.sessions.session import Session, invalid_token
from erstwhile.api.aws.wire.render import stamp
from erstwhile.api.aws.wire.sigv4 import Signed, verify
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.domain.commands.lookups import find_setting
from erstwhile.domain.directory import root_keys
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.events import Actor
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.context_values import ContextDict


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticated caller. `user_id` is the UserId of GetCallerIdentity."""

    account: str
    arn: str
    user_id: str
    kind: str  # Root, IAMUser, AssumedRole, FederatedUser; Anonymous until a token is checked
    access_key_id: str
    session: Session | None = None
    partition: str = "aws"
    code_was_given: bool = False  # of an MFA device whose code this call contains
    keys: ContextDict = {}  # the condition keys of the session

    @property
    def session_policies(self) -> tuple[str, ...] | None:
        """The documents that limit the session; None where none were passed."""
        return self.session.policies if self.session is not None and self.session.has_policies else None

    @property
    def mfa(self) -> bool:
        return self.code_was_given or (self.session is not None and self.session.mfa)

    def actor(self) -> Actor:
        """The actor, as events store it."""
        return Actor(arn=self.arn, id=self.user_id.partition(":")[0], type=self.kind, access_key=self.access_key_id,
                     mfa=self.mfa if self.mfa or self.session is not None else None)  # fmt: skip

    def with_mfa(self) -> Identity:
        """This caller, after a valid MFA code in this call."""
        keys = {**self.keys, "aws:multifactorauthpresent": ("true",), "aws:multifactorauthage": ("0",)}
        return msgspec.structs.replace(self, code_was_given=True, keys=keys)


REVOKED = "revoked-session"
"""The category of settings that name revoked sessions, by access key id."""

MAX_IDENTITIES = 10_000


class _Held(msgspec.Struct, frozen=True):
    """A cached identity of a long-term key; valid while `facts` equal the entity's."""

    identity: Identity
    entity: Entity
    basis: tuple[Fact | None, ...]


class Identities:
    """Checks signatures. Caches the identity of a long-term key as long as the facts that it depends on are
    unchanged."""

    def __init__(self) -> None:
        self._held: Bounded[str, _Held] = Bounded(MAX_IDENTITIES)

    def held(self, stored: StoredKey, access_key_id: str, directory: Directory) -> Identity | None:
        """The cached identity of a long-term key, if there is one. Does not check the signature."""
        found = self._held.get(access_key_id)
        if found is None or found.entity is not _bearer(stored, access_key_id, directory):
            return None
        return found.identity if found.basis == _facts(found.entity, access_key_id, directory) else None

    def of(
        self, signed: Signed, directory: Directory, vault: Vault, stored: StoredKey | None, now: datetime
    ) -> Identity:
        """Returns the caller whose secret signed the request. `stored` is the stored key; None for sessions and unknown
        keys.

        Raises AwsError.
        """
        if signed.session_token:
            session = sessions.read(vault, signed.session_token, signed.access_key_id, now)
            verify(signed, session.secret)
            return _of_session(session, directory)
        if stored is None:
            raise invalid_token()
        verify(signed, stored.secret)
        identity = _of_key(signed, stored, directory)
        entity = _bearer(stored, signed.access_key_id, directory)
        if entity is not None:
            facts = _facts(entity, signed.access_key_id, directory)
            self._held.keep(signed.access_key_id, _Held(identity, entity, facts))
        return identity


def _bearer(stored: StoredKey, access_key_id: str, directory: Directory) -> Entity | None:
    """The user that owns a key, or the account whose root user owns it."""
    if stored.principal == "root":
        return directory.get(stored.account, "account", stored.account)
    return directory.with_access_key(access_key_id)


def _facts(entity: Entity, access_key_id: str, directory: Directory) -> tuple[Fact | None, ...]:
    """The facts that a cached identity depends on."""
    return (
        root_keys.fact_of(directory, entity.account, access_key_id) if entity.kind == "account" else None,
        entity.existence,
        entity.mode_fact,
        entity.access_keys.get(access_key_id),
    )


def _of_key(signed: Signed, stored: StoredKey, directory: Directory) -> Identity:
    if stored.principal == "root":
        if root_keys.status_of(directory, stored.account, signed.access_key_id) != root_keys.ACTIVE:
            raise invalid_token()
        arn = f"arn:{directory.partition(stored.account)}:iam::{stored.account}:root"
        return Identity(
            account=stored.account,
            arn=arn,
            user_id=stored.account,
            kind="Root",
            access_key_id=signed.access_key_id,
            partition=arn.split(":")[1],
        )
    user = directory.with_access_key(signed.access_key_id)
    fact = user.access_keys.get(signed.access_key_id) if user is not None else None
    if user is None or fact is None or fact.value["status"] != "Active":
        raise invalid_token()
    return Identity(
        account=user.account, arn=directory.arn_of(user), user_id=user.id, kind="IAMUser",
        access_key_id=signed.access_key_id, partition=directory.arn_of(user).split(":", 2)[1],
    )  # fmt: skip


def unsigned(runtime: FollowingRuntime, role_arn: str) -> Identity:
    """The caller of an unsigned call with an identity provider's token: anonymous, in the role's account."""
    account, partition = runtime.names.account, runtime.names.partition
    parts = role_arn.split(":")
    if len(parts) > 5 and runtime.mode(parts[4]) == "governed":
        account, partition = parts[4], parts[1]
    return Identity(account=account, arn=f"arn:{partition}:sts::{account}:unsigned", user_id="", kind="Anonymous",
                    access_key_id="", partition=partition)  # fmt: skip


def _of_session(session: Session, directory: Directory) -> Identity:
    account = session.principal.split(":")[4]
    kind = _session_kind(session.principal)
    is_of_root = session.unique_id == account
    if not is_of_root and _alive(directory, account, session.unique_id) is None:
        raise invalid_token()  # the user or role was deleted
    if find_setting(directory, account, REVOKED, session.access_key_id) is not None:
        raise invalid_token()
    keys: ContextDict = {
        "aws:multifactorauthpresent": ("true" if session.mfa else "false",),
        "aws:tokenissuetime": (stamp(datetime.fromtimestamp(session.issued, UTC)),),
    }
    if session.mfa:
        keys["aws:multifactorauthage"] = (str(max(0, int(datetime.now(UTC).timestamp()) - session.issued)),)
    if session.source_identity:
        keys["aws:sourceidentity"] = (session.source_identity,)
    for name, value in session.tags.items():
        keys[f"aws:principaltag/{name.lower()}"] = (value,)
    if session.provider:
        keys["aws:federatedprovider"] = (session.provider,)
    user_id = session.unique_id
    if kind == "AssumedRole":
        user_id = f"{session.unique_id}:{session.session_name}"
    elif kind == "FederatedUser":
        user_id = f"{account}:{session.session_name}"
    return Identity(
        account=account, arn=session.principal, user_id=user_id, kind=kind, access_key_id=session.access_key_id,
        partition=session.principal.split(":", 2)[1], session=session, keys=keys,
    )  # fmt: skip


def _session_kind(principal: str) -> str:
    if ":assumed-role/" in principal:
        return "AssumedRole"
    if ":federated-user/" in principal:
        return "FederatedUser"
    return "Root" if principal.endswith(":root") else "IAMUser"


def _alive(directory: Directory, account: str, unique_id: str) -> Entity | None:
    for kind in ("user", "role"):
        entity = directory.get(account, kind, unique_id)
        if entity is not None and entity.exists:
            return entity
    return None
