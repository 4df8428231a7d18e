"""Which principal a question about a window means. A name may have been borne by several, one after another: then the
question must say which, by a unique id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from erstwhile.api.asking.over_time.window import AskedWindow
from erstwhile.api.asking.principal_finder import absence
from erstwhile.api.problems import Problem, bad_request, not_found
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.account_modes import NOT_YET
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.bearers import arn_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.inputs.caller import Caller, parse_caller
from erstwhile.domain.vocabulary.identifiers import MalformedArn, account_in
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER, format_instant
from erstwhile.projections.keys import holder_of_key
from erstwhile.projections.sql import Connection

PRINCIPALS = ("user", "role")
ANYTHING = ("user", "role", "group", "policy", "resource", "account")
"""What changes may concern."""
_PREFIXES = ("AKIA", "ASIA")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a question is about: `asked` is what the domain's questions take."""

    asked: str | EntityKey
    principal: str
    """The ARN that it had last in the window; another principal's name as it is."""
    unique_id: str
    account: str


class Lived(msgspec.Struct, frozen=True):
    """A part of an entity's life in which it had one ARN."""

    key: EntityKey
    arn: str
    name: str
    begin: datetime
    end: datetime

    def json(self) -> dict[str, Any]:
        return {
            "principal": self.arn,
            "unique_id": self.key[2],
            "from": None if self.begin == BEFORE else format_instant(self.begin),
            "to": None if self.end == FOREVER else format_instant(self.end),
        }

    @property
    def words(self) -> str:
        begin = "before all records" if self.begin == BEFORE else format_instant(self.begin)
        return (
            f"{self.key[2]} ({self.arn}) from {begin} to {'now' if self.end == FOREVER else format_instant(self.end)}"
        )


def find_over(connection: Connection, history: FactHistory, words: str, window: AskedWindow) -> Subject:
    """The principal that is meant: by a unique id or an access key, or by an ARN or a name that one alone had in the
    window. Raises Problem: 404 for nobody, with when it existed; 400 for several, with when each of them lived."""
    if words[:4] in _PREFIXES and not list(history.with_access_key(words)):
        # No listing names this key, but for whom it was made, or who used it, is on record.
        holder = holder_of_key(connection, words, window.known_at)
        words = holder or words
    other = _without_entity(words)
    if other is not None:
        return Subject(asked=other.arn, principal=other.arn, unique_id="", account=other.account)
    last = _only(connection, history, words, window, PRINCIPALS)
    # A session stays the session that was named.
    asked: str | EntityKey = words if ":assumed-role/" in words else last.key
    return Subject(
        asked=asked, principal=words if isinstance(asked, str) else last.arn, unique_id=last.key[2], account=last.key[0]
    )


def find_named(connection: Connection, history: FactHistory, words: str, window: AskedWindow) -> Subject:
    """The ARN that is meant, whoever had it: several that had the same one after another are no matter. Of a unique id,
    the one alone. Raises Problem."""
    try:
        return find_over(connection, history, words, window)
    except Problem as problem:
        arns = {each["principal"] for each in problem.members.get("lives", ())}
        if problem.code != "ambiguous_principal" or len(arns) != 1:
            raise
        [arn] = arns
        return Subject(asked=arn, principal=arn, unique_id="", account=account_in(arn))


def find_any(connection: Connection, history: FactHistory, words: str, window: AskedWindow) -> Subject:
    """The user, role, group, policy, resource or account that is meant. Raises Problem as `find_over` does."""
    last = _only(connection, history, words, window, ANYTHING)
    return Subject(asked=last.key, principal=last.arn or last.key[2], unique_id=last.key[2], account=last.key[0])


def _only(
    connection: Connection, history: FactHistory, words: str, window: AskedWindow, kinds: tuple[str, ...]
) -> Lived:
    """The last life in the window of the only entity of these kinds that is meant. Raises Problem."""
    lived = [each for key in _keys(history, words, kinds) for each in _lives(history, key)]
    if not _is_id(words, lived):
        lived = [each for each in lived if _is_called(each, words)]
    there = [each for each in lived if each.begin < window.end and each.end > window.begin]
    # One that was made and ended within one second of records held at no instant: it is meant where it is alone.
    there = [each for each in there if each.begin < each.end] or there
    keys = dict.fromkeys(each.key for each in there)
    if not keys:
        raise _nobody(connection, history, words, lived, window, "principal" if kinds == PRINCIPALS else "entity")
    if len(keys) > 1:
        raise _several(words, there, window)
    return max(there, key=lambda each: each.begin)


