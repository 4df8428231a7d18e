"""`make bench-history`: questions about the past at growing sizes of the log, each figure beside its reference.

Two companies (`company.py`): `deep` has fifty events for each principal, `wide` five; at a million events that is
20,000 and 200,000 principals, at smaller sizes fewer. Each is written once into an embedded database under
`build/bench-history`. All questions go over HTTP to a server in a process of its own; each is asked about another
random instant of three years, so that nothing is kept of it.

    make bench-history                  10,000 and 100,000 events
    make bench-history SIZES=all        and a million; the first run writes the databases, which takes longest
    make bench-history EVENTS=10000     one size
    make bench-history COMPANY=wide     one company
    make bench-history COMPANY=wide EVENTS=50000    of which each account has 5,000 principals

Targets: a decision 1 ms or less above the echo, and at a million events 1.3 times its cost at ten thousand at most;
who-can 10 ms and 2 µs for each principal found; `ever` over a year 30 ms and as much; a timeline over everything 20 ms;
the difference of two instants for 5,000 principals 300 ms; provenance 5 ms; a late event visible after 50 ms; a page of
the audit trail by a filter 20 ms; restart 2 s (4 s with 200,000 principals); 400 MB (900 MB) of memory, and 150 MB for
a further process.
"""

from __future__ import annotations

import itertools
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks.company import BEGIN, END, GOVERNED, OBSERVED, Company
from benchmarks.company_home import home_of, late_attachment
from benchmarks.history_server import LIMIT, Echo, Rows, Server, as_json, new_token
from erstwhile.api.cli.console import out
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from erstwhile.api.http.routes import ROUTES
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.replay import Replayer
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.filters import Filters
from erstwhile.projections.trail import audit_page
from erstwhile.projections.trail_index.index import TrailIndex

PATIENCE = 12.0
"""Seconds that one row may take."""
ACTIONS = ("s3:GetObject", "s3:PutObject", "dynamodb:Query", "sqs:SendMessage", "lambda:InvokeFunction")
LATE, TRIED = 5, 200
"""Late events, and users that are tried for them: some have one of an earlier run."""
INSTANTS = 200
"""Random instants between two looks at the memory."""


def sizes() -> list[int]:
    if "EVENTS" in os.environ:
        return [int(os.environ["EVENTS"])]
    return [10_000, 100_000, 1_000_000] if os.environ.get("SIZES") == "all" else [10_000, 100_000]


