"""Which events of the log are wanted: the words of a stream, a webhook, an export."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from fnmatch import fnmatchcase

from erstwhile.api.problems import bad_request
from erstwhile.domain.events import EVENT_TYPES
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, OWN, is_account_id
from erstwhile.projections.log_reader import Wanted

FILTERS = ("account", "type", "principal")


def parse_wanted(given: Mapping[str, str]) -> Wanted:
    """The events of these words. Raises Problem 400 for what can match nothing: an account that cannot be, a type that
    no event has."""
    account = given.get("account", "")
    if account and account not in (AWS_MANAGED, OWN) and not is_account_id(account):
        raise bad_request("malformed_parameter", f"account must be twelve digits, not {account[:40]!r}")
    return Wanted(account, parse_types(given.get("type", "")), given.get("principal", ""))


def parse_types(text: str) -> tuple[str, ...]:
    """Types of events, with commas between; iam.User* stands for all that begin so. Raises Problem 400."""
    found = tuple(word for each in text.split(",") if (word := each.strip()))
    for word in found:
        if not any(fnmatchcase(name, word.replace("[", "[[]").replace("?", "[?]")) for name in EVENT_TYPES):
            alike = difflib.get_close_matches(word, EVENT_TYPES, 2)
            meant = f"did you mean {' or '.join(alike)}?" if alike else "types are such as iam.UserCreated, iam.*"
            raise bad_request("unknown_type", f"no event is of the type {word[:60]!r}: {meant}")
    return found


def require_reached(name: str, position: int, head: int) -> None:
    """Raises Problem 400 for a position that the log has not reached. After a database was restored, positions come
    again for other events: who goes on from there would miss them without a word."""
    if position > head:
        raise bad_request(
            "beyond_head", f"{name} {position} is beyond the head of the log, which is {head}: begin anew"
        )
