"""Sessions that a service takes for what somebody started: a function, an instance, a task. Their names say of what.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html (a function's has its name),
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html (an instance's, the instance's id),
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html (a task's, the task's id)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.bearers import arns_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.incident.calls import Deed
from erstwhile.domain.incident.parts import Act
from erstwhile.domain.reach.running import PROFILE, ROLE, RUNS_AS, TYPE

_NAMED_AFTER = {"lambda-function": ":function:", "ec2-instance": ":instance/", "ecs-task": ":task/"}
"""Type of what runs: what stands before its name in its ARN."""


def sessions_started(history: FactHistory, deeds: Iterable[Deed]) -> Iterator[tuple[str, str, Act]]:
    """Of what these events made to run as a role: the role's ARN, the session's name, and the event."""
    for deed in deeds:
        position = deed.act.position or 0
        for row in history.of_event(position):
            if row.attribute != attributes.SETTING or row.opened_by != position:
                continue
            category, _, resource = row.entity.partition("/")
            before, found, name = resource.partition(_NAMED_AFTER.get(str(row.value.get(TYPE)), "\n"))
            if category != RUNS_AS or not found or not before:
                continue
            session = name.rsplit("/", 1)[-1].partition(":")[0]
            for role in _roles(history, row):
                for arn in arns_of(history, role):
                    yield arn, session, deed.act


def _roles(history: FactHistory, row: Interval) -> Iterator[EntityKey]:
    """The roles that a resource runs as: its own, or those of its instance profile."""
    if role := str(row.value.get(ROLE) or ""):
        yield from _named(history, row.account, "role", role)
    for profile in _named(history, row.account, "instance-profile", str(row.value.get(PROFILE) or "")):
        for each in history.intervals_of(profile):
            if each.attribute == attributes.ROLE:
                yield row.account, "role", each.item


def _named(history: FactHistory, account: str, kind: str, name: str) -> Iterable[EntityKey]:
    """By an ARN or a name."""
    if name.startswith("arn:"):
        return [key for key in history.with_arn(name) if key[1] == kind]
    return history.with_name(account, kind, name.lower()) if name else ()
