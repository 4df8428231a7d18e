"""Which principal a question is about: an ARN, or a name, unique id or access key id that means one at that instant."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

import msgspec

from erstwhile.api.asking.moments import Moment
from erstwhile.api.problems import Problem, bad_request, not_found
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal, find_principal
from erstwhile.domain.vocabulary.identifiers import MalformedArn
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.cautions import nothing_known
from erstwhile.projections.keys import holder_of_key
from erstwhile.projections.lifetimes import lives_of, moment_of
from erstwhile.projections.similar_names import names_beside
from erstwhile.projections.sql import Connection

_SHOWN = 5


def find_subject(connection: Connection, directory: Directory, words: str, when: Moment) -> str:
    """The ARN of the principal that is meant; the name of a service or provider, or `*`, as it is. The ARN of a session
    stays that session's. Raises Problem."""
    if words.startswith("arn:"):
        try:
            entity = find_principal(directory, words)
        except MalformedArn as error:
            raise bad_request("malformed_arn", str(error)) from None
        except UnknownPrincipal:
            raise _unknown(connection, directory, words, when) from None
        return words if entity is None or ":assumed-role/" in words else directory.arn_of(entity)
    by_key = directory.with_access_key(words)
    if by_key is None and words[:4] in ("AKIA", "ASIA"):
        # No listing names this key, but for whom it was made, or who used it, is on record.
        holder = holder_of_key(connection, words, when.known_at)
        if holder and ":sts:" in holder:
            return find_subject(connection, directory, holder, when)
        by_key = directory.with_arn(holder) if holder else None
    found = [by_key] if by_key is not None else []
    found += [entity for entity in _called(directory, words) if entity is not by_key]
    if len(found) > 1:
        names = ", ".join(directory.arn_of(entity) for entity in found)
        raise bad_request("ambiguous_principal", f"{words!r} means several principals: {names}")
    if found:
        return directory.arn_of(found[0])
    try:
        caller = parse_caller(words)
    except MalformedArn:
        raise _unknown(connection, directory, words, when) from None
    if caller.kind == "root" and caller.account:
        return f"arn:{directory.partition(caller.account)}:iam::{caller.account}:root"
    return caller.arn


def _called(directory: Directory, words: str) -> Iterator[Entity]:
    """The users and roles of a name (`ada`, `user/ada`) or unique id, of all accounts."""
    lowered, ids = words.lower(), (words, words.upper())
    for kind in ("user", "role"):
        for account in directory.accounts_with(kind):
            named = directory.named(account, kind, lowered.removeprefix(f"{kind}/"))
            by_id = (directory.get(account, kind, unique_id) for unique_id in ids)
            yield from {each.key: each for each in (named, *by_id) if each is not None}.values()


def account_of(directory: Directory, principal: str) -> str:
    """The account that a principal stands in; nothing for a service, or `*`."""
    entity = directory.with_arn(principal)
    return entity.account if entity is not None else parse_caller(principal).account


class Absence(msgspec.Struct, frozen=True):
    """What is known of a principal that does not exist at an instant, in words and for programs."""

    words: str
    """When it existed, or which names are similar; empty where neither is known."""
    existed: list[dict[str, str | None]]
    similar: list[str]


def absence(connection: Connection, directory: Directory, words: str, known_at: int) -> Absence:
    """When a principal of that ARN, name, unique id or key existed; if never, similar names in the Directory."""
    existed = [
        {
            "principal": each.arn,
            "unique_id": each.unique_id,
            "from": format_instant(each.begin) if each.begin else None,
            "to": format_instant(each.end) if each.end else None,
            "as_of": format_instant(moment_of(each)),
        }
        for each in lives_of(connection, words, known_at)
    ]
    parts = []
    for life in existed:
        began, ended = life["from"] or "before anything on record", life["to"] or "now"
        parts.append(f"{life['principal']} existed from {began} to {ended}: ask again as of {life['as_of']}")
    similar: list[str] = []
    if not existed:
        similar = _similar(connection, directory, words, known_at)
        parts += [*([f"known are: {', '.join(similar)}"] if similar else ()), *nothing_known(directory)]
    return Absence("; ".join(parts), existed, similar)


def _unknown(connection: Connection, directory: Directory, words: str, when: Moment) -> Problem:
    """The Problem 404 of a principal that does not exist at that moment."""
    found = absence(connection, directory, words, when.known_at)
    detail = f"no principal {words} is known as of {format_instant(when.as_of)}"
    detail += f"; {found.words}" if found.words else ""
    return not_found("unknown_principal", detail, existed=found.existed, similar=found.similar)


def _similar(connection: Connection, directory: Directory, words: str, known_at: int) -> list[str]:
    name = words.rsplit("/", 1)[-1].lower()
    if not name:
        return []
    by_name: dict[str, list[str]] = {}
    for each in names_beside(connection, name, directory.as_of, known_at):
        by_name.setdefault(each.name, []).append(each.arn)
    alike = [each for each in by_name if name in each or each in name]
    names = dict.fromkeys((*get_close_matches(name, by_name, n=_SHOWN, cutoff=0.7), *alike))
    return [arn for each in names for arn in by_name[each]][:_SHOWN]