def main() -> None:
    wanted = os.environ.get("COMPANY", "deep,wide").split(",")
    echo = Echo()
    try:
        for label, each in (("deep", 50), ("wide", 5)):
            if label in wanted:
                decisions = [_Run(label, Company(events // each, each), echo).measure() for events in sizes()]
                if len(decisions) > 1:
                    row(f"decision, {sizes()[-1]:,} events against {sizes()[0]:,}",
                        f"{decisions[-1] / decisions[0]:.2f} times", "1.3")  # fmt: skip
    finally:
        echo.end()


def row(what: str, found: str, target: str = "") -> None:
    out.print(f"  {what:<46} {found}" + (f"   (target {target})" if target else ""), highlight=False)


class _Run:
    def __init__(self, label: str, made: Company, echo: Echo) -> None:
        out.print(f"{label}: {made.events:,} events, {made.principals:,} principals", highlight=False)
        self._made, self._echo = made, echo
        self._chance = random.Random()
        self._allowed: list[tuple[str, str, dict[str, str]]] = []
        self._home = home_of(made, label)
        self._is_large = made.principals > 50_000

    def measure(self) -> float:
        """All rows; returns the seconds of a decision above the echo."""
        with closing(Database.open(Settings(home=self._home))) as database:
            token = new_token(database)
            self._fold(database)
            self._index(database)
            # Whatever is written once per history was written by an earlier start.
            first = Server(self._home, token)
            first.end()
            row("the start before", f"{first.seconds:.2f} s")
            self._server = Server(self._home, token)
            try:
                row("restart to ready", f"{self._server.seconds:.2f} s", "4 s" if self._is_large else "2 s")
                started, _ = self._server.memory()
                found = self._decision(database)
                self._who_can()
                self._over_time()
                self._late(database)
                self._status()
                self._trail(database)
                self._memory(started)
                further = Server(self._home, token)
                try:
                    resident, own = further.memory()
                    row("a further process", f"{resident:.0f} MB, {own:.0f} MB of its own", "150 MB of its own")
                finally:
                    further.end()
            finally:
                self._server.end()
        return found

    def _fold(self, database: Database) -> None:
        with database.connect() as connection:
            log = EventLog.within(connection)
            engine = Replayer(lambda slots, upto: log.read_tagged(slots, upto))
            started = time.perf_counter()
            engine.apply_all(log.read_for_replay(0, log.head()))
        row("reference: the log folded from its beginning", f"{time.perf_counter() - started:.2f} s")

    def _index(self, database: Database) -> None:
        """Of the trail: made by the first run, as a server makes it after its first start."""
        with database.connect() as connection:
            index, started = TrailIndex(database.columns), time.perf_counter()
            index.catch_up(connection)
        row("the trail's index, made or mapped", f"{time.perf_counter() - started:.2f} s, {index.size / 1e6:.0f} MB")

    def _instant(self) -> datetime:
        """After all of the first two months, in which half of the principals come."""
        return END - (END - BEGIN) * 0.9 * self._chance.random()

    def _question(self) -> tuple[int, dict[str, str]]:
        number, action = self._chance.randrange(self._made.principals), self._chance.choice(ACTIONS)
        return number, {"action": action, "resource": self._resource(action, self._made.account(number))}

    def _resource(self, action: str, account: str) -> str:
        number = self._chance.randrange(40)
        return {
            "s3": f"arn:aws:s3:::bucket-{number}/key",
            "dynamodb": f"arn:aws:dynamodb:eu-west-1:{account}:table/table-{number}",
            "sqs": f"arn:aws:sqs:eu-west-1:{account}:queue-{number}",
            "lambda": f"arn:aws:lambda:eu-west-1:{account}:function:function-{number}",
        }[action.split(":")[0]]

    def _rounds(self, most: int, one: Callable[[], None]) -> None:
        """Calls `one` so often, less where the patience ends before; the first call is for warming up."""
        self._echo.begin()
        until = time.perf_counter() + PATIENCE
        for number in range(most + 1):
            one()
            if time.perf_counter() > until and number:
                break

    def _decision(self, database: Database) -> float:
        ours, echoes, queries = [], [], []
        effects: dict[str, int] = {}
        with closing(Rows(database, self._made)) as rows:

            def one() -> None:
                number, question = self._question()
                at = max(self._instant(), self._made.born(number) + timedelta(days=1))
                took, body = self._server.ask(
                    "/v1/can", principal=self._made.arn(number), as_of=format_instant(at), **question
                )
                ours.append(took)
                echoes.append(self._echo.ask(body))
                queries.append(rows.ask(number, at))
                effect = as_json(body)["effect"]
                effects[effect] = effects.get(effect, 0) + 1
                if effect == "allow":
                    self._allowed.append((self._made.arn(number), format_instant(at), question))

            used = self._server.processor_seconds()
            self._rounds(400, one)
            used = (self._server.processor_seconds() - used) / len(ours)
        mine, echo, query = (statistics.median(each[1:]) * 1e3 for each in (ours, echoes, queries))
        slow = statistics.quantiles(ours[1:], n=100)[98] * 1e3
        row("decision at a random past instant",
            f"{mine:.2f} ms (p99 {slow:.1f}), echo {echo:.2f}, bare query {query:.2f}: {mine - echo:.2f} ms above echo",
            "1 ms")  # fmt: skip
        said = ", ".join(f"{count} {effect}" for effect, count in sorted(effects.items()))
        row("", f"{used * 1e3:.2f} ms of the server's processor; {len(ours)} asked: {said}")
        return (mine - echo) / 1e3

    def _who_can(self) -> None:
        found: list[tuple[float, int, float]] = []

        def one() -> None:
            action = self._chance.choice(ACTIONS)
            account = self._chance.choice((GOVERNED, OBSERVED))
            at = format_instant(self._instant())
            took, body = self._server.ask(
                "/v1/who-can", action=action, resource=self._resource(action, account), as_of=at
            )
            answer = as_json(body)
            count = sum(len(answer[each]) for each in ("allowed", "conditional", "unknown"))
            found.append((took - self._echo.ask(body), count, len(body) / 1e6))

        self._rounds(40, one)
        took = statistics.median(each[0] for each in found[1:]) * 1e3
        count = statistics.median(each[1] for each in found[1:])
        over = statistics.median(each[0] * 1e3 / (10 + each[1] * 0.002) for each in found[1:])
        size = statistics.median(each[2] for each in found[1:])
        row("who-can at a random past instant", f"{took:.1f} ms above echo, {count:.0f} found, {size:.2f} MB: "
            f"{over:.1f} times the target", f"{10 + count * 0.002:.1f} ms")  # fmt: skip

    def _over_time(self) -> None:
        """Questions about intervals, as far as the API has them."""
        self._asked("get_timeline", "a principal's timeline over everything", "20 ms", self._of_an_allow(at=False))
        self._asked("get_provenance", "provenance of an allow", "5 ms", self._of_an_allow(at=True))
        self._asked("list_holders_ever", "ever over a year", "30 ms and 2 µs each", self._of_a_year, "holders")
        what = f"difference of two days, {self._made.principals // 2:,} principals"
        with self._server.watched() as memory:
            self._asked("get_diff", what, "300 ms for 5,000 principals", self._of_a_day)
        row("", f"{max(memory, default=0):.0f} MB at most meanwhile, with the process that computes it")

    def _of_an_allow(self, at: bool) -> Callable[[], dict[str, str]]:
        """About principals that are allowed something at an instant."""
        allowed = itertools.cycle(self._allowed)

        def question() -> dict[str, str]:
            principal, as_of, asked = next(allowed)
            return {"principal": principal, **asked, **({"as_of": as_of} if at else {})}

        return question

    def _of_a_year(self) -> dict[str, str]:
        begin = END - timedelta(days=365) - (END - BEGIN) * 0.5 * self._chance.random()
        action, account = self._chance.choice(ACTIONS), self._chance.choice((GOVERNED, OBSERVED))
        return {
            "action": action, "resource": self._resource(action, account), "from": format_instant(begin),
            "to": format_instant(begin + timedelta(days=365)),
        }  # fmt: skip

    def _of_a_day(self) -> dict[str, str]:
        """An account has half of the principals."""
        begin = self._instant() - timedelta(days=1)
        account = self._chance.choice((GOVERNED, OBSERVED))
        return {"from": format_instant(begin), "to": format_instant(begin + timedelta(days=1)), "account": account}

    def _asked(
        self, route: str, what: str, target: str, question: Callable[[], dict[str, str]], found: str = ""
    ) -> None:
        """`found`: the member of the answer that lists what was found."""
        path = next((each.path for each in ROUTES if each.id == route), None)
        if path is None:
            return row(what, "not built", target)
        asked: list[tuple[float, float, int, int]] = []

        def one() -> None:
            took, body = self._server.ask(path, **question())
            counted = len(as_json(body).get(found, ())) if found else 0
            asked.append((took, self._echo.ask(body), len(body), counted))

        try:
            self._rounds(40, one)
        except TimeoutError:
            return row(what, f"more than {LIMIT:.0f} s", target)
        ours, echoes, sizes, counts = (list(column) for column in zip(*asked[1:] or asked, strict=True))
        told = f"{statistics.median(ours) * 1e3:.1f} ms (worst {max(ours) * 1e3:.0f})"
        counting = f", {statistics.median(counts):.0f} found" if found else ""
        return row(
            what,
            f"{told}{counting}, {statistics.median(sizes) / 1e3:.0f} kB, echo {statistics.median(echoes) * 1e3:.2f}",
            target,
        )

    def _late(self, database: Database) -> None:
        """From appended to seen: a policy was attached a year before the end, which no record told until now."""
        took: list[float] = []
        with database.connect() as connection:
            for _ in range(TRIED):
                number = self._made.observed_user(self._chance)
                a_year_ago = END - timedelta(days=365, seconds=self._chance.randrange(30 * 86_400))
                at = max(a_year_ago, self._made.born(number) + timedelta(days=1))
                question = {
                    "principal": self._made.arn(number), "action": "sns:Publish", "as_of": format_instant(at),
                    "resource": f"arn:aws:sns:eu-west-1:{OBSERVED}:topic",
                }  # fmt: skip
                before = as_json(self._server.ask("/v1/can", **question)[1])["effect"]
                if len(took) == LATE or before in ("allow", "conditional"):
                    continue  # a condition of something else stays in the way of the policy
                late_attachment(connection, self._made.name(number), at - timedelta(minutes=1))
                appended = time.perf_counter()
                while as_json(self._server.ask("/v1/can", **question)[1])["effect"] == before:
                    if time.perf_counter() - appended > 30:
                        sys.exit(f"the late event is not seen: {question}")
                took.append(time.perf_counter() - appended)
        told = f"{statistics.median(took) * 1e3:.0f} ms" if took else "every user that was tried has one already"
        row("a late event is seen by a decision after", told, "50 ms")

    def _status(self) -> None:
        took = [self._server.ask("/v1/status")[0] for _ in range(3)]
        row("status", f"{min(took) * 1e3:.1f} ms")

    def _trail(self, database: Database) -> None:
        """Pages of the audit trail about one user, and about what is nowhere; a look at every event beside."""
        for name, words in (("actor", self._arn), ("target", self._arn), ("text", self._nowhere)):
            question = partial(self._page_by, name, words)
            self._asked("list_changes", f"a page of the audit trail by {name}", "20 ms", question, "entries")
        with database.connect() as connection:
            started = time.perf_counter()
            audit_page(connection, Filters(target=self._arn()), 100)
        row("reference: a look at every event", f"{(time.perf_counter() - started) * 1e3:.1f} ms")

    @staticmethod
    def _page_by(name: str, words: Callable[[], str]) -> dict[str, str]:
        return {name: words(), "limit": "100"}

    def _arn(self) -> str:
        return self._made.arn(self._made.observed_user(self._chance))

    def _nowhere(self) -> str:
        return f"nowhere-{self._chance.random()}"

    def _memory(self, started: float) -> None:
        """Flat or not: after two rounds of as many instants."""
        found = [started]
        for _ in range(2):
            until = time.perf_counter() + PATIENCE
            for _ in range(INSTANTS):
                number, question = self._question()
                at = max(self._instant(), self._made.born(number) + timedelta(days=1))
                self._server.ask("/v1/can", principal=self._made.arn(number), as_of=format_instant(at), **question)
                if time.perf_counter() > until:
                    break
            found.append(self._server.memory()[0])
        megabytes = ", ".join(f"{each:.0f}" for each in found)
        row("memory after start, and after twice as many instants", f"{megabytes} MB",
            "900 MB" if self._is_large else "400 MB")  # fmt: skip


if __name__ == "__main__":
    if not Path("pyproject.toml").exists():
        sys.exit("run this in the project's folder")
    main()
