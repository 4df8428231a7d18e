"""What a report is about: an access key, a session, a principal or an address."""

from __future__ import annotations

import ipaddress
from typing import Literal

from msgspec import Struct

from erstwhile.api.asking.over_time.ground import Ground
from erstwhile.api.asking.over_time.whom import Subject, find_over
from erstwhile.api.problems import Problem, bad_request
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.bearers import arns_of, bearers
from erstwhile.domain.incident.access_key_ids import account_of, is_access_key
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.projections.finding.calls_found import sessions
from erstwhile.projections.incident.whom import Whom
from erstwhile.projections.keys import holder_of_key

Kind = Literal["access_key", "session", "principal", "address"]


class About(Struct, frozen=True, kw_only=True):
    """`whom`: whose calls; `principal`: whose it is, '' where nobody knows; `key`: that user or role, where it is known
    here; `account`: whose account, by what is on record."""

    kind: Kind
    words: str
    whom: Whom
    principal: str = ""
    unique_id: str = ""
    account: str = ""
    account_by_form: str = ""
    key: EntityKey | None = None
    notes: tuple[str, ...] = ()


def about(ground: Ground, words: str) -> About:
    """What the words mean. A key or an address that nobody used is no error: the report says what is known of it.

    Raises Problem: 404 for a name that nobody has, 400 for one that several have."""
    words = words.strip()
    if is_access_key(words):
        return _access_key(ground, words)
    if (address := _address(words)) is not None:
        return About(kind="address", words=words, whom=Whom(addresses=tuple(dict.fromkeys((words, address)))))
    try:
        found = find_over(ground.connection, ground.history, words, ground.window)
    except Problem as problem:
        if problem.status != 404 or words.startswith("arn:"):
            raise
        return _session_named(ground, words, problem)
    return _principal(ground, words, found)


def _address(words: str) -> str | None:
    try:
        return str(ipaddress.ip_address(words))
    except ValueError:
        return None


def _access_key(ground: Ground, words: str) -> About:
    by_form = account_of(words)
    found: Subject | None = None
    try:
        found = find_over(ground.connection, ground.history, words, ground.window)
    except Problem as problem:
        if problem.status != 404:
            raise
    holder = "" if found else holder_of_key(ground.connection, words, ground.window.known_at) or ""
    principal = found.principal if found else holder
    account = (found.account if found else account_in(holder)) or ""
    notes = []
    if not principal:
        notes.append(
            "no record shows this key, and no listing names it: nothing is known of it but what its form tells"
        )
    if account and by_form and account != by_form:
        notes.append(
            f"the key's form tells the account {by_form}, the records say {account}: one of them was rewritten"
        )
    return About(
        kind="access_key", words=words, whom=Whom(keys=(words,)), principal=principal,
        unique_id=found.unique_id if found else "", account=account or by_form, account_by_form=by_form,
        key=_key_of(ground, found) if found else None, notes=tuple(notes),
    )  # fmt: skip


def _key_of(ground: Ground, found: Subject) -> EntityKey | None:
    if not isinstance(found.asked, str):
        return found.asked
    for kind in ("user", "role"):
        key = (found.account, kind, found.unique_id)
        if found.unique_id and ground.history.intervals_of(key):
            return key
    return None


def _principal(ground: Ground, words: str, found: Subject) -> About:
    key = _key_of(ground, found)
    arns = tuple(arns_of(ground.history, key)) if key is not None else (found.principal,)
    if isinstance(found.asked, str) and ":assumed-role/" in found.asked:
        name = found.asked.rsplit("/", 1)[-1]
        return About(
            kind="session", words=words, whom=Whom(sessions=tuple((arn, name) for arn in arns)), principal=arns[-1],
            unique_id=found.unique_id, account=found.account, key=key,
        )  # fmt: skip
    notes = []
    for arn in arns:
        others = {each.key[2] for each in bearers(ground.history, arn)} - {found.unique_id}
        if found.unique_id and others:
            notes.append(f"calls name it by {arn}, which others had too ({', '.join(sorted(others))}): theirs are here")
    return About(
        kind="principal", words=words, whom=Whom(principals=arns), principal=found.principal or arns[-1],
        unique_id=found.unique_id, account=found.account, key=key, notes=tuple(notes),
    )  # fmt: skip


def _session_named(ground: Ground, words: str, problem: Problem) -> About:
    """The only session of a name. Raises Problem: the given one where there is none, 400 where several have it."""
    found = list(sessions(ground.connection, words, ground.window.known_at))
    if not found:
        raise problem
    if len(found) > 1:
        listed = ", ".join(each.of for each in found)
        raise bad_request("ambiguous_session", f"{words!r} is the name of sessions of several principals: {listed}")
    of = found[0].of
    subject = find_over(ground.connection, ground.history, of, ground.window)
    key = _key_of(ground, subject)
    return About(
        kind="session", words=words, whom=Whom(sessions=((of, words),)), principal=of, unique_id=subject.unique_id,
        account=subject.account, key=key,
    )  # fmt: skip
