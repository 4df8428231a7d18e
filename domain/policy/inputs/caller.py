# mypyc: compiled
"""Who asks: what kind of principal, and by which names a policy may mean it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.caller_keys import keys_of
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.context_values import ContextDict
from erstwhile.domain.vocabulary.identifiers import Arn, MalformedArn, is_account_id

CallerKind = Literal["user", "role", "session", "federated_user", "root", "service", "provider", "anonymous"]

NOT_NAMED = 0
AS_ACCOUNT = 1
"""By its account: the resource's side lets the account's identity policies decide."""
AS_ROLE = 2
"""By its role: a boundary or session policy that does not allow still limits it."""
DIRECTLY = 3
"""By itself, or as everyone: nothing but a deny or a guardrail limits it."""

Named = tuple[str, str]
"""(AWS, Service, Federated or CanonicalUser; name)"""

_PROVIDERS = frozenset(
    ("accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"),
)


_COGNITO = re.compile(r"^cognito-identity[a-z0-9.-]*\.amazonaws\.com(\.cn)?$")
"""Of every partition and region: cognito-identity-us-gov.amazonaws.com, cognito-identity.cn-north-1.amazonaws.com.cn"""
_CANONICAL = re.compile(r"^[0-9a-f]{64}$")
"""S3's other name for an account: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html"""


class Caller:
    """A principal as policies see it."""

    __slots__ = (
        "_keys", "account", "arn", "canonical_user_id", "entity", "is_service_linked", "kind", "known", "role",
        "session_arn", "unique_id",
    )  # fmt: skip

    def __init__(self, arn: str, kind: CallerKind, account: str = "", role: str = "") -> None:
        self.arn = arn
        self.kind: CallerKind = kind
        self.account = account
        self.role = role  # a role's name, without its path
        self.unique_id = ""
        self.canonical_user_id = ""
        self.entity: Entity | None = None
        """The user or role that it is known to be, or to be a session of."""
        self.session_arn = arn if kind == "session" else ""
        """The session, where its name is known. What is asked of a role is asked of a session without a name."""
        # The path tells it; anybody may give a role a name like theirs.
        self.is_service_linked = kind == "role" and is_service_linked_arn(arn)
        self.known: Callable[[Caller, ContextDict], None] | None = None
        """Adds the condition keys of the caller that do not follow from its name."""
        self._keys: ContextDict | None = None

    @property
    def keys(self) -> ContextDict:
        """The condition keys that follow from the caller: made when first asked for, for most decisions look at
        none."""
        if self._keys is None:
            self._keys = keys_of(self)
            if self.known is not None:
                self.known(self, self._keys)
        return self._keys

    def in_session(self, name: str) -> Caller:
        """The role in a session of this name."""
        found = Caller(self.arn, self.kind, self.account, self.role)
        found.unique_id = self.unique_id
        found.entity = self.entity
        found.is_service_linked = self.is_service_linked
        found.known = self.known
        found._keys = self._keys
        found.session_arn = self.sessions_prefix + name
        return found

    @property
    def sessions_prefix(self) -> str:
        """How the ARNs of the role's sessions begin."""
        return f"arn:{self.partition}:sts::{self.account}:assumed-role/{self.role}/"

    @property
    def begun(self) -> datetime | None:
        """When the user or role came into being; None where that is not known."""
        return self.entity.begun if self.entity is not None else None

    @property
    def partition(self) -> str:
        return self.arn.split(":", 2)[1] if self.arn.startswith("arn:") else "aws"

    @property
    def root_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.account}:root"


def parse_caller(text: str) -> Caller:
    """From an ARN, an account id (its root), a service's or identity provider's name, or `*` for anybody.

    Raises MalformedArn.
    """
    if text in ("*", "anonymous"):
        return Caller("*", "anonymous")
    if is_account_id(text):
        text = f"arn:aws:iam::{text}:root"
    if not text.startswith("arn:"):
        if text in _PROVIDERS or _COGNITO.match(text):
            return Caller(text, "provider")
        if _CANONICAL.match(text):
            caller = Caller(text, "root")
            caller.canonical_user_id = text
            return caller
        if text.endswith((".amazonaws.com", ".amazonaws.com.cn", ".aws.internal")) or text.count(".aws.") == 1:
            return Caller(text, "service")
        raise MalformedArn(
            f"{text!r} is not a principal: expected an ARN, an account id, a service such as lambda.amazonaws.com, or *"
        )
    arn = Arn.parse(text)
    kind, _, rest = arn.resource.partition("/")
    last = rest.rsplit("/", 1)[-1]
    match arn.service, kind:
        case "iam", "root" if not rest:
            return Caller(text, "root", arn.account)
        case "iam", "user" if rest:
            return Caller(text, "user", arn.account)
        case "iam", "role" if rest:
            return Caller(text, "role", arn.account, last)
        case "iam", "saml-provider" | "oidc-provider" if rest:
            return Caller(text, "provider", arn.account)
        case "sts", "assumed-role" if rest.count("/") == 1:
            return Caller(text, "session", arn.account, rest.split("/")[0])
        case "sts", "federated-user" if rest:
            return Caller(text, "federated_user", arn.account)
        case _:
            raise MalformedArn(
                f"{text!r} is not a principal: expected a user, role, assumed-role, federated-user or root ARN"
            )


