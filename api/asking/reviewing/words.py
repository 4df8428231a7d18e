"""What callers say of a review, and which of its lines they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from erstwhile.api.problems import bad_request
from erstwhile.domain.events.reviews import FrozenLine
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.reviews.review import DECISIONS, Review
from erstwhile.domain.reviews.rights import Acting

DAYS = 90
"""Days before the population's instant in which use counts."""
USES = ("used", "not used", "cannot know")
_RANGE = re.compile(r"^(\d{1,9})(?:-(\d{1,9}))?$", re.ASCII)


class ReviewWords(msgspec.Struct, frozen=True, kw_only=True):
    """A review as somebody opens it. Of accounts (of all, where none is named), or of who can do an action on a
    resource. `rules` name reviewers (`domain/reviews/reviewers.py`)."""

    name: str
    accounts: Sequence[str] = ()
    kinds: Sequence[str] = ()
    action: str = ""
    resource: str = ""
    resource_account: str | None = None
    as_of: str | None = None
    days: int = DAYS
    rules: Sequence[Mapping[str, Any]] = ()
    deadline: str = ""
    note: str = ""


class LinesMeant(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines: those for which all holds that is given. `lines`: numbers and ranges (`1-20,35`); `principal`,
    `policy`: a name or ARN, with * and ?; `reviewer`: who decides about them now; `decision`: approve, revoke, abstain
    or pending."""

    lines: str = ""
    account: str = ""
    principal: str = ""
    policy: str = ""
    path: str = ""
    use: str = ""
    reviewer: str = ""
    decision: str = ""

    @property
    def says_something(self) -> bool:
        """Whether anything limits the lines, but for the reviewer."""
        return any((self.lines, self.account, self.principal, self.policy, self.path, self.use, self.decision))


def meant(review: Review, lines: Sequence[FrozenLine], words: LinesMeant) -> list[FrozenLine]:
    """The lines that are meant. Raises Problem 400 for words that mean none of what there is."""
    if words.use and words.use not in USES:
        raise bad_request("malformed_parameter", f"use is one of {', '.join(USES)}, not {words.use[:40]!r}")
    if words.decision and words.decision not in (*DECISIONS, "pending"):
        raise bad_request(
            "malformed_parameter", f"decision is one of {', '.join(DECISIONS)}, pending, not {words.decision[:40]!r}"
        )
    numbers = numbers_of(words.lines, review.opened.lines) if words.lines else None
    return [each for each in lines if _is_meant(review, each, words, numbers)]


def _is_meant(review: Review, line: FrozenLine, words: LinesMeant, numbers: frozenset[int] | None) -> bool:
    if numbers is not None and line.number not in numbers:
        return False
    if words.decision:
        made = review.decision(line.number)
        if (made.decision if made is not None else "pending") != words.decision:
            return False
    if words.reviewer and words.reviewer.lower() not in (each.lower() for each in review.reviewers(line)):
        return False
    return (
        words.account in ("", line.account)
        and words.path in ("", line.path)
        and words.use in ("", line.use)
        and _is_like(words.principal, (line.principal, line.name, line.unique_id))
        and _is_like(words.policy, (line.policy, line.policy.rpartition("/")[2], line.policy.removeprefix("inline:")))
    )


def _is_like(pattern: str, texts: Iterable[str]) -> bool:
    return not pattern or any(matches(pattern, text) for text in texts)


def numbers_of(text: str, most: int) -> frozenset[int]:
    """Numbers and ranges with commas between. Raises Problem 400."""
    found: set[int] = set()
    for part in text.split(","):
        match = _RANGE.match(part.strip())
        if match is None:
            raise bad_request("malformed_lines", f"{part[:40]!r} is no number of a line and no range such as 1-20")
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= most:
            raise bad_request("malformed_lines", f"{part[:40]!r} is not within the lines 1 to {most:,}")
        found.update(range(first, last + 1))
    return frozenset(found)


def pages(lines: Sequence[FrozenLine], after: int, limit: int) -> Iterator[FrozenLine]:
    """The lines after a number, one more than the page has where there are more."""
    count = 0
    for each in lines:
        if each.number > after and count <= limit:
            count += 1
            yield each


__all__ = ["DAYS", "Acting", "LinesMeant", "ReviewWords", "meant", "numbers_of", "pages"]
