"""What is not used, and policies that allow no more than what is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import orjson

from erstwhile.api.asking.moments import parse_as_of
from erstwhile.api.asking.over_time.ground import Ground, Grounded, WindowWords, head_of
from erstwhile.api.asking.over_time.narrowing import narrowed
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.questions import require_account
from erstwhile.api.problems import Problem, bad_request
from erstwhile.domain.least_privilege.alike import LIKENESS, Alike, alike
from erstwhile.domain.least_privilege.closed_paths import MOST_PATHS, ClosedPaths
from erstwhile.domain.least_privilege.held import principals_of
from erstwhile.domain.least_privilege.unused import Unused, unused
from erstwhile.domain.use.used import State
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.clock import now_at_least
from erstwhile.projections.use.kept import ActionsOf, KeptUse, UseNotCounted

DAYS = 90
LIKENESS_IN_HUNDREDTHS = int(LIKENESS * 100)
MOST_DAYS = 4_000


class LeastPrivilegeQuestions(Grounded):
    """Of a window that ends at an instant."""

    @contextmanager
    def unused(
        self,
        days: int,
        as_of: str | None,
        known_at: str | None,
        stop: Stop,
        *,
        account: str | None = None,
        paths: bool = False,
        actions_of: ActionsOf | None = None,
    ) -> Iterator[Pieces]:
        """What users and roles did not use in the `days` before an instant; `paths`: what closes most paths to
        administrator first. Raises Problem."""
        with self.ground(self.days_before(days, as_of, known_at), stop) as ground:
            directory = ground.last_directory()
            require_account(directory, account)
            window = ground.window
            closed = ClosedPaths(directory, stop.check) if paths else None
            found = unused(
                directory, self.use_of(ground, actions_of), window.begin, window.end, account,
                closed.by if closed is not None else None,
            )  # fmt: skip
            notes = list(window.notes)
            if closed is not None and closed.is_cut:
                notes.append(f"of the paths to administrator, the {MOST_PATHS:,} shortest ones were looked at")
            unknown = sum(each.state is State.CANNOT_KNOW for each in found.found)
            head = head_of(ground, {
                "account": account, "principals": found.looked_at, "not_used": len(found.found) - unknown,
                "cannot_know": unknown, "young": found.young,
            })  # fmt: skip
            yield Pieces(head, "unused", map(_json, found.found), lambda: {"notes": notes})

    @contextmanager
    def alike(
        self,
        days: int,
        as_of: str | None,
        known_at: str | None,
        stop: Stop,
        *,
        account: str | None = None,
        likeness: int = LIKENESS_IN_HUNDREDTHS,
        actions_of: ActionsOf | None = None,
    ) -> Iterator[Pieces]:
        """Users and roles that used the like in the `days` before an instant, and what they could share. Raises
        Problem."""
        if not 1 <= likeness <= 100:
            raise bad_request("malformed_number", f"likeness: expected 1 to 100, not {likeness}")
        with self.ground(self.days_before(days, as_of, known_at), stop) as ground:
            directory = ground.last_directory()
            require_account(directory, account)
            window, use = ground.window, self.use_of(ground, actions_of)
            there = {directory.arn_of(each) for each in principals_of(directory, account)}
            used = [each for each in use.by_action(window.begin, window.end) if each.principal in there]
            found = alike(used, lambda members: use.of(members, window.begin, window.end), Fraction(likeness, 100))
            head = head_of(ground, {
                "account": account, "likeness": likeness, "principals": len({each.principal for each in used}),
            })  # fmt: skip
            yield Pieces(head, "groups", map(_group_json, found), lambda: {"notes": list(window.notes)})

    def narrow(
        self,
        what: str,
        days: int,
        as_of: str | None,
        known_at: str | None,
        stop: Stop,
        *,
        drop_seasonal: bool = False,
        actions_of: ActionsOf | None = None,
    ) -> dict[str, Any]:
        """A policy for a user, role or managed policy that allows what was used in the `days` before an instant, and
        its two proofs. Raises Problem."""
        with self.ground(self.days_before(days, as_of, known_at), stop) as ground:
            return narrowed(ground, self.use_of(ground, actions_of), what, drop_seasonal)

    def days_before(self, days: int, as_of: str | None, known_at: str | None) -> WindowWords:
        """The window of so many days before an instant. Raises Problem."""
        if not 0 < days <= MOST_DAYS:
            raise bad_request("malformed_number", f"days: expected 1 to {MOST_DAYS:,}, not {days}")
        with self.history.connection() as connection:
            end = parse_as_of(connection, as_of) or max(datetime.now(UTC), now_at_least(connection))
        return WindowWords(begin=format_instant(end - timedelta(days=days)), end=as_of or None, known_at=known_at)

    def use_of(self, ground: Ground, actions_of: ActionsOf | None = None) -> KeptUse:
        """What was used, as known at the window's position. Raises Problem where that is not counted yet."""
        try:
            return KeptUse(ground.connection, ground.window.known_at, self.history.coverage.records, actions_of)
        except UseNotCounted as error:
            raise Problem(503, "use_not_counted", str(error)) from None


def _group_json(each: Alike) -> dict[str, Any]:
    return {
        "members": [
            {"principal": one.principal, "likeness": one.likeness, "besides": list(one.besides)} for one in each.members
        ],
        "shared": list(each.shared), "wide": list(each.wide),
        "policy": orjson.loads(each.document) if each.document else None,
    }  # fmt: skip


def _json(each: Unused) -> dict[str, Any]:
    return {
        "kind": each.kind, "state": each.state.value, "why": each.why,
        "until": format_instant(each.until) if each.until else None, "account": each.account,
        "principals": list(each.principals), "policy": each.policy, "holder": each.holder,
        "statement": each.statement if each.statement >= 0 else None, "sid": each.sid, "actions": list(each.actions),
        "key": each.key, "risk": each.risk.score, "risk_words": list(each.risk.words),
        "closes": each.closes,
    }  # fmt: skip
