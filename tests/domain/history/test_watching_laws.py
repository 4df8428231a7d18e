"""The law of watches: an answer that is kept up, whatever events come together and however late, is what `ever` says of
all time."""

from __future__ import annotations

import random

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from erstwhile.domain.history.watching import affected
from erstwhile.domain.history.watching.answers import whole_answer
from erstwhile.domain.history.watching.keeping import Keeping, Step, place_of
from erstwhile.domain.history.watching.watch import Asked
from tests.support.random_stories import ADMIN, BUCKET, ORGANIZATION, random_story
from tests.support.records import ACCOUNT
from tests.support.stories import Told, arn, history_of, log_of_story, tell
from tests.support.watching import KeptAnswers, changed, watch

NOT_SMALLER = (Phase.explicit, Phase.reuse, Phase.generate)
"""A smaller seed makes no smaller story."""
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue"
seeds = st.integers(0, 2**48)


WATCHES = (
    watch("bucket", BUCKET, "s3:GetObject", "s3:PutObject"),
    watch("key", f"{BUCKET}/key", "s3:GetObject", account=ACCOUNT, resource_account=ACCOUNT),
    watch("admin", arn("role/admin"), "sts:AssumeRole"),
    watch("queue", QUEUE, "sqs:SendMessage", excepting=(ADMIN.id,)),
    watch("all", "*", "s3:GetObject"),
)


def keeps_up(told: list[Told], chance: random.Random, most: int) -> list[tuple[int, Step]]:
    """Tells a story some events at a time; returns all differences, each with the log position where it was found."""
    asked = [Asked(each, action) for each in WATCHES for action in each.actions]
    log = log_of_story()
    before = history_of(log)
    kept, keeping = KeptAnswers(asked, before), Keeping(asked)
    left = list(told)
    steps: list[tuple[int, Step]] = []
    while left:
        count = chance.randint(1, most)
        for event in left[:count]:
            tell(log, event)
        left = left[count:]
        after = history_of(log)
        for step in keeping.step(before, after, changed(before, after), kept):
            kept.write(step.difference)
            steps.append((after.known_at, step))
        for each in asked:
            assert kept.answers[place_of(each)] == whole_answer(after, each), (each, after.known_at)
        before = after
    return steps


@settings(max_examples=8, phases=NOT_SMALLER)
@given(seeds, st.sampled_from((1, 3, 20)))
def test_a_kept_answer_is_that_of_ever(seed: int, most: int) -> None:
    chance = random.Random(seed)
    keeps_up(random_story(chance), chance, most)


@settings(max_examples=8, phases=NOT_SMALLER)
@given(seeds, st.sampled_from((1, 5, 20)))
@example(7000038, 5)  # records contradict each other about a user's name
def test_events_that_come_late_change_it_too(seed: int, most: int) -> None:
    chance = random.Random(seed)
    told = random_story(chance)
    chance.shuffle(told)
    keeps_up(told, chance, most)


@settings(max_examples=4, phases=NOT_SMALLER)
@given(seeds)
def test_deciding_about_everybody_gives_the_same(seed: int) -> None:
    chance = random.Random(seed)
    told = random_story(chance)
    chance.shuffle(told)
    most, affected.MOST_ONE_BY_ONE = affected.MOST_ONE_BY_ONE, 0
    try:
        keeps_up(told, chance, 5)
    finally:
        affected.MOST_ONE_BY_ONE = most


@settings(max_examples=6, phases=NOT_SMALLER)
@given(seeds)
def test_a_difference_names_the_event(seed: int) -> None:
    """Where events come one by one, it is the one that came."""
    chance = random.Random(seed)
    told = [event for event in random_story(chance) if ORGANIZATION not in event]
    for position, step in keeps_up(told, chance, 1):
        for gain in step.gains:
            assert gain.events == (position,)
            assert gain.before != gain.after and gain.begin < gain.end
