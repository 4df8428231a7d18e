"""The law of who-can over columns: whoever is settled together with others is told as if asked about alone."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions import caller_of_columns
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.common_frame import Frame
from erstwhile.domain.questions.composed import LayerFound, composed
from erstwhile.domain.questions.decided_together import decided_together
from erstwhile.domain.questions.search import subjects
from erstwhile.domain.questions.who_can import who_can
from erstwhile.projections.columns.facts_at import ColumnFacts
from tests.support.column_layers import history_of
from tests.support.examples import examples
from tests.support.random_crowds import ACTIONS, RESOURCES, Crowd, UnclearCrowd
from tests.support.random_intervals import BEGIN, cut_into_intervals

seeds = st.integers(0, 2**48)


def crowd(seed: int, hour: int, kind: type[Crowd] = Crowd) -> tuple[DirectoryView, Directory]:
    """From columns, and whole. In one of two, all facts have begun and ended at random."""
    chance, instant = random.Random(seed), BEGIN + timedelta(hours=hour)
    rows = kind(chance).rows
    if chance.random() < 0.5:
        facts = ((*row[:5], Fact(row.value, row.valid_from, row.opened_by)) for row in rows)
        rows = cut_into_intervals(Directory.from_facts(facts), chance)
    there = [row for row in rows if row.valid_from <= instant < row.valid_to]
    there.sort(key=lambda row: (row.opened_by, row.attribute, row.item))
    whole = Directory.from_facts(
        ((*row[:5], Fact(row.value, row.valid_from, row.opened_by)) for row in there), 1, instant
    )
    return DirectoryView(ColumnFacts(history_of(rows, chance), instant), 1, instant), whole


@settings(max_examples=examples(150, each_run=50), deadline=None)
@given(seeds, st.integers(0, 20), st.sampled_from(["strict", "discover"]), st.sampled_from([Crowd, UnclearCrowd]))
@example(43, 3, "discover", Crowd)  # a policy without an ARN in a history of several layers, one without attachments
@example(2882, 0, "discover", Crowd)  # two users of one name, of whom a bucket open to all adds the one that is denied
def test_every_line_is_that_of_the_loop(seed: int, hour: int, mode: Any, kind: type[Crowd]) -> None:
    chance = random.Random(seed)
    view, whole = crowd(seed, hour, kind)
    for action in ACTIONS:
        resource = chance.choice(RESOURCES)
        context = {
            key: (value,)
            for key, value in (("aws:requestedregion", "eu-west-1"), ("aws:principaltag/team", "red"))
            if chance.random() < 0.2
        }
        asked: dict[str, Any] = {"mode": mode, "context": context}
        if chance.random() < 0.3:
            asked["account"] = "111122223333"
        if chance.random() < 0.3:
            asked["resource_account"] = "111122223333"
        found = who_can(view, action, resource, **asked)
        assert found == who_can(whole, action, resource, **asked), (action, resource)
        for kind_of in ("user", "role", "root"):
            given = (kind_of, action, resource, asked.get("resource_account"), context)
            allowed = who_can(whole, action, resource, **asked | {"mode": "strict", "account": None}).allowed
            assert subjects(view, *given) == sorted(each.principal for each in allowed if each.kind == kind_of)
        listed = {(each.account, each.unique_id) for each in (*found.allowed, *found.conditional, *found.unknown)}
        for entity in whole.of_kind("user", "role"):
            if entity.exists and asked.get("account") in (None, entity.account) and not shares_name(whole, entity):
                decision = authorize(
                    whole,
                    Request(
                        principal=whole.arn_of(entity), action=action, resource=resource, mode=mode, context=context,
                        resource_account=asked.get("resource_account"),
                    ),
                )  # fmt: skip
                may = decision.effect in ("allow", "conditional")
                assert ((entity.account, entity.id) in listed) >= may, entity.key


def test_some_decisions_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the law above would say nothing of them; with a boundary, and of those who were never seen, too."""
    found: list[tuple[bool, bool]] = []

    def counting(frame: Frame, identity: LayerFound, boundary: LayerFound | None, *more: Any) -> Any:
        made = composed(frame, identity, boundary, *more)
        if made is not None:
            found.append((boundary is not None, bool(made[0].unknown)))
        return made

    monkeypatch.setattr(caller_of_columns, "composed", counting)
    for seed in range(60):
        view, _ = crowd(seed, 3, UnclearCrowd)
        for action, resource in (("s3:GetObject", RESOURCES[0]), ("sqs:SendMessage", RESOURCES[2])):
            asked = Asked(action=action, resource_account="111122223333", mode="discover")
            decided_together(view, asked, resource, None)
    assert len(found) > 40
    assert sum(bounded for bounded, _ in found) > 4
    assert sum(unseen for _, unseen in found) > 5


def shares_name(directory: Directory, entity: Any) -> bool:
    return directory.with_arn(directory.arn_of(entity)) is not entity


def test_most_are_settled_together() -> None:
    """Else the law above would say nothing of it."""
    settled = 0
    for seed in range(60):
        view, _ = crowd(seed, 3)
        asked = Asked(action="s3:GetObject", resource_account="111122223333")
        found = decided_together(view, asked, RESOURCES[0], None)
        settled += found is not None and found.sure is not None and len(found.sure.numbers) > 0
    assert settled > 10
