"""The attributes of entities: which items each attribute has, and the shape of their values.

A fact is (entity, attribute, item) → value; history stores it in this form. The item of an attribute with a single item
is ''. Other code reads facts through the accessors of `Entity`, which use these names. The text after each name below
says: item → type of the value. This file is long because every attribute stands in it.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypedDict

# Of every entity.
ENTITY: Final = "entity"
"""The entity exists. '' → EntityValue."""
DESCRIBING: Final = frozenset((ENTITY,))
"""What tells of an entity when it was there, and under which name."""
TAG: Final = "tag"
"""IAM's tags. Key → TagValue."""
COVERAGE: Final = "coverage"
"""Present as long as no source has shown the policies of this principal. '' → {}."""
VANISHED: Final = "vanished"
"""The entity was deleted at an unknown instant between `after` and `until`. '' → VanishedValue."""

# Of users, groups and roles.
ATTACHED: Final = "attached"
"""A managed policy is attached. Policy ARN → {}."""
INLINE: Final = "inline"
"""An inline policy. Policy name → DocumentValue."""
BOUNDARY: Final = "boundary"
"""The permissions boundary. '' → BoundaryValue."""
MEMBER_OF: Final = "member_of"
"""A user is in a group. Group id → {}."""
TRUST: Final = "trust"
"""The trust policy of a role. '' → DocumentValue."""
ROLE: Final = "role"
"""A role in an instance profile. Role id → {}."""

# Credentials of users.
ACCESS_KEY: Final = "access_key"
"""Access key id → AccessKeyValue."""
LOGIN_PROFILE: Final = "login_profile"
"""A console password exists. '' → LoginProfileValue."""
MFA: Final = "mfa"
"""An MFA device is enabled. Serial number → {}."""
CREDENTIAL: Final = "credential"
"""A certificate, SSH key or service-specific credential. CredentialItem → CredentialValue."""
CREDENTIAL_REPORT: Final = "credential_report"
"""A user's row of AWS's credential report. '' → CredentialReportValue."""

# Of managed policies.
VERSION: Final = "version"
"""Version id → DocumentValue; the document is None where it was hidden."""
DEFAULT: Final = "default"
"""The default version. '' → DefaultValue."""
GAP: Final = "gap"
"""A version that existed and was never seen. Version id → {}."""

# Of resources.
REGISTERED: Final = "registered"
"""An application registered the resource. '' → RegisteredValue."""
POLICY: Final = "policy"
"""The resource policy. '' → DocumentValue."""
STATEMENT: Final = "statement"
"""A labelled statement of a resource's policy (AddPermission). Label → StatementValue."""
GRANT: Final = "grant"
"""A KMS grant. Grant id → GrantValue."""

# Of accounts and organisations.
MODE: Final = "mode"
"""Whether an account is governed or observed, or is not there yet. '' → ModeValue."""
SNAPSHOT: Final = "snapshot"
"""A listing of the account was imported. '' → SnapshotValue."""
SETTING: Final = "setting"
"""A setting of the account: an entity of its own (kind `setting`). '' → its attributes, as IAM names them."""
ASSIGNMENT: Final = "assignment"
"""An assignment of IAM Identity Center. AssignmentItem → AssignmentValue."""
ORGANIZATION: Final = "organization"
"""'' → OrganizationValue."""
NODE: Final = "node"
"""A root, unit or account in the organisation's tree. Id → NodeValue."""
GUARDRAIL: Final = "guardrail"
"""A service or resource control policy. Policy id → GuardrailValue."""
TARGET: Final = "target"
"""A guardrail is attached to a node. TargetItem → {}."""
POLICY_TYPE: Final = "policy_type"
"""A type of guardrails is enabled in a root. PolicyTypeItem → PolicyTypeValue."""

# Of this installation.
WATCH: Final = "watch"
"""What is watched: an entity of its own (kind `watch`). '' → WatchValue."""


REVIEW: Final = "review"
"""An access review: an entity of its own (kind `review`). '' → ReviewValue."""
DECISION: Final = "decision"
"""What was decided about a line of a review: an entity of its own (kind `review-line`). '' → DecisionValue."""
DELEGATE: Final = "delegate"
"""To whom a line of a review was delegated. '' → DelegateValue."""
EXCEPTION: Final = "exception"
"""An exception: an entity of its own (kind `exception`). '' → ExceptionValue."""