def is_service_linked_arn(arn: str) -> bool:
    """Whether a role's ARN is one of the services' own.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
    """
    return arn.partition(":role/")[2].startswith("aws-service-role/")


def strength(caller: Caller, principals: tuple[Named, ...], saved: datetime | None) -> int:
    """How a Principal element names the caller: the strongest of its names; NOT_NAMED when none does.

    `saved`: when the policy was put in place. A user or role that began later is another than the one it
    named: IAM binds names to unique ids when it saves a policy.
    """
    found = NOT_NAMED
    for kind, name in principals if len(principals) <= FEW else _likely(caller, principals):
        found = max(found, _one(caller, kind, name, saved))
    return found


FEW = 16
"""Names that are compared one by one; of more, only those are that end like one of the caller's."""
_MAX_INDEXED = 1_000
_indexed: Bounded[int, tuple[tuple[Named, ...], dict[str, list[Named]]]] = Bounded(_MAX_INDEXED)


def _likely(caller: Caller, principals: tuple[Named, ...]) -> list[Named]:
    """The names that may be the caller's: they end as one of its own names does."""
    kept = _indexed.get(id(principals))
    if kept is None:
        by_ending: dict[str, list[Named]] = {}
        for each in principals:
            by_ending.setdefault(ending(each[1]), []).append(each)
        # The names are kept with it: as long as they live, no others have their id.
        kept = _indexed.keep(id(principals), (principals, by_ending))
    found: list[Named] = []
    for each_ending in own_endings(caller):
        found += kept[1].get(each_ending, ())
    return found


def own_endings(caller: Caller) -> set[str]:
    """How the names end by which policies may mean the caller."""
    own = (
        "*", caller.account, caller.root_arn, caller.unique_id, caller.session_arn, caller.arn, caller.role,
        caller.canonical_user_id,
    )  # fmt: skip
    return {ending(name) for name in own if name}


def ending(name: str) -> str:
    """What follows the last slash of a principal's name."""
    return name.rsplit("/", 1)[-1]


def _one(caller: Caller, kind: str, name: str, saved: datetime | None) -> int:
    if name == "*" and kind == "AWS":
        return DIRECTLY
    match kind:
        case "AWS":
            return _aws(caller, name, saved)
        case "Service":
            return DIRECTLY if caller.kind == "service" and caller.arn == name else NOT_NAMED
        case "Federated":
            return DIRECTLY if caller.kind == "provider" and name in (caller.arn, "*") else NOT_NAMED
        case "CanonicalUser" if name and name == caller.canonical_user_id:
            # It is S3's other name for an account.
            return DIRECTLY if caller.kind == "root" else AS_ACCOUNT
        case _:
            return NOT_NAMED


def _aws(caller: Caller, name: str, saved: datetime | None) -> int:
    if not caller.account or caller.kind == "provider":
        return NOT_NAMED
    if name in (caller.account, caller.root_arn):
        return DIRECTLY if caller.kind == "root" else AS_ACCOUNT
    if caller.unique_id and name == caller.unique_id:
        return DIRECTLY if caller.kind == "user" else AS_ROLE
    if caller.session_arn:
        if name == caller.session_arn:
            return DIRECTLY
    elif caller.kind in ("user", "federated_user") and name == caller.arn:
        return DIRECTLY if caller.kind != "user" or _was_there(caller, saved) else NOT_NAMED
    if caller.role and is_role_arn(name, caller) and _was_there(caller, saved):
        return AS_ROLE
    return NOT_NAMED


def _was_there(caller: Caller, saved: datetime | None) -> bool:
    return saved is None or caller.begun is None or caller.begun <= saved


def is_role_arn(name: str, caller: Caller) -> bool:
    """Whether an ARN is that of the caller's role. A session's ARN leaves out the path, and names are unique."""
    prefix = f"arn:{caller.partition}:iam::{caller.account}:role/"
    return name.startswith(prefix) and name.rsplit("/", 1)[-1] == caller.role


def account_named(name: str) -> str:
    """The account that a name stands for: twelve digits, or an account's root; else nothing."""
    if is_account_id(name):
        return name
    parts = name.split(":")
    return parts[4] if len(parts) == 6 and parts[2] == "iam" and parts[5] == "root" else ""


def is_exempt(caller: Caller, not_principals: tuple[Named, ...], saved: datetime | None) -> bool:
    """Whether the NotPrincipal element of a Deny takes the caller out. All of its names must stand there: account and
    user, or account, role and session.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    listed = {name for kind, name in not_principals if kind == "AWS"}
    if "*" in listed:
        return True
    if caller.kind in ("service", "provider"):
        kind = "Service" if caller.kind == "service" else "Federated"
        return (kind, caller.arn) in not_principals
    if not caller.account or not listed & {caller.account, caller.root_arn}:
        return False
    if caller.kind == "root":
        return True
    by_id = bool(caller.unique_id) and caller.unique_id in listed
    if caller.kind == "federated_user":
        return caller.arn in listed
    if not by_id and not _was_there(caller, saved):
        return False
    if caller.kind == "user":
        return by_id or caller.arn in listed
    has_role = by_id or any(is_role_arn(name, caller) for name in listed)
    # A role without a session is asked about only where policies tell none of its sessions apart.
    return has_role and (not caller.session_arn or caller.session_arn in listed)
