"""Whom a record of IAM names, and the dates it tells."""

from __future__ import annotations

from erstwhile.domain.observed.cloudtrail.record import Record, Untranslatable
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import MalformedInstant, format_instant, parse_aws_date

NAME_FIELD = {
    "user": "userName",
    "group": "groupName",
    "role": "roleName",
    "instance-profile": "instanceProfileName",
}


def user_or_caller(record: Record) -> Ref:
    """userName, or the caller where the request leaves it out."""
    name = record.p("userName")
    if name:
        return Ref("user", str(name))
    caller = record.caller
    if caller is not None and caller.kind == "user":
        return caller
    if record.identity.get("type") == "Root":
        return Ref("root", "root", record.account)
    raise Untranslatable(f"{record.name} without userName, by a caller that is no user")


def subject(record: Record, kind: str) -> Ref:
    return Ref(kind, record.need(NAME_FIELD[kind]))


def date(value: object) -> str:
    try:
        return format_instant(parse_aws_date(str(value))) if value else ""
    except MalformedInstant:
        return ""
