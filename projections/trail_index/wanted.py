"""What the events have that pass the filters of the audit trail: keys, and what is on their lines."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from functools import partial

import msgspec

from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.projections.filters import OUTCOMES, Filters, one_of, sources_of
from erstwhile.projections.trail_index.grams import UNSURE, Field, Range, parts, ranges, word

ADDRESS, SOURCE, OUTCOME, ACCOUNT, SHOWN = "address", "source", "outcome", "account", "shown"
"""Kinds of words."""
_CUT = {4: (8, 16, 24, 32), 6: (16, 32, 48, 64, 128)}
"""Bits of the networks of an address that are words of its event, by the version of the protocol."""
_AS_WRITTEN = re.compile(r"[ !#-\[\]-~]+")
"""What a JSON text has as it is."""


class Line(msgspec.Struct, frozen=True, array_like=True):
    """What many events have alike. `shown`: whether the trail shows them without being asked for everything."""

    account: str
    actor: str
    actor_id: str
    access_key: str
    action: str
    outcome: str
    session: str
    is_shown: bool


class Wanted(msgspec.Struct, frozen=True):
    """`keys`: of each, an event has all keys of one of its alternatives. `on_line`: an event's line passes all of
    these. `named`: an event has all of these keys, or an action without a name."""

    keys: list[list[list[Range]]]
    on_line: list[Callable[[Line], bool]]
    named: list[Range] = []

    def passes(self, line: Line) -> bool:
        return all(each(line) for each in self.on_line)


def networks_of(address: str) -> list[str]:
    """The networks of an address that are words of its event; none for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return []
    return [str(ipaddress.ip_network((found, bits), strict=False)) for bits in _CUT[found.version]]


def wanted(filters: Filters) -> Wanted:
    """What events have that pass; those that have it need not pass. Raises MalformedFilter, and UnicodeEncodeError, as
    the database does, of words that are no text."""
    for text in msgspec.structs.astuple(filters):
        if isinstance(text, str):
            text.encode()
    keys: list[list[list[Range]]] = []
    on_line: list[Callable[[Line], bool]] = []
    for field, text in (
        (Field.ACTOR, filters.actor), (Field.TARGET, filters.target), (Field.ACTION, filters.action),
        (Field.SESSION, filters.session), (Field.TEXT, filters.text),
    ):  # fmt: skip
        keys += [[[each]] for each in ranges(field, text)]
    if filters.actor:
        on_line.append(partial(_is_by, _has(filters.actor)))
    if filters.action:
        on_line.append(partial(_calls, _has(filters.action)))
    if filters.session:
        on_line.append(partial(_is_of_session, _has(filters.session)))
    if filters.account:
        keys.append(_any_of(ACCOUNT, [filters.account]))
        on_line.append(lambda line: line.account == filters.account)
    if filters.outcome:
        outcomes = one_of(filters.outcome, OUTCOMES, "outcome")
        keys.append(_any_of(OUTCOME, outcomes))
        on_line.append(lambda line: line.outcome in outcomes)
    if filters.source_ip:
        keys += _from(filters.source_ip)
    if not filters.everything and filters.account != AWS_MANAGED:
        keys.append(_any_of(SHOWN, [""]))
        on_line.append(lambda line: line.is_shown)
    return Wanted(keys, on_line)


def name_of(action: str) -> str:
    """Of an action (`iam:CreateUser`), what follows the service; empty where nothing does."""
    return action.split(":")[1] if ":" in action else ""


def in_trail_of(account: str, access_key: str = "", operation: str = "") -> Wanted:
    """What the events have whose records stand in an account's trail: its own, and those that rest on its evidence. Of
    this access key and this operation alone, if they are given; an event may be of any operation whose action does not
    name it."""
    keys = [[*_any_of(ACCOUNT, [account]), ranges(Field.TEXT, f"{account}/")]]
    on_line: list[Callable[[Line], bool]] = []
    if access_key:
        keys += [[[each]] for each in ranges(Field.ACTOR, access_key)]
        on_line.append(lambda line: line.access_key == access_key)
    if operation:
        on_line.append(lambda line: name_of(line.action) in ("", operation))
    return Wanted(keys, on_line, ranges(Field.ACTION, f":{operation}") if operation else [])


def as_written(text: str) -> list[Range] | None:
    """What the events have that have a text in their data; None for what JSON does not write as it is."""
    return ranges(Field.TEXT, text) if _AS_WRITTEN.fullmatch(text) else None


def source(address: str) -> Range:
    """Of events that came from an address, as it was written."""
    key = word(SOURCE, address.lower())
    return Range(key, key + 1)


def _any_of(kind: str, words: Iterable[str]) -> list[list[Range]]:
    return [[Range(key, key + 1)] for key in (word(kind, each) for each in words)]


def _from(text: str) -> list[list[list[Range]]]:
    networks, names = sources_of(text)
    found = _any_of(SOURCE, names)
    for each in networks:
        network = ipaddress.ip_network(each)
        cut = [bits for bits in _CUT[network.version] if bits <= network.prefixlen]
        if not cut:
            return []
        found += _any_of(ADDRESS, [str(ipaddress.ip_network((network.network_address, cut[-1]), strict=False))])
    return [found]


def _is_by(has: Callable[[str], bool], line: Line) -> bool:
    return has(line.actor) or has(line.actor_id) or has(line.access_key)


def _calls(has: Callable[[str], bool], line: Line) -> bool:
    return has(line.action)


def _is_of_session(has: Callable[[str], bool], line: Line) -> bool:
    return has(line.session)


def _has(text: str) -> Callable[[str], bool]:
    """Whether a text may be one that a filter's text finds."""
    wanted_parts = parts(text)

    def has(value: str) -> bool:
        low = value.lower() if value.isascii() else "".join(c.lower() if c.isascii() else c for c in value)
        return all(part in low for part in wanted_parts) or not UNSURE.isdisjoint(value)

    return has