class EntityValue(TypedDict, total=False):
    name: str
    arn: str
    path: str
    created_at: str
    begun: str
    """Since when the entity exists, where that is not the begin of the fact; `-infinity` for "before all records"."""
    description: str
    max_session_duration: int
    """Seconds. Of a role."""
    service_linked: str
    """The service of a service-linked role."""
    unseen: bool
    """Whether it came after other records and none tells of its creation: a listing showed it first, or a call."""
    last_version: int
    """The highest number of a deleted version of a policy: IAM never reuses a number."""


class TagValue(TypedDict):
    value: str


class VanishedValue(TypedDict):
    after: str
    until: str


class DocumentValue(TypedDict, total=False):
    document: str | None
    principals: dict[str, str]
    """ARN → unique id of each principal that the document names, as resolved when the document was saved."""


class BoundaryValue(TypedDict):
    policy: str


class AccessKeyValue(TypedDict, total=False):
    status: str
    made: str
    """When the key was created, where the fact is newer than the key."""


class LoginProfileValue(TypedDict, total=False):
    password_reset_required: bool
    made: str


class CredentialValue(TypedDict, total=False):
    status: str
    attributes: dict[str, str]


class CredentialReportValue(TypedDict):
    active_keys: int
    columns: dict[str, str]


class DefaultValue(TypedDict):
    version: str


class RegisteredValue(TypedDict):
    type: str


class StatementValue(TypedDict):
    statement: str


class GrantValue(TypedDict, total=False):
    grantee: str
    operations: list[str]
    constraints: dict[str, Any]


class ModeValue(TypedDict):
    mode: str
    partition: str


class SnapshotValue(TypedDict):
    sha256: str
    complete: bool


class AssignmentValue(TypedDict):
    permission_set: str


class OrganizationValue(TypedDict):
    id: str
    management: str


class PolicyTypeValue(TypedDict, total=False):
    unseen: bool  # a listing says so and shows no policy of the type, of which one is always attached


class NodeValue(TypedDict):
    kind: str
    parent: str
    name: str


class GuardrailValue(TypedDict):
    type: str
    name: str
    document: str | None


class WatchValue(TypedDict):
    name: str
    actions: list[str]
    resource: str
    resource_account: str
    """Empty where the resource's ARN says it, or nobody knows."""
    account: str
    """Empty for the principals of all accounts."""
    excepting: list[str]
    """Unique ids and ARNs of the principals that are not watched."""
    note: str


class ReviewValue(TypedDict):
    name: str
    lines: int
    sha256: str
    deadline: str
    """Empty where there is none."""
    closed: bool


class DecisionValue(TypedDict):
    decision: str
    reviewer: str
    comment: str


class DelegateValue(TypedDict):
    delegate: str


class ExceptionValue(TypedDict):
    name: str
    check: str
    target: str
    account: str
    """Empty for all accounts."""
    owner: str
    reason: str
    expires: str


class CredentialItem(NamedTuple):
    """Which credential: its kind (`ssh_public_key`, …) and id."""

    kind: str
    id: str

    @property
    def text(self) -> str:
        return f"{self.kind}/{self.id}"


class TargetItem(NamedTuple):
    """Which guardrail is attached to which node."""

    policy: str
    node: str

    @property
    def text(self) -> str:
        return f"{self.policy}@{self.node}"


class PolicyTypeItem(NamedTuple):
    """Which type of guardrails is enabled in which root."""

    type: str
    root: str

    @property
    def text(self) -> str:
        return f"{self.type}@{self.root}"


class AssignmentItem(NamedTuple):
    """Who is assigned which permission set."""

    principal_type: str
    principal_id: str
    permission_set: str

    @property
    def text(self) -> str:
        return f"{self.principal_type}/{self.principal_id}/{self.permission_set}"


def credential_item(text: str) -> CredentialItem:
    kind, _, credential_id = text.partition("/")
    return CredentialItem(kind, credential_id)


def target_item(text: str) -> TargetItem:
    policy, _, node = text.partition("@")
    return TargetItem(policy, node)


def policy_type_item(text: str) -> PolicyTypeItem:
    kind, _, root = text.partition("@")
    return PolicyTypeItem(kind, root)
