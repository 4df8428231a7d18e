"""Legal holds: what a principal, an account or a time range concerns is neither forgotten nor deleted for its age."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from erstwhile.api.commanding.provenance import Provenance
from erstwhile.api.keeping.own_settings import MalformedWords, current, one_at_a_time, put, remove, require_text
from erstwhile.domain.vocabulary.identifiers import is_account_id
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.typed import convert
from erstwhile.projections.sql import Connection

CATEGORY = "legal-hold"
_NAME = re.compile(r"[\w.@+=-]{1,64}", re.ASCII)


class Held(MalformedInput):
    """a hold keeps what was to be deleted"""

    code = "held"


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """`principal`: an ARN, a session's name or an access key; `since`, `until`: RFC 3339, of what happened. What is
    empty does not narrow; something is not."""

    name: str
    principal: str = ""
    account: str = ""
    since: str = ""
    until: str = ""
    reason: str


def add(
    connection: Connection, name: str, reason: str, caller: Provenance, principal: str = "", account: str = "",
    since: datetime | None = None, until: datetime | None = None,
) -> Hold:  # fmt: skip
    """Raises MalformedWords."""
    if not _NAME.fullmatch(name):
        raise MalformedWords(f"{name[:80]!r} is no hold's name: 1 to 64 letters, digits or _.@+=- are expected")
    if account and not is_account_id(account):
        raise MalformedWords(f"--account must be twelve digits, not {account[:40]!r}")
    if not (principal or account or since or until):
        raise MalformedWords("say what is held: --principal, --account, --from, --to")
    if since is not None and until is not None and since >= until:
        raise MalformedWords("--from is not before --to: nothing would be held")
    hold = Hold(
        name=name, principal=require_text("--principal", principal) if principal else "", account=account,
        since=format_instant(since) if since else "", until=format_instant(until) if until else "",
        reason=require_text("--reason", reason),
    )  # fmt: skip
    with connection.transaction():
        one_at_a_time(connection)
        if name in current(connection, CATEGORY):
            raise MalformedWords(f"there is a hold {name} already: release it, or choose another name")
        attributes = {key: value for key, value in msgspec.to_builtins(hold).items() if value and key != "name"}
        put(connection, CATEGORY, name, attributes, caller)
    return hold


def release(connection: Connection, name: str, caller: Provenance) -> None:
    """Raises MalformedWords for a hold that is not there."""
    with connection.transaction():
        one_at_a_time(connection)
        names = current(connection, CATEGORY)
        if name not in names:
            others = f"there are: {', '.join(sorted(names)[:10])}" if names else "and no other"
            raise MalformedWords(f"there is no hold {name[:80]}; {others}")
        remove(connection, CATEGORY, name, caller)


def holds(connection: Connection) -> list[Hold]:
    """Those in force, by name."""
    found = current(connection, CATEGORY)
    return [convert({"name": name, **found[name]}, Hold) for name in sorted(found)]
