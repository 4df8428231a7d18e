"""`make bench-growth`: how what a question costs grows with the company: of all sorts of questions that concern little,
one after the other, at two sizes of one company (`company.py`).

Two servers run side by side, and are asked in turn, about something else each time.

    make bench-growth                           10,000 against 100,000 events, of `wide`
    make bench-growth EVENTS=10000,1000000      other sizes
    make bench-growth COMPANY=deep              the other company
    make bench-growth ONLY=reach,findings       some rows

Target: a question that concerns little costs no more than 20 ms, or twice as much, or a tenth of what the company has
grown by.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import orjson

from benchmarks.company import BEGIN, END, GOVERNED, OBSERVED, ORGANIZATION, Company
from benchmarks.company_home import home_of
from benchmarks.history_server import Server, new_token
from erstwhile.api.aws.cloudtrail.asked import TARGET as CLOUDTRAIL
from erstwhile.api.aws.secrets.access_keys import AccessKeySecrets
from erstwhile.api.aws.secrets.vault import open_vault
from erstwhile.api.cli.console import out
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from erstwhile.domain.vocabulary.instants import format_instant

TIMES = 8
"""How often each is asked, besides once for warming up; less often where it takes long."""
PATIENCE = 10.0
"""Seconds that one row may take at one size."""
FREE = 20.0
"""Milliseconds below which nothing is said about growth."""
RESOURCE = "arn:aws:s3:::bucket-1/key"
ASKED = {"action": "s3:GetObject", "resource": RESOURCE}
_ANSWERED = (200, 404)
"""A typo is answered with what may have been meant."""
_EACH = {"deep": 50, "wide": 5}
"""Events of a principal, by the companies' names."""
Question = tuple[str, dict[str, str]]
"""A path, or an operation of AWS's with its service, and its parameters."""


