"""Commands that would close what is open, in an order in which they can be run: credentials and trusts first, by which
new sessions would begin, then the sessions that run, then what gives access, then what was made; a user or role last,
since AWS deletes none that still has something."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from datetime import datetime

import orjson

from erstwhile.domain.directory import attributes
from erstwhile.domain.incident.former import commands_for
from erstwhile.domain.incident.report import Command, Left, Openness
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.domain.vocabulary.instants import format_instant

_LAST = {attributes.DEFAULT: 1, attributes.VERSION: 2, attributes.ENTITY: 3}
SESSION = "session"
_NO_COMMAND = "# no command is known here for this: {}"


def closing(credentials: Iterable[Openness], lines: Iterable[Left], at: datetime) -> list[Command]:
    """What is open or unknown is closed; what is closed has no command."""
    opened = [each for each in credentials if each.state != "closed"]
    standing = [line for line in lines if line.stands in ("stands", "unknown")]
    trusts = [line for line in standing if line.attribute == attributes.TRUST]
    others = [line for line in standing if line.attribute != attributes.TRUST]
    found = [command for each in opened if each.kind != SESSION for command in _of_credential(each, at)]
    found += _of_lines(trusts)
    found += [command for each in opened if each.kind == SESSION for command in _of_credential(each, at)]
    found += _of_lines(others)
    # What two lines need is done once.
    return list({(each.account, each.command): each for each in reversed(found)}.values())[::-1]


def _of_lines(lines: Iterable[Left]) -> list[Command]:
    found = []
    for line in sorted(lines, key=lambda each: (_LAST.get(each.attribute, 0), each.act.at)):
        words = " ".join(part for part in (line.what, line.item, "of", line.of) if part)
        why = f"{words}: {line.change} at {format_instant(line.act.at)}"
        commands = list(commands_for(line)) or [_NO_COMMAND.format(words)]
        found += [Command(account=line.account, why=why, command=command, sure=line.sure) for command in commands]
    return found


def _of_credential(each: Openness, at: datetime) -> list[Command]:
    kind, _, path = each.principal.rpartition(":")[2].partition("/")
    name = shlex.quote(path.rsplit("/", 1)[-1])
    account = each.account or account_in(each.principal)
    why = f"{each.kind.replace('_', ' ')} {each.name}: {each.why}"
    if each.kind == "access_key" and kind == "user":
        key = shlex.quote(each.name)
        command = f"aws iam update-access-key --user-name {name} --access-key-id {key} --status Inactive"
        return [Command(account=account, why=why, command=command, sure=each.sure)]
    if each.kind == "password" and kind == "user":
        command = f"aws iam delete-login-profile --user-name {name}"
        return [Command(account=account, why=why, command=command, sure=each.sure)]
    if each.kind == SESSION and kind in ("user", "role"):
        document = shlex.quote(deny_older_sessions(at))
        command = (
            f"aws iam put-{kind}-policy --{kind}-name {name} --policy-name AWSRevokeOlderSessions "
            f"--policy-document {document}"
        )
        why = f"sessions of {each.principal} that run"
        return [Command(account=account, why=why, command=command, sure=each.sure)]
    command = _NO_COMMAND.format(f"{each.kind} {each.name}")
    return [Command(account=account, why=why, command=command, sure=each.sure)]


def deny_older_sessions(before: datetime) -> str:
    """The policy by which AWS's console revokes sessions that were issued before an instant.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
    """
    statement = {
        "Effect": "Deny", "Action": ["*"], "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": format_instant(before)}},
    }  # fmt: skip
    return orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()
