"""Translates sign-ins: to the console, to the access portal of IAM Identity Center, and from one role to another.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
and https://docs.aws.amazon.com/singlesignon/latest/userguide/sign-in-events.html
"""

from __future__ import annotations

from erstwhile.domain.events.account import SignedIn
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.cloudtrail.shapes import as_object, as_text
from erstwhile.domain.observed.documents import HIDDEN

SIGN_INS = frozenset((("sso", "Authenticate"), ("sso", "Federate")))
"""Sign-ins that other services record. Every call of the service `signin` is a sign-in."""


def is_sign_in(service: str, name: str) -> bool:
    return service == "signin" or (service, name) in SIGN_INS


def signed_in(record: Record) -> SignedIn:
    return SignedIn(
        operation=f"{record.service}:{record.name}",
        result="Failure" if record.error_code else _result(record) or "Success",
        error_code=record.error_code,
        message=as_text(record.raw.get("errorMessage")),
        target=_target(record),
    )


def _result(record: Record) -> str:
    for part in ("responseElements", "serviceEventDetails"):
        result = as_object(record.raw.get(part)).get(record.name)
        if isinstance(result, str):
            return result
    return ""


def _target(record: Record) -> str:
    """What the caller signed in to: account and role of a federated sign-in, the role that a session switches to, or
    the user's name; '' where the record has none of these."""
    details, more = as_object(record.raw.get("serviceEventDetails")), as_object(record.raw.get("additionalEventData"))
    if details.get("account_id") or details.get("role_name"):
        return "/".join(filter(None, (as_text(details.get("account_id")), as_text(details.get("role_name")))))
    for target in (more.get("SwitchTo"), more.get("UserName"), record.identity.get("userName")):
        if target and HIDDEN not in as_text(target):
            return as_text(target)
    return ""
