"""One CloudTrail record, with accessors for its parts.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from erstwhile.domain.events import Actor, Body, Details
from erstwhile.domain.observed.cloudtrail.actor import issuer_of, principal_name
from erstwhile.domain.observed.cloudtrail.shapes import as_object, as_text, objects_in
from erstwhile.domain.vocabulary.identifiers import Ref, account_in, is_account_id
from erstwhile.domain.vocabulary.instants import MalformedInstant, parse_aws_date

AWS_BEGAN = datetime(2006, 1, 1, tzinfo=UTC)
MAX_ID = 128
_YES = ("yes", "true")


class MalformedRecord(ValueError):
    """not a CloudTrail record"""


class Untranslatable(ValueError):
    """the operation is known, but the record lacks what its meaning needs"""


class Record:
    """A record. `p` returns a request parameter, `r` a response element; a missing part is empty, never an error.

    Records of version 1.0 have neither eventID nor recipientAccountId: the event id is then a hash of the record, and
    the account is the caller's.
    """

    __slots__ = (
        "account",
        "error_code",
        "event_id",
        "identity",
        "name",
        "occurred_at",
        "parameters",
        "raw",
        "service",
    )

    def __init__(self, raw: dict[str, Any]) -> None:
        """Raises MalformedRecord, naming what is missing."""
        self.raw = raw
        for field in ("eventTime", "eventName", "eventSource"):
            if not isinstance(raw.get(field), str) or not raw[field]:
                raise MalformedRecord(f"without {field}: {_sketch(raw)}")
        self.name: str = raw["eventName"]
        self.service: str = raw["eventSource"].partition(".")[0]
        self.occurred_at = parse_time(raw["eventTime"])
        self.event_id = as_text(raw.get("eventID")) or _made_id(raw)
        if len(self.event_id) > MAX_ID:
            raise MalformedRecord(f"one whose eventID has more than {MAX_ID} characters")
        self.identity: dict[str, Any] = as_object(raw.get("userIdentity"))
        self.parameters: dict[str, Any] = as_object(raw.get("requestParameters"))
        self.account = as_text(raw.get("recipientAccountId")) or as_text(self.identity.get("accountId"))
        if not is_account_id(self.account):
            raise MalformedRecord(f"without recipientAccountId{_whose(raw)}: {_sketch(raw)}")
        self.error_code = as_text(raw.get("errorCode")) or _result(raw)

    def p(self, name: str) -> Any:
        return self.parameters.get(name)

    def r(self, *path: str) -> Any:
        value: Any = self.raw.get("responseElements")
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def need(self, name: str) -> str:
        """Returns a request parameter without which the record cannot be translated. Raises Untranslatable."""
        value = self.p(name)
        if value is None or value == "":
            raise Untranslatable(f"{self.name} without requestParameters.{name}")
        return str(value)

    def tags(self, name: str = "tags") -> dict[str, str]:
        """Returns tags as {key: value}, from `[{"key": …, "value": …}]` or from an object."""
        given = self.p(name) or self.p("tagSet") or []
        if isinstance(given, dict):
            return {str(key): str(value) for key, value in given.items()}
        return {
            str(tag.get("key", tag.get("Key"))): str(tag.get("value", tag.get("Value", "")))
            for tag in given
            if isinstance(tag, dict)
        }

    @property
    def issuer(self) -> dict[str, Any]:
        """The role of a role session, the user of a federated session; {} for others."""
        return issuer_of(self.identity)

    @property
    def region(self) -> str:
        return as_text(self.raw.get("awsRegion"))

    @property
    def partition(self) -> str:
        return partition_of_region(self.region)

    @property
    def owner(self) -> str:
        """The account that owns the record's resources. CloudTrail writes a cross-account call into both accounts'
        trails, so the owner need not be the record's account."""
        for resource in objects_in(self.raw.get("resources")):
            account = as_text(resource.get("accountId"))
            if is_account_id(account):
                return account
        return self.account

    def owner_of(self, arn: str) -> str:
        """The account that owns a resource: the account in the ARN, else the one that the record's `resources` give for
        this ARN, else `owner`."""
        account = account_in(arn)
        if account:
            return account
        for resource in objects_in(self.raw.get("resources")):
            if resource.get("ARN") == arn and is_account_id(as_text(resource.get("accountId"))):
                return as_text(resource["accountId"])
        return self.owner

    def arn(self, service: str, resource: str, regional: bool = True) -> str:
        region = self.region if regional else ""
        return f"arn:{self.partition}:{service}:{region}:{self.owner}:{resource}"

    @property
    def caller(self) -> Ref | None:
        """The principal of the record's account that acted: a user, or the role or user of a session; None for
        others."""
        sighting = self.sighting
        return sighting[0] if sighting is not None else None

    @property
    def sighting(self) -> tuple[Ref, str] | None:
        """The principal of the record's account that acted, and its ARN ('' where the record has none)."""
        identity, kind = self.identity, self.identity.get("type")
        if identity.get("accountId") != self.account:
            return None
        if kind == "IAMUser":
            principal, ref_kind = identity, "user"
        elif kind in ("AssumedRole", "FederatedUser"):
            principal = self.issuer
            ref_kind = "role" if kind == "AssumedRole" or principal.get("type") == "Role" else "user"
            if principal.get("type") == "Root":
                return None
        else:
            return None
        arn = as_text(principal.get("arn"))
        if arn and account_in(arn) != self.account:
            return None
        name = as_text(principal.get("userName")) or arn.rsplit("/", 1)[-1]
        return (Ref(ref_kind, name, as_text(principal.get("principalId"))), arn) if name else None

    @property
    def caller_arn(self) -> str:
        """The principal that acted (a role session is named by its role); '' where the record does not say."""
        return principal_name(self.identity, self.partition)

    @property
    def caller_id(self) -> str:
        """The unique id of the principal; for a federated user or a call on behalf of a user, that user's id."""
        identity = self.identity
        if identity.get("type") == "FederatedUser":
            return as_text(self.issuer.get("principalId"))
        on_behalf_of = as_text(as_object(identity.get("onBehalfOf")).get("userId"))
        return as_text(identity.get("principalId")).partition(":")[0] or on_behalf_of

    @property
    def session(self) -> str:
        """The name of the role session; '' for other principals."""
        if self.identity.get("type") != "AssumedRole":
            return ""
        return as_text(self.identity.get("arn")).rsplit("/", 1)[-1]

    @property
    def mfa(self) -> bool | None:
        """Whether the caller used MFA: from the sign-in's MFAUsed, else from the session's mfaAuthenticated; None where
        the record has neither."""
        used = as_text(as_object(self.raw.get("additionalEventData")).get("MFAUsed"))
        if not used:
            attributes = as_object(as_object(self.identity.get("sessionContext")).get("attributes"))
            used = as_text(attributes.get("mfaAuthenticated"))
        return used.lower() in _YES if used else None

    @property
    def actor(self) -> Actor:
        identity = self.identity
        return Actor(
            arn=self.caller_arn,
            id=self.caller_id,
            type=as_text(identity.get("type")),
            access_key=as_text(identity.get("accessKeyId")),
            mfa=self.mfa,
            invoked_by=as_text(identity.get("invokedBy")),
        )

    @property
    def details(self) -> Details:
        return Details(
            source_ip=as_text(self.raw.get("sourceIPAddress")),
            user_agent=as_text(self.raw.get("userAgent")),
            session=self.session,
        )


