"""`make bench-reach`: who can reach administrator, in an account of 5,000 principals, at an instant that is asked about
for the first time: nothing is kept of it.

Users have their policies through groups, roles their own; a few may pass roles, write policies, make keys, or make new
roles and users. The Directory is a view of intervals in memory, as that of a past instant is.

Target: all paths to administrator 3 s or less.
"""

from __future__ import annotations

import os
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from erstwhile.api.cli.console import out
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.reach.cuts import cuts
from erstwhile.domain.reach.forward import reachable
from erstwhile.domain.reach.paths import Reach, paths_between, paths_to_administrator
from erstwhile.domain.reach.ways import Ways
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER

ACCOUNT = "111122223333"
PRINCIPALS = int(os.environ.get("PRINCIPALS", "5000"))
TEAMS = 60
INSTANT = datetime(2026, 3, 3, tzinfo=UTC)
_SERVICES = ("lambda", "ec2", "ecs-tasks", "states", "codebuild", "glue")
_ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def document(*statements: dict[str, Any]) -> str:
    return orjson.dumps({"Version": "2012-10-17", "Statement": statements}).decode()


def allow(actions: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


class Account:
    """Intervals of everything in the account, since ever."""

    def __init__(self, principals: int) -> None:
        self._chance = random.Random(7)
        self.intervals: list[Interval] = []
        self._put("account", ACCOUNT, "mode", "", {"mode": "observed"})
        bound = self._policy("bound", document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}))
        for team in range(TEAMS):
            self._team(team)
        self._group("administrators", document(allow("*")))
        self._group("helpdesk", document(allow(["iam:CreateLoginProfile", "iam:UpdateLoginProfile"],
                                               f"arn:aws:iam::{ACCOUNT}:user/user-1*")))  # fmt: skip
        for number in range(principals // 2):
            group = "administrators" if number < 10 else "helpdesk" if number < 20 else f"team-{number % TEAMS}"
            self._principal("user", f"user-{number}")
            self._put("user", f"AIDA{number}", "member_of", f"AGPA-{group}", {})
        for number in range(principals - principals // 2):
            self._role(number, bound)

    def _put(self, kind: str, unique_id: str, attribute: str, item: str, value: dict[str, Any]) -> None:
        self.intervals.append(Interval(ACCOUNT, kind, unique_id, attribute, item, value, BEFORE, FOREVER, 1, None))

    def _principal(self, kind: str, name: str) -> str:
        unique_id = f"{'AIDA' if kind == 'user' else 'AROA'}{name.rpartition('-')[2]}"
        arn = f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"
        self._put(kind, unique_id, "entity", "", {"name": name, "arn": arn, "path": "/"})
        return unique_id

    def _group(self, name: str, text: str) -> None:
        arn = f"arn:aws:iam::{ACCOUNT}:group/{name}"
        self._put("group", f"AGPA-{name}", "entity", "", {"name": name, "arn": arn, "path": "/"})
        self._put("group", f"AGPA-{name}", "inline", "p", {"document": text})

    def _policy(self, name: str, text: str) -> str:
        arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
        self._put("policy", f"ANPA-{name}", "entity", "", {"name": name, "arn": arn, "path": "/"})
        self._put("policy", f"ANPA-{name}", "version", "v1", {"document": text})
        self._put("policy", f"ANPA-{name}", "default", "", {"version": "v1"})
        return arn

    def _team(self, team: int) -> None:
        own = f"arn:aws:iam::{ACCOUNT}:role/role-*{team}"
        statements = [
            allow(["s3:*", "dynamodb:*"], [f"arn:aws:s3:::team-{team}/*", "arn:aws:dynamodb:*:*:table/*"]),
            allow("sts:AssumeRole", own), allow(["logs:*", "cloudwatch:*"]),
        ]  # fmt: skip
        if team % 10 == 0:
            statements.append(allow("iam:PassRole", own))
            statements.append(allow(["lambda:CreateFunction", "lambda:InvokeFunction"],
                                    f"arn:aws:lambda:*:{ACCOUNT}:function:team-{team}-*"))  # fmt: skip
        self._group(f"team-{team}", document(*statements))

    def _role(self, number: int, bound: str) -> None:
        chance = self._chance
        role = self._principal("role", f"role-{number}")
        principal: Any = {"Service": f"{chance.choice(_SERVICES)}.amazonaws.com"} if chance.random() < 0.7 else _ROOT
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        if chance.random() < 0.2:
            trust["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        self._put("role", role, "trust", "", {"document": document(trust)})
        statements = [allow(["s3:GetObject", "sqs:*"], [f"arn:aws:s3:::data-{number}/*", "arn:aws:sqs:*:*:*"])]
        if number % 500 == 0:
            statements = [allow("*")]
        elif number % 125 == 1:
            statements.append(allow(["iam:PassRole", "lambda:*", "ec2:*"]))
        elif number % 250 == 2:
            statements.append(allow(["iam:PutRolePolicy", "iam:AttachRolePolicy"], f"arn:aws:iam::{ACCOUNT}:role/*"))
        elif number % 250 == 4:
            statements.append(allow(["iam:CreateRole", "iam:AttachRolePolicy"], f"arn:aws:iam::{ACCOUNT}:role/app-*"))
        elif number % 1000 == 5:
            statements.append(allow(["iam:CreateUser", "iam:CreateLoginProfile", "iam:AddUserToGroup"]))
        elif number % 20 == 3:
            statements.append(allow("sts:AssumeRole"))
        self._put("role", role, "inline", "p", {"document": document(*statements)})
        if number % 8 == 0:
            self._put("role", role, "boundary", "", {"policy": bound})


def row(what: str, took: float, found: str, target: str = "") -> None:
    aim = f"   (target {target})" if target else ""
    out.print(f"  {what:<44} {took * 1000:>8,.0f} ms   {found}{aim}", highlight=False)


def main() -> None:
    history = IntervalHistory(Account(PRINCIPALS).intervals, 1)
    out.print(f"an account of {PRINCIPALS:,} principals", highlight=False)
    for steps in (2, 3, 4):
        ways, found, took = _to_administrator(history, steps)
        words = f"{len(found.paths):,} paths of {steps} steps at most, {len(found.principals):,} principals, "
        row("to administrator", took, f"{words}{ways.questions.asked:,} decisions", "3 s")
    began = time.perf_counter()
    some = cuts(ways.questions, found.paths[:200])
    row("cuts of 200 paths", time.perf_counter() - began, f"{len(some)} removals")
    began = time.perf_counter()
    ways = Ways(directory_at(history, INSTANT + timedelta(days=1)))
    between = paths_between(ways, _arn("user/user-70"), _arn("role/role-500"), 3, 1_000)
    row("from one to another", time.perf_counter() - began, f"{len(between.paths):,} paths")
    began = time.perf_counter()
    ways = Ways(directory_at(history, INSTANT + timedelta(days=2)))
    out_of = reachable(ways, _arn("user/user-70"), 2, 10_000)
    row("what one can reach", time.perf_counter() - began, f"{len(out_of.paths):,} principals")


def _to_administrator(history: IntervalHistory, steps: int) -> tuple[Ways, Reach, float]:
    began = time.perf_counter()
    ways = Ways(directory_at(history, INSTANT + timedelta(minutes=steps)))
    found = paths_to_administrator(ways, steps, 10_000)
    return ways, found, time.perf_counter() - began


def _arn(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


if __name__ == "__main__":
    main()