class Asking:
    """One company, with a server over it."""

    def __init__(self, label: str, events: int, stack: ExitStack) -> None:
        each = _EACH[label]
        self._made = Company(events // each, each)
        home = home_of(self._made, label)
        with closing(Database.open(Settings(home=home))) as database:
            token = new_token(database)
            with database.connect() as connection:
                key_id, secret, (statement, values) = AccessKeySecrets(open_vault(home), {}).new_key(GOVERNED, "root")
                connection.execute(statement, values)
        self._key = key_id, secret
        self._server = Server(home, token)
        stack.callback(self._server.end)
        self._chance = random.Random()

    def ask(self, question: Callable[[Asking], Question]) -> float:
        """In milliseconds."""
        path, parameters = question(self)
        started = time.perf_counter()
        if path.startswith("/"):
            status, body = self._server.get(path, **parameters)
        else:
            service, _, operation = path.partition(":")
            status, body = self._signed(service, operation, parameters)
        took = time.perf_counter() - started
        if status not in _ANSWERED:
            sys.exit(f"{path} {parameters}: {status} {body[:500].decode()}")
        return took * 1e3

    def _signed(self, service: str, operation: str, parameters: dict[str, str]) -> tuple[int, bytes]:
        if service == "iam":
            form = urlencode({"Action": operation, "Version": "2010-05-08", **parameters}).encode()
            return self._server.call(self._key, service, {"Content-Type": "application/x-www-form-urlencoded"}, form)
        looked_up = [{"AttributeKey": name, "AttributeValue": value} for name, value in parameters.items()]
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"{CLOUDTRAIL}{operation}"}
        return self._server.call(self._key, service, headers, orjson.dumps({"LookupAttributes": looked_up}))

    def at(self) -> str:
        return format_instant(END - (END - BEGIN) * 0.5 * self._chance.random())

    def user(self) -> str:
        """One that is there at all instants that are asked about."""
        number = self._made.observed_user(self._chance)
        while self._made.born(number) > BEGIN + (END - BEGIN) * 0.4:
            number = self._made.observed_user(self._chance)
        return self._made.arn(number)

    def position(self) -> int:
        return self._chance.randrange(self._made.events // 2, self._made.events)

    def window(self, days: float) -> dict[str, str]:
        begin = END - timedelta(days=days) - (END - BEGIN) * 0.3 * self._chance.random()
        return {"from": format_instant(begin), "to": format_instant(begin + timedelta(days=days))}


QUESTIONS: dict[str, Callable[[Asking], Question]] = {
    "status": lambda one: ("/v1/status", {}),
    "find, an ARN": lambda one: ("/v1/find", {"q": one.user()}),
    "find, a name": lambda one: ("/v1/find", {"q": one.user().rpartition("/")[2]}),
    "can": lambda one: ("/v1/can", {"principal": one.user(), **ASKED, "as_of": one.at()}),
    "can, of nobody": lambda one: ("/v1/can", {"principal": f"{one.user()}x", **ASKED, "as_of": one.at()}),
    "can, an action of one's own": lambda one: (
        "/v1/can", {"principal": one.user(), "action": "shop:Sell", "resource": "arn:aws:shop:::a", "as_of": one.at()}
    ),
    "can, now": lambda one: ("/v1/can", {"principal": one.user(), **ASKED}),
    "what-can": lambda one: ("/v1/what-can", {"principal": one.user(), "as_of": one.at()}),
    "which-resources": lambda one: (
        "/v1/which-resources", {"principal": one.user(), "action": "s3:GetObject", "as_of": one.at()}
    ),
    "which roles": lambda one: (
        "/v1/which-resources", {"principal": one.user(), "action": "sts:AssumeRole", "as_of": one.at()}
    ),
    "timeline": lambda one: ("/v1/timeline", {"principal": one.user(), **ASKED}),
    "moments": lambda one: ("/v1/moments", {"of": one.user(), **one.window(30)}),
    "provenance": lambda one: ("/v1/provenance", {"principal": one.user(), **ASKED, "as_of": one.at()}),
    "diff of a principal, a day": lambda one: ("/v1/diff", {"principal": one.user(), **one.window(1)}),
    "effect of an event": lambda one: (f"/v1/effect/{one.position()}", {}),
    "reach, from one": lambda one: ("/v1/reach", {"from": one.user(), "as_of": one.at()}),
    "reach, into one": lambda one: ("/v1/reach", {"to": one.user(), "as_of": one.at()}),
    "reach, to administrator from one": lambda one: (
        "/v1/reach", {"from": one.user(), "to_administrator": "true", "as_of": one.at()}
    ),
    "reach, to administrator": lambda one: (
        "/v1/reach", {"to_administrator": "true", "account": OBSERVED, "as_of": one.at()}
    ),
    "findings of a minute": lambda one: ("/v1/findings", one.window(1 / 1440)),
    "incident of a day": lambda one: ("/v1/incident", {"about": one.user(), **one.window(1)}),
    "list users, a page": lambda one: ("/v1/list/users", {"as_of": one.at(), "limit": "100"}),
    "list keys, a page": lambda one: ("/v1/list/keys", {"as_of": one.at(), "limit": "100"}),
    "unused in an account of nobody": lambda one: ("/v1/unused", {"account": ORGANIZATION, "as_of": one.at()}),
    "report on an account of nobody": lambda one: (
        "/v1/reports/key-age", {"account": ORGANIZATION, "as_of": one.at()}
    ),
    "audit, a page": lambda one: ("/v1/audit", {"limit": "100"}),
    "audit of an actor": lambda one: ("/v1/audit", {"limit": "100", "actor": one.user()}),
    "audit of a target": lambda one: ("/v1/audit", {"limit": "100", "target": one.user()}),
    "events, a page": lambda one: ("/v1/events", {"limit": "100"}),
    "GetAccountSummary": lambda one: ("iam:GetAccountSummary", {}),
    "ListEntitiesForPolicy": lambda one: (
        "iam:ListEntitiesForPolicy", {"PolicyArn": f"arn:aws:iam::{GOVERNED}:policy/p{one.position() % 10}"}
    ),
    "LookupEvents": lambda one: ("cloudtrail:LookupEvents", {}),
    "LookupEvents, of no event": lambda one: ("cloudtrail:LookupEvents", {"EventId": str(uuid.uuid4())}),
    "LookupEvents, of an unused key": lambda one: ("cloudtrail:LookupEvents", {"AccessKeyId": "AKIANOBODY"}),
    "receipt": lambda one: (f"/v1/ledger/receipts/{one.position()}", {}),
}  # fmt: skip


def main() -> None:
    os.environ.setdefault("ERSTWHILE_ACCESS_LOG", "off")  # a line for each typo
    label = os.environ.get("COMPANY", "wide")
    small, large = (int(each) for each in os.environ.get("EVENTS", "10000,100000").split(","))
    only = [each for each in os.environ.get("ONLY", "").split(",") if each]
    grown, missed = large / small, []
    most = max(2, grown / 10)
    with ExitStack() as stack:
        _fill(label, (small, large))
        first, second = Asking(label, small, stack), Asking(label, large, stack)
        out.print(f"{label}: {small:,} events against {large:,}, {grown:.0f} times as many", highlight=False)
        for name, question in QUESTIONS.items():
            if only and not any(name.startswith(each) for each in only):
                continue
            before, after = _in_turn(first, second, question)
            is_met = after <= FREE or after / before <= most
            missed += [] if is_met else [name]
            found = f"{before:8.1f} ms → {after:9.1f} ms: {after / before:6.1f} times"
            out.print(f"  {name:<34} {found}   {'' if is_met else 'MISSED'}".rstrip(), highlight=False)
    out.print(f"missed: {', '.join(missed) or 'none'} (target: {most:.0f} times, or {FREE:.0f} ms)", highlight=False)


def _fill(label: str, sizes: Iterable[int]) -> None:
    """Makes both databases before a server runs: its connection would be closed meanwhile."""
    each = _EACH[label]
    for events in sizes:
        home_of(Company(events // each, each), label)


def _in_turn(first: Asking, second: Asking, question: Callable[[Asking], Question]) -> tuple[float, float]:
    """The medians of both, in milliseconds."""
    took: tuple[list[float], list[float]] = ([], [])
    until = time.perf_counter() + PATIENCE
    for _ in range(TIMES + 1):
        for each, of_each in zip((first, second), took, strict=True):
            of_each.append(each.ask(question))
        if time.perf_counter() > until:
            break
    before, after = (statistics.median(each[1:] or each) for each in took)
    return before, after


if __name__ == "__main__":
    if not Path("pyproject.toml").exists():
        sys.exit("run this in the project's folder")
    main()
