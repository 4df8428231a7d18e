"""One CloudTrail record, and how to get at its parts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
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
    """A record; `p` gets request parameters, `r` response elements. Missing parts are empty, never errors.

    Records of version 1.0 have neither eventID nor recipientAccountId: the one is made from what the record says, the
    other is the caller's account.
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
        """A request parameter that the operation cannot be understood without. Raises Untranslatable."""
        value = self.p(name)
        if value is None or value == "":
            raise Untranslatable(f"{self.name} without requestParameters.{name}")
        return str(value)

    def tags(self, name: str = "tags") -> dict[str, str]:
        """Tags, from `[{"key": …, "value": …}]` or from an object."""
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
        """The role behind a role session, the user behind a federated one."""
        return issuer_of(self.identity)

    @property
    def region(self) -> str:
        return as_text(self.raw.get("awsRegion"))

    @property
    def partition(self) -> str:
        return partition_of_region(self.region)

    @property
    def owner(self) -> str:
        """Whose resource it is: of a cross-account call both accounts get a copy of the record."""
        for resource in objects_in(self.raw.get("resources")):
            told = as_text(resource.get("accountId"))
            if is_account_id(told):
                return told
        return self.account

    def owner_of(self, arn: str) -> str:
        """Whose a resource is: the ARN says, or the record's resource of that ARN, or its first."""
        told = account_in(arn)
        if told:
            return told
        for resource in objects_in(self.raw.get("resources")):
            if resource.get("ARN") == arn and is_account_id(as_text(resource.get("accountId"))):
                return as_text(resource["accountId"])
        return self.owner

    def arn(self, service: str, resource: str, regional: bool = True) -> str:
        region = self.region if regional else ""
        return f"arn:{self.partition}:{service}:{region}:{self.owner}:{resource}"

    @property
    def caller(self) -> Ref | None:
        """The principal of this account that acted: a user, or the role or user of a session; None for others."""
        found = self.sighting
        return found[0] if found is not None else None

    @property
    def sighting(self) -> tuple[Ref, str] | None:
        """The principal of this account that acted, and its ARN ('' where the record does not tell one of here)."""
        identity, kind = self.identity, self.identity.get("type")
        if identity.get("accountId") != self.account:
            return None
        if kind == "IAMUser":
            told, ref_kind = identity, "user"
        elif kind in ("AssumedRole", "FederatedUser"):
            told = self.issuer
            ref_kind = "role" if kind == "AssumedRole" or told.get("type") == "Role" else "user"
            if told.get("type") == "Root":
                return None
        else:
            return None
        arn = as_text(told.get("arn"))
        if arn and account_in(arn) != self.account:
            return None
        name = as_text(told.get("userName")) or arn.rsplit("/", 1)[-1]
        return (Ref(ref_kind, name, as_text(told.get("principalId"))), arn) if name else None

    @property
    def caller_arn(self) -> str:
        """Who acted: of a role session its role; '' when the record does not say."""
        return principal_name(self.identity, self.partition)

    @property
    def caller_id(self) -> str:
        """The unique id of the principal, or of the user behind it."""
        identity = self.identity
        if identity.get("type") == "FederatedUser":
            return as_text(self.issuer.get("principalId"))
        behind = as_text(as_object(identity.get("onBehalfOf")).get("userId"))
        return as_text(identity.get("principalId")).partition(":")[0] or behind

    @property
    def session(self) -> str:
        """The role session's name."""
        if self.identity.get("type") != "AssumedRole":
            return ""
        return as_text(self.identity.get("arn")).rsplit("/", 1)[-1]

    @property
    def mfa(self) -> bool | None:
        """Whether MFA was used, as the record says: a sign-in's own word, else the session's."""
        told = as_text(as_object(self.raw.get("additionalEventData")).get("MFAUsed"))
        if not told:
            attributes = as_object(as_object(self.identity.get("sessionContext")).get("attributes"))
            told = as_text(attributes.get("mfaAuthenticated"))
        return told.lower() in _YES if told else None

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
    """https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html"""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def parse_time(text: Any) -> datetime:
    """An eventTime. Raises MalformedRecord."""
    try:
        if len(text) == 20 and text[10] == "T" and text[-1] == "Z":
            found = datetime.fromisoformat(text)
        else:
            found = parse_aws_date(text)
    except (MalformedInstant, TypeError, ValueError, OverflowError) as error:
        raise MalformedRecord(f"one whose eventTime is not an instant: {error}") from None
    if found < AWS_BEGAN:
        raise MalformedRecord(f"one whose eventTime is before AWS began: {text}")
    return found


def _made_id(raw: dict[str, Any]) -> str:
    """The same record has the same one wherever it comes from."""
    return f"made-{hashlib.sha256(orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]}"


def _result(raw: dict[str, Any]) -> str:
    """What stands for an error code where there is none and the call failed all the same: sign-ins say Failure."""
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
"""What a record means, as events. Raises Untranslatable."""
