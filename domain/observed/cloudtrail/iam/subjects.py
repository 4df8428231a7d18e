"""Reads from a record of IAM which entity it names, and its dates."""

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
    """The user that `userName` names, or the caller (a user or the root user) where the request has no `userName`.

    Raises Untranslatable where the caller is neither.
    """
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
