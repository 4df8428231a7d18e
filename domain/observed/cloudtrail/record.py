"""One CloudTrail record, and how to get at its parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from erstwhile.domain.events import Actor, Body, Details
from erstwhile.domain.identifiers import Ref, is_account_id
from erstwhile.domain.instants import MalformedInstant, parse_aws_date

_NOTHING: dict[str, Any] = {}


class MalformedRecord(ValueError):
    """not a CloudTrail record"""


class Untranslatable(ValueError):
    """the operation is known, but the record lacks what its meaning needs"""


class Record:
    """A record; `p` gets request parameters, `r` response elements. Missing parts are empty, never errors."""

    __slots__ = ("account", "error_code", "event_id", "identity", "name", "occurred_at", "raw", "service")

    def __init__(self, raw: dict[str, Any]) -> None:
        """Raises MalformedRecord, naming what is missing."""
        self.raw = raw
        try:
            time, self.name, source = raw["eventTime"], raw["eventName"], raw["eventSource"]
            self.event_id: str = raw["eventID"]
        except KeyError as error:
            raise MalformedRecord(f"a record without {error.args[0]}: {_sketch(raw)}") from None
        self.service: str = source.partition(".")[0]
        self.occurred_at = parse_time(time)
        self.identity: dict[str, Any] = raw.get("userIdentity") or _NOTHING
        self.account: str = raw.get("recipientAccountId") or self.identity.get("accountId") or ""
        if not is_account_id(self.account):
            raise MalformedRecord(f"a record without recipientAccountId: {_sketch(raw)}")
        self.error_code: str = raw.get("errorCode") or ""

    def p(self, name: str) -> Any:
        return (self.raw.get("requestParameters") or _NOTHING).get(name)

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
        """The role behind a role session."""
        return (self.identity.get("sessionContext") or _NOTHING).get("sessionIssuer") or _NOTHING

    @property
    def region(self) -> str:
        return str(self.raw.get("awsRegion") or "")

    @property
    def partition(self) -> str:
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def owner(self) -> str:
        """Whose resource it is: of a cross-account call both accounts get a copy of the record."""
        for resource in self.raw.get("resources") or ():
            if isinstance(resource, dict) and is_account_id(str(resource.get("accountId") or "")):
                return str(resource["accountId"])
        return self.account

    def arn(self, service: str, resource: str, regional: bool = True) -> str:
        region = self.region if regional else ""
        return f"arn:{self.partition}:{service}:{region}:{self.owner}:{resource}"

    @property
    def caller(self) -> Ref | None:
        """The principal of this account that acted: a user, or the role of a session; None for others."""
        identity = self.identity
        if identity.get("accountId") != self.account:
            return None
        match identity.get("type"):
            case "IAMUser":
                arn = str(identity.get("arn") or "")
                name = str(identity.get("userName") or arn.rsplit("/", 1)[-1])
                return Ref("user", name, str(identity.get("principalId") or "")) if name else None
            case "AssumedRole":
                issuer = self.issuer
                name = str(issuer.get("userName") or str(issuer.get("arn") or "").rsplit("/", 1)[-1])
                return Ref("role", name, str(issuer.get("principalId") or "")) if name else None
            case _:
                return None

    @property
    def caller_arn(self) -> str:
        """The ARN of the principal: of a role session, its role's; '' when the record does not say."""
        identity = self.identity
        if identity.get("type") == "AssumedRole":
            return str(self.issuer.get("arn") or identity.get("arn") or "")
        return str(identity.get("arn") or identity.get("principalId") or identity.get("invokedBy") or "")

    @property
    def session(self) -> str:
        """The role session's name."""
        if self.identity.get("type") != "AssumedRole":
            return ""
        return str(self.identity.get("arn") or "").rsplit("/", 1)[-1]

    @property
    def actor(self) -> Actor:
        identity = self.identity
        attributes = (identity.get("sessionContext") or _NOTHING).get("attributes") or _NOTHING
        mfa = attributes.get("mfaAuthenticated")
        return Actor(
            arn=self.caller_arn,
            id=str(identity.get("principalId") or "").partition(":")[0],
            type=str(identity.get("type") or ""),
            access_key=str(identity.get("accessKeyId") or ""),
            mfa=None if mfa is None else str(mfa).lower() == "true",
            invoked_by=str(identity.get("invokedBy") or ""),
        )

    @property
    def details(self) -> Details:
        return Details(
            source_ip=str(self.raw.get("sourceIPAddress") or ""),
            user_agent=str(self.raw.get("userAgent") or ""),
            session=self.session,
        )


def parse_time(text: Any) -> datetime:
    """An eventTime. Raises MalformedRecord."""
    try:
        if len(text) == 20 and text[10] == "T" and text[-1] == "Z":
            return datetime.fromisoformat(text)
        return parse_aws_date(text)
    except (MalformedInstant, TypeError, ValueError) as error:
        raise MalformedRecord(f"a record whose eventTime is not an instant: {error}") from None


def _sketch(raw: dict[str, Any]) -> str:
    shown = {key: raw[key] for key in ("eventID", "eventName", "eventTime") if key in raw}
    return str(shown or sorted(raw)[:6])


Translator = Callable[[Record], list[Body]]
"""What a record means, as events. Raises Untranslatable."""
