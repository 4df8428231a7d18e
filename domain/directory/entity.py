# mypyc: compiled
"""An entity: one principal, policy, resource, … with its facts. `attributes` lists the kinds of facts."""

from __future__ import annotations

from datetime import datetime

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import NOTHING, EntityKey, Fact, Value
from erstwhile.domain.vocabulary.instants import BEFORE, parse_instant

NO_FACTS: dict[str, Fact] = {}
_HOUR = 3_600


class Entity:
    """Facts by attribute and item. Other code reads them through the accessors; only `evolve` and `Directory` write."""

    __slots__ = ("account", "facts", "id", "kind")

    def __init__(self, account: str, kind: str, unique_id: str) -> None:
        self.account = account
        self.kind = kind
        self.id = unique_id
        self.facts: dict[str, dict[str, Fact]] = {}

    @property
    def key(self) -> EntityKey:
        return (self.account, self.kind, self.id)

    def items(self, attribute: str) -> dict[str, Fact]:
        """The facts of an attribute, by item; empty when there are none."""
        return self.facts.get(attribute, NO_FACTS)

    def fact(self, attribute: str) -> Fact | None:
        """The fact of an attribute with a single item; None when there is none."""
        return self.items(attribute).get("")

    def value(self, attribute: str, item: str = "") -> Value | None:
        fact = self.items(attribute).get(item)
        return None if fact is None else fact.value

    def has(self, attribute: str, item: str = "") -> bool:
        return item in self.items(attribute)

    def copy(self) -> Entity:
        twin = Entity(self.account, self.kind, self.id)
        twin.facts = {attribute: dict(items) for attribute, items in self.facts.items()}
        return twin

    # What it is.

    @property
    def exists(self) -> bool:
        """False for an entity of which only other facts are known, such as a resource of which only the policy is
        known."""
        return a.ENTITY in self.facts

    @property
    def description(self) -> Value:
        """Name, path, ARN and other properties: `attributes.EntityValue`. Empty when the entity does not exist."""
        return self.value(a.ENTITY) or NOTHING

    @property
    def name(self) -> str:
        value = self.value(a.ENTITY)
        return "" if value is None else str(value["name"])

    @property
    def arn(self) -> str:
        value = self.value(a.ENTITY)
        return "" if value is None else str(value.get("arn", ""))

    @property
    def path(self) -> str:
        value = self.value(a.ENTITY)
        return "/" if value is None else str(value.get("path", "/"))

    @property
    def begun(self) -> datetime | None:
        """When the entity was created; None when it does not exist."""
        fact = self.fact(a.ENTITY)
        if fact is None:
            return None
        begun = fact.value.get("begun")
        if not begun:
            return fact.since
        return BEFORE if begun == "-infinity" else parse_instant(begun)

    @property
    def tags(self) -> dict[str, str]:
        """IAM's tags, by key."""
        return {key: fact.value["value"] for key, fact in self.items(a.TAG).items()}

    @property
    def is_covered(self) -> bool:
        """False as long as this principal is known to exist but no source has shown its policies."""
        return a.COVERAGE not in self.facts

    # Policies of a user, group or role.

    @property
    def attached_policies(self) -> dict[str, Fact]:
        """Policy ARN → the fact of its attachment."""
        return self.items(a.ATTACHED)

    @property
    def inline_policies(self) -> dict[str, Fact]:
        """Policy name → the fact with the document."""
        return self.items(a.INLINE)

    @property
    def boundary(self) -> str | None:
        """The ARN of the permissions boundary."""
        value = self.value(a.BOUNDARY)
        return None if value is None else str(value["policy"])

    @property
    def group_ids(self) -> dict[str, Fact]:
        """Unique id → fact of each group that a user is in."""
        return self.items(a.MEMBER_OF)

    # Roles and instance profiles.

    @property
    def trust_policy(self) -> str | None:
        """The document of a role's trust policy; None where it is not known."""
        value = self.value(a.TRUST)
        return None if value is None else value.get("document")

    @property
    def trusted_principals(self) -> dict[str, str]:
        """ARN → unique id of each principal that the trust policy names, as resolved when the policy was saved."""
        return (self.value(a.TRUST) or NOTHING).get("principals") or {}

    @property
    def service_linked(self) -> str:
        """The service of a service-linked role; '' for other roles."""
        return str(self.description.get("service_linked") or "")

    @property
    def max_session_duration(self) -> int:
        """In seconds."""
        return int(self.description.get("max_session_duration") or _HOUR)

    @property
    def role_ids(self) -> dict[str, Fact]:
        """Unique id → fact of each role in an instance profile."""
        return self.items(a.ROLE)

    # Credentials of a user.

    @property
    def access_keys(self) -> dict[str, Fact]:
        return self.items(a.ACCESS_KEY)

    @property
    def has_password(self) -> bool:
        return a.LOGIN_PROFILE in self.facts

    @property
    def must_reset_password(self) -> bool:
        """Whether the user must set a new password at the next sign-in."""
        return bool((self.value(a.LOGIN_PROFILE) or NOTHING).get("password_reset_required"))

    @property
    def mfa_devices(self) -> dict[str, Fact]:
        """Serial number → fact."""
        return self.items(a.MFA)

    def credentials(self, kind: str) -> dict[str, Fact]:
        """The facts of the credentials of one kind (`ssh_public_key`, …), by id."""
        facts: dict[str, Fact] = {}
        for text, fact in self.items(a.CREDENTIAL).items():
            item = a.credential_item(text)
            if item.kind == kind:
                facts[item.id] = fact
        return facts

    def credential(self, kind: str, credential_id: str) -> Value | None:
        return self.value(a.CREDENTIAL, a.CredentialItem(kind, credential_id).text)

    # Managed policies.

    @property
    def versions(self) -> dict[str, Fact]:
        """Version id → the fact with the document."""
        return self.items(a.VERSION)

    @property
    def default_version(self) -> str:
        """The id of the default version; '' where it is unknown."""
        value = self.value(a.DEFAULT)
        return "" if value is None else str(value["version"])

    @property
    def unseen_versions(self) -> dict[str, Fact]:
        """Version id → fact of each version that existed but whose document no source has shown."""
        return self.items(a.GAP)

    # Resources, settings, accounts.

    @property
    def registered_type(self) -> str:
        """The type under which an application registered the resource; '' for other resources."""
        return str((self.value(a.REGISTERED) or NOTHING).get("type", ""))

    @property
    def is_registered(self) -> bool:
        return a.REGISTERED in self.facts

    @property
    def resource_policy(self) -> Value | None:
        """`attributes.DocumentValue`; None where there is no policy."""
        return self.value(a.POLICY)

    @property
    def setting(self) -> Value:
        """The attributes of a setting of the account, under IAM's names; empty where it has none."""
        return self.value(a.SETTING) or NOTHING

    @property
    def partition(self) -> str:
        """The partition of an account; `aws` where it is unknown."""
        return str((self.value(a.MODE) or NOTHING).get("partition") or "aws")