def partition_of_region(region: str) -> str:
    """Source: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html"""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


@lru_cache(maxsize=4096)
def known_time(text: str) -> datetime:
    """As `parse_time`: the records of a file share their seconds, and then the instant."""
    return parse_time(text)


def parse_time(text: Any) -> datetime:
    """Parses an eventTime. Raises MalformedRecord for other text, and for an instant before 2006."""
    try:
        if len(text) == 20 and text[10] == "T" and text[-1] == "Z":
            instant = datetime.fromisoformat(text)
        else:
            instant = parse_aws_date(text)
    except (MalformedInstant, TypeError, ValueError, OverflowError) as error:
        raise MalformedRecord(f"one whose eventTime is not an instant: {error}") from None
    if instant < AWS_BEGAN:
        raise MalformedRecord(f"one whose eventTime is before AWS began: {text}")
    return instant


def _made_id(raw: dict[str, Any]) -> str:
    """An event id made of the record's content, so that each copy of the record has the same id."""
    return f"made-{hashlib.sha256(orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]}"


def _result(raw: dict[str, Any]) -> str:
    """The error code of a failed call whose record has no errorCode (sign-ins have Failure instead); '' on success."""
    name = raw["eventName"]
    for part in ("responseElements", "serviceEventDetails"):
        if as_text(as_object(raw.get(part)).get(name)).lower() == "failure":
            return "Failure"
    return "Failure" if raw.get("errorMessage") else ""


def _whose(raw: dict[str, Any]) -> str:
    for resource in objects_in(raw.get("resources")):
        if resource.get("accountId"):
            return f" (its resource is of account {as_text(resource['accountId'])})"
    return ""


def _sketch(raw: dict[str, Any]) -> str:
    shown = {key: raw[key] for key in ("eventID", "eventName", "eventTime") if key in raw}
    return str(shown or sorted(raw)[:6])[:300]


Translator = Callable[[Record], list[Body]]
"""Returns the events that a record means. Raises Untranslatable."""