def _without_entity(words: str) -> Caller | None:
    """A principal that is no user or role: a root, a service, anybody, a session of another sort."""
    try:
        caller = parse_caller(words)
    except MalformedArn as error:
        if words.startswith("arn:"):
            raise bad_request("malformed_arn", str(error)) from None
        return None
    return None if caller.kind in ("user", "role", "session") else caller


def _keys(history: FactHistory, words: str, kinds: tuple[str, ...]) -> Iterable[EntityKey]:
    """The entities that may be meant, at whatever instant."""
    found: dict[EntityKey, None] = {}
    if words.startswith("arn:"):
        arn = words
        if ":assumed-role/" in words:
            role = words.partition(":assumed-role/")[2].split("/")[0]
            found |= dict.fromkeys(history.with_name(account_in(words), "role", role.lower()))
        found |= dict.fromkeys(history.with_arn(arn))
    else:
        found |= dict.fromkeys(history.with_access_key(words))
        for account, kind in history.kinds():
            if kind in kinds:
                found |= dict.fromkeys(history.with_name(account, kind, words.lower().removeprefix(f"{kind}/")))
                for unique_id in dict.fromkeys((words, words.upper())):
                    if history.intervals_of((account, kind, unique_id)):
                        found[account, kind, unique_id] = None
    return [key for key in found if key[1] in kinds]


def _lives(history: FactHistory, key: EntityKey) -> Iterator[Lived]:
    about = attributes.MODE if key[1] == "account" else attributes.ENTITY
    rows = [row for row in history.intervals_of(key) if row.attribute == about]
    rows = [row for row in rows if row.value.get("mode") != NOT_YET]
    last: Lived | None = None
    for row in sorted(rows, key=lambda each: (each.valid_from, each.valid_to)):
        name = str(row.value.get("name") or "")
        arn = arn_of(history, row) if key[1] != "account" else f"account {key[2]}"
        if last is not None and last.arn == arn and last.end == row.valid_from:
            last = msgspec.structs.replace(last, end=row.valid_to)
            continue
        if last is not None:
            yield last
        last = Lived(key, arn, name, row.valid_from, row.valid_to)
    if last is not None:
        yield last


def _is_id(words: str, lived: list[Lived]) -> bool:
    """Whether the words are a unique id or an access key: these mean the entity under whatever name."""
    return not words.startswith("arn:") and not any(_is_called(each, words) for each in lived)


def _is_called(each: Lived, words: str) -> bool:
    if words.startswith("arn:"):
        if ":assumed-role/" in words:
            return each.name.lower() == words.partition(":assumed-role/")[2].split("/")[0].lower()
        return each.arn == words or each.key[2] == words.rpartition("/")[2]
    return bool(each.name) and each.name.lower() == words.lower().removeprefix(f"{each.key[1]}/")


def _nobody(
    connection: Connection, history: FactHistory, words: str, lived: list[Lived], window: AskedWindow, what: str
) -> Problem:
    detail = f"no {what} {words} is known {window.words}"
    if lived:
        listed = "; ".join(each.words for each in lived)
        detail += f"; there was {listed}: ask about a window that reaches there"
        return not_found("unknown_principal", detail, existed=[each.json() for each in lived], similar=[])
    found = absence(connection, directory_at(history, window.end - TICK), words, window.known_at)
    detail += f"; {found.words}" if found.words else ""
    return not_found("unknown_principal", detail, existed=found.existed, similar=found.similar)


def _several(words: str, lived: list[Lived], window: AskedWindow) -> Problem:
    shown = sorted(lived, key=lambda each: (each.begin, each.key))
    listed = "; ".join(each.words for each in shown)
    return Problem(
        400, "ambiguous_principal",
        f"{words!r} means several {window.words}: ask about one of them by its unique id: {listed}",
        lives=[each.json() for each in shown],
    )  # fmt: skip
