"""Paths that opened or closed between two instants, with the events that did it."""

from __future__ import annotations

from erstwhile.domain.events.account import SettingPut, SettingRemoved
from erstwhile.domain.events.credentials import AccessKeyCreated
from erstwhile.domain.events.principals import TrustPolicyUpdated
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.reach.changes import Changes, only_in
from erstwhile.domain.reach.paths import paths_between, paths_to_administrator
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


def test_what_began_to_run_as_a_role_opened_a_path_and_its_end_closed_it() -> None:
    function = "arn:aws:lambda:us-east-1:111122223333:function:pay"
    runs = SettingPut(
        category="runs-as", name=function, attributes={"type": "lambda-function", "role": arn("role/boss")}
    )
    log = log_of_story(
        (1, created(user("eve"))),
        (2, created(role("boss"), trust=trust({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole"))),
        (3, inline(role("boss"), FULL)),
        (4, inline(user("eve"), allow(["lambda:UpdateFunctionCode", "lambda:InvokeFunction"]))),
        (10, runs),
        (20, SettingRemoved(category="runs-as", name=function)),
    )
    history = history_of(log)
    ways = {at: Ways(directory_at(history, second(at))) for at in (5, 15, 25)}
    paths = {at: paths_to_administrator(each, 1, 10).paths for at, each in ways.items()}
    assert (paths[5], paths[25]) == ((), ()) and len(paths[15]) == 2
    for begin, end, other, position in ((5, 15, 5, 5), (15, 25, 25, 6)):
        for path in paths[15]:
            changes = Changes(history, second(begin), second(end))
            changed = changes.of(path, paths[other], ways[15].questions, other == 5)
            assert [each.position - BEFORE_THE_STORY for each in changed.causes] == [position]


def test_a_step_of_a_principal_that_gained_something_is_caused_by_what_changed_of_its_target() -> None:
    nobody = trust({"AWS": arn("user/nobody")}, "sts:AssumeRole")
    log = log_of_story(
        (1, created(user("eve"))),
        (2, inline(user("eve"), allow("iam:PutUserPolicy", arn("user/eve")))),
        (3, created(role("work"), trust=nobody)),
        (10, TrustPolicyUpdated(subject=role("work"), document=TRUST)),
    )
    history = history_of(log)
    before, after = (Ways(directory_at(history, second(at))) for at in (5, 15))
    old, new = (paths_between(each, arn("user/eve"), arn("role/work"), 2, 10).paths for each in (before, after))
    [opened] = only_in(new, old)
    assert [each.family for each in opened.edges] == ["put-user-policy", "assume-role"]
    changed = Changes(history, second(5), second(15)).of(opened, old, after.questions, True)
    assert {each.position - BEFORE_THE_STORY for each in changed.causes} == {4}


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
