"""Stories of incidents, told by CloudTrail records: given records, when the report is asked for, then its sections."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson

from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.cli.incident import markdown
from erstwhile.api.cli.incident.tables import head_words, part_of
from erstwhile.api.database.database import Database
from erstwhile.api.runtime.runtime import ReadingRuntime
from tests.support.imports import import_records
from tests.support.records import ACCOUNT, record

EXPECTED = Path(__file__).resolve().parents[1] / "api" / "asking" / "incident_reports"
"""Each story's whole report."""
BOT_KEY = "AKIARTX3GSDSQAARCIRT"
ADA_KEY = "AKIARTX3GSDSQABBCIRT"
EVE_KEY = "AKIARTX3GSDSQABRCIRT"
SESSION_KEY = "ASIARTX3GSDSQACBCIRT"
SECOND_SESSION_KEY = "ASIARTX3GSDSQACRCIRT"
ATTACKER = "203.0.113.66"
OTHER_ACCOUNT = "444455556666"
ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def text(document: Any) -> str:
    return orjson.dumps(document).decode()


def trust_of(*principals: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"}
    return text({"Version": "2012-10-17", "Statement": [statement]})


def arn(resource: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{resource}"


def at(clock: str) -> str:
    """On the day of the stories."""
    return f"2026-03-03T{clock}Z"


def user(name: str, key: str, account: str = ACCOUNT) -> dict[str, Any]:
    """The userIdentity of a user with a key."""
    return {
        "type": "IAMUser", "principalId": f"AIDA{name.upper()}", "arn": arn(f"user/{name}", account),
        "accountId": account, "accessKeyId": key, "userName": name,
    }  # fmt: skip


def session(role: str, name: str, key: str, account: str = ACCOUNT) -> dict[str, Any]:
    """The userIdentity of a role's session."""
    return {
        "type": "AssumedRole", "principalId": f"AROA{role.upper()}:{name}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}", "accountId": account, "accessKeyId": key,
        "sessionContext": {"sessionIssuer": {
            "type": "Role", "principalId": f"AROA{role.upper()}", "arn": arn(f"role/{role}", account),
            "accountId": account, "userName": role,
        }},
    }  # fmt: skip


ADA = user("ada", ADA_KEY)
BOT = user("bot", BOT_KEY)


def call(
    who: dict[str, Any], clock: str, action: str, parameters: Any = None, response: Any = None, **more: Any
) -> dict[str, Any]:
    """A record: `iam:CreateUser` by somebody at a time of the day."""
    service, _, name = action.partition(":")
    place = "198.51.100.7" if who is ADA else ATTACKER
    return record(
        name, parameters, response, service=service, at=at(clock), userIdentity=who,
        **{"sourceIPAddress": place, "recipientAccountId": who.get("accountId", ACCOUNT)} | more,
    )  # fmt: skip


def reads(who: dict[str, Any], clock: str, action: str, parameters: Any = None, **more: Any) -> dict[str, Any]:
    return call(who, clock, action, parameters, read_only=True, **more)


def makes_user(who: dict[str, Any], clock: str, name: str) -> dict[str, Any]:
    made = {"userName": name, "userId": f"AIDA{name.upper()}", "arn": arn(f"user/{name}"), "path": "/"}
    return call(who, clock, "iam:CreateUser", {"userName": name}, {"user": made})


def makes_role(who: dict[str, Any], clock: str, name: str, trust: str) -> dict[str, Any]:
    made = {"roleName": name, "roleId": f"AROA{name.upper()}", "arn": arn(f"role/{name}"), "path": "/"}
    given = {"roleName": name, "assumeRolePolicyDocument": trust}
    return call(who, clock, "iam:CreateRole", given, {"role": made})


def makes_key(who: dict[str, Any], clock: str, name: str, key: str) -> dict[str, Any]:
    made = {"userName": name, "accessKeyId": key, "status": "Active"}
    return call(who, clock, "iam:CreateAccessKey", {"userName": name}, {"accessKey": made})


def assumes(
    who: dict[str, Any], clock: str, role: str, name: str, key: str, until: str, account: str = ACCOUNT, **more: Any
) -> dict[str, Any]:
    """A record of AssumeRole; `until`: the time of the day at which the session ends."""
    hour, minute, second = (int(part) for part in until.split(":"))
    half = "AM" if hour < 12 else "PM"
    response = {
        "credentials": {
            "accessKeyId": key, "sessionToken": "token",
            "expiration": f"Mar 3, 2026, {(hour + 11) % 12 + 1}:{minute:02}:{second:02} {half}",
        },
        "assumedRoleUser": {"arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}"},
    }  # fmt: skip
    given = {"roleArn": arn(f"role/{role}", account), "roleSessionName": name}
    return call(who, clock, "sts:AssumeRole", given, response, read_only=True, **more)


BEGINNING = [
    makes_user(ADA, "08:00:00", "ada"),
    makes_user(ADA, "08:00:01", "bot"),
    makes_key(ADA, "08:00:02", "bot", BOT_KEY),
]
"""Ada makes a user for the bot, and its key."""


class Reports:
    """Asks for reports of one database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self._files = 0

    def given(self, *records: dict[str, Any]) -> Reports:
        """Imports a file of these records. They have the same ids in every run."""
        self._files += 1
        (self.folder / str(self._files)).mkdir()
        named = [each | {"eventID": f"{self._files:08}-0000-4000-8000-{number:012}"}
                 for number, each in enumerate(records, 1)]  # fmt: skip
        import_records(self.database, self.folder / str(self._files), *named)
        return self

    def when(
        self, about: str, begin: str | None = None, end: str | None = None, as_of: str = "2026-03-04T00:00:00Z"
    ) -> Asked:
        runtime = ReadingRuntime(self.database)
        try:
            window = WindowWords(begin=begin, end=end or as_of)
            with runtime.incidents.incident(about, window, Stop(), as_of) as pieces:
                return Asked(pieces.whole())
        finally:
            runtime.close()


class Asked:
    """A report: sections by name, and their lines in the words of the tests."""

    def __init__(self, whole: dict[str, Any]) -> None:
        self.head = {name: value for name, value in whole.items() if name != "sections"}
        self.sections: dict[str, Any] = {each["section"]: each for each in whole["sections"]}

    def is_as_expected(self, name: str) -> None:
        """Compares the whole report, as people read it, with the file of that name; with REWRITE_REPORTS=1 in the
        environment it writes the file instead: read what `git diff` shows then. The version of the program is left
        out."""
        told = {**self.head, "generated_by": "erstwhile", "sections": list(self.sections.values())}
        del told["content_hash"]
        lines = [*markdown.head_lines(head_words(told))]
        for section in told["sections"]:
            lines += markdown.part_lines(part_of(section))
        report = "\n".join([*lines, "", *(f"> {markdown.escaped(note)}" for note in told["notes"])]) + "\n"
        path = EXPECTED / f"{name}.md"
        if os.environ.get("REWRITE_REPORTS"):
            path.write_text(report)
        assert report == path.read_text()

    def __getitem__(self, name: str) -> Any:
        return self.sections[name]

    def left(self) -> list[tuple[str, str, str, str]]:
        """(change, what, of or its item, state) of what was left behind."""
        return [
            (each["change"], each["what"], each["item"] or each["of"].rpartition(":")[2], each["stands"])
            for each in self["persistence"]["lines"]
        ]

    def open(self) -> dict[str, str]:
        """Key, session or user → open, closed or unknown."""
        return {each["name"]: each["state"] for each in self["revocation"]["credentials"]}

    def members(self) -> list[tuple[int, str]]:
        """(generation, name) of keys, sessions and principals."""
        return [(each["generation"], each["access_key"] or each["principal"]) for each in self["whose"]["credentials"]]

    def commands(self) -> list[str]:
        return [each["command"] for each in self["closing"]["commands"]]

    def intents(self) -> dict[str, list[str]]:
        """Intent → actions, of all sessions."""
        found: dict[str, list[str]] = {}
        for each in self["did"]["sessions"]:
            for intent in each["intents"]:
                found.setdefault(intent["intent"], []).extend(one["action"] for one in intent["actions"])
        return found
