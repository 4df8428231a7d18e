"""given(events).when(command).then(events) or .refused(Refusal): the domain's tests read like its rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from erstwhile.api.commanding.speculation import Speculative
from erstwhile.domain.commands import Command, handle
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import Body
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Ref
from erstwhile.domain.vocabulary.refusals import Refusal

ACCOUNT = "111122223333"
START = datetime(2026, 3, 1, tzinfo=UTC)


def arn(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


def directory_of(*bodies: Body, mode: str = "governed") -> Directory:
    """The Directory that these events of the account make."""
    speculative = Speculative(Directory())
    speculative.apply(ACCOUNT, [AccountRegistered(mode=mode)], START)  # type: ignore[arg-type]
    speculative.apply(AWS_MANAGED, [AccountRegistered(mode="observed")], START)
    for number, body in enumerate(bodies):
        owner = AWS_MANAGED if ":aws:policy/" in str(getattr(body, "arn", "")) else ACCOUNT
        speculative.apply(owner, [body], START + timedelta(seconds=number))
    return speculative.directory


class Given:
    def __init__(self, *bodies: Body, mode: str = "governed") -> None:
        self.directory = directory_of(*bodies, mode=mode)

    def when(self, command: Command) -> When:
        return When(self.directory, command)


class When:
    def __init__(self, directory: Directory, command: Command) -> None:
        self.directory = directory
        self.command = command

    def then(self, *bodies: Body) -> None:
        assert handle(self.directory, self.command) == list(bodies)

    def refused(self, refusal: type[Refusal], containing: str = "") -> None:
        with pytest.raises(Refusal) as caught:
            handle(self.directory, self.command)
        assert type(caught.value) is refusal, caught.value.message
        assert containing in caught.value.message


def given(*bodies: Body, mode: str = "governed") -> Given:
    return Given(*bodies, mode=mode)


def user(name: str, unique_id: str = "") -> Ref:
    return Ref("user", name, unique_id or f"AIDA{name.upper()}")


def group(name: str) -> Ref:
    return Ref("group", name, f"AGPA{name.upper()}")


def role(name: str) -> Ref:
    return Ref("role", name, f"AROA{name.upper()}")


def policy(name: str) -> Ref:
    return Ref("policy", name, f"ANPA{name.upper()}")
