"""Paths that opened or closed between two instants, with the events that did it."""

from __future__ import annotations

from erstwhile.domain.events.account import SettingPut
from erstwhile.domain.events.credentials import AccessKeyCreated
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.reach.changes import Changes, only_in
from erstwhile.domain.reach.paths import paths_to_administrator
from erstwhile.domain.reach.states import states
from erstwhile.domain.reach.ways import Ways
from tests.support.documents import FULL, allow, trust
from tests.support.stories import (
    BEFORE_THE_STORY,
    arn,
    created,
    history_of,
    inline,
    log_of_story,
    role,
    second,
    user,
)

TRUST = trust({"AWS": arn("root")}, "sts:AssumeRole")


def test_the_event_that_opened_a_path_is_that_which_allowed_its_new_step() -> None:
    log = log_of_story(
        (1, created(user("eve"))),
        (2, created(role("boss"), trust=TRUST)),
        (3, inline(role("boss"), FULL)),
        (10, inline(user("eve"), allow("sts:AssumeRole", arn("role/boss")))),
        (20, inline(user("eve"), allow("s3:GetObject"))),
    )
    history = history_of(log)
    ways = {at: Ways(directory_at(history, second(at))) for at in (5, 15, 25)}
    paths = {at: paths_to_administrator(each, 2, 10).paths for at, each in ways.items()}
    assert [len(paths[at]) for at in (5, 15, 25)] == [0, 1, 0]

    [opened] = only_in(paths[15], paths[5])
    changed = Changes(history, second(5), second(15)).of(opened, paths[5], ways[15].questions, True)
    assert [each.position - BEFORE_THE_STORY for each in changed.causes] == [4]

    [closed] = only_in(paths[15], paths[25])
    changed = Changes(history, second(15), second(25)).of(closed, paths[25], ways[15].questions, False)
    assert [each.position - BEFORE_THE_STORY for each in changed.causes] == [5]


def test_a_window_has_a_state_between_any_two_changes_that_concern_reach() -> None:
    key = AccessKeyCreated(subject=user("eve"), access_key_id="AKIA1", status="Active")
    log = log_of_story(
        (1, created(user("eve"))),
        (10, inline(user("eve"), allow("sts:AssumeRole"))),
        (20, key),
        (30, SettingPut(category="password-policy", name="account", attributes={"minimum": "8"})),
        (40, SettingPut(category="runs-as", name="arn:aws:lambda:x", attributes={"type": "lambda-function"})),
        (50, inline(user("eve"), allow("s3:GetObject"))),
    )
    found = states(history_of(log), second(5), second(50))
    assert found == [
        (second(5), second(10)), (second(10), second(20)), (second(20), second(40)), (second(40), second(50)),
    ]  # fmt: skip
    assert states(history_of(log), second(5), second(5.5)) == [(second(5), second(5.5))]
