"""Who may decide about a line: its reviewer, or the person to whom it was delegated, or an administrator in the name of
that person; and never the principal itself, in whatever name.

Source: ISO/IEC 27001:2022, A.5.18 and A.5.3 (segregation of duties): a reviewer does not review himself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

Verdict = Literal["may", "not the reviewer", "himself"]
MAY: Final[Verdict] = "may"


class Acting(msgspec.Struct, frozen=True, kw_only=True):
    """Who decides. `reviewer`: in whose name; `actor`: who does it, by a token's or login's name; `is_administrator`:
    whether the actor may do so in the name of others."""

    reviewer: str
    actor: str
    is_administrator: bool = False


def may_decide(acting: Acting, reviewers: Sequence[str], people: Iterable[str]) -> Verdict:
    """Whether it may be decided so. `reviewers`: who decides about the line now; `people`: the words that mean its
    principal. All are compared regardless of case."""
    own = [each.lower() for each in people]
    if any(is_self(each, own) for each in (acting.reviewer, acting.actor)):
        return "himself"
    allowed = {each.lower() for each in reviewers}
    if acting.reviewer.lower() not in allowed:
        return "not the reviewer"
    if acting.actor.lower() != acting.reviewer.lower() and not acting.is_administrator:
        return "not the reviewer"
    return MAY


def is_self(word: str, own: Sequence[str]) -> bool:
    """Whether a person's name is one of the words (lower case) that mean a principal, or an e-mail address whose local
    part is: ada@example.com is the user ada."""
    lowered = word.lower()
    return bool(lowered) and (lowered in own or lowered.partition("@")[0] in own)
