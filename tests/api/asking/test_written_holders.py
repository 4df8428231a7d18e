"""The law of who-can as JSON: lines with the statements and events that they name say what is told line by line, and
what is written from columns is the same text as what is written one by one."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.api.asking.answers import decision_json
from erstwhile.api.asking.granting_events import GrantingEvents
from erstwhile.api.asking.own_statements import Templates, way_text
from erstwhile.api.asking.statements_once import StatementsOnce
from erstwhile.api.asking.whole_lines import LISTS, WholeLines
from erstwhile.api.asking.written_holders import written_holders
from erstwhile.api.asking.written_lines import LaterKnown
from erstwhile.domain.directory.named import Named
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.policy.inputs.request import Decision, Determining
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.who_can import Holder, WhoCan, WhoCanFound, find_who_can
from erstwhile.projections.columns.facts_at import ColumnFacts
from tests.support.column_layers import history_of
from tests.support.examples import examples
from tests.support.random_crowds import ACTIONS, RESOURCES, Crowd
from tests.support.random_intervals import BEGIN

NOTHING_LATER = LaterKnown({}, {})
READ = Determining(effect="Allow", policy="inline:read", statement=0, sid="Read", path=("user/ada", "inline:read"))
ALLOWED = Decision(effect="allow", determining=(READ,))
ADA = Holder("arn:aws:iam::111122223333:user/ada", "user", "111122223333", "AIDAADA", ALLOWED)


def found_in(chance: random.Random) -> WhoCanFound:
    instant = BEGIN + timedelta(hours=chance.randint(0, 20))
    view = DirectoryView(ColumnFacts(history_of(Crowd(chance).rows, chance), instant), 1, instant)
    context: dict[str, tuple[str, ...]] = {"aws:requestedregion": ("eu-west-1",)} if chance.random() < 0.5 else {}
    asked = Asked(action=chance.choice(ACTIONS), resource_account="111122223333", context=context, mode="discover")
    return find_who_can(view, asked, chance.choice(RESOURCES))


def one_by_one(whole: WhoCan) -> WhoCanFound:
    return WhoCanFound(None, None, None, whole)


def unseen_of(found: WhoCanFound) -> list[Named]:
    """Whom columns tell."""
    return [] if found.unseen is None else [each for each in found.unseen.who.each() if each]


def answer_of(found: WhoCanFound, later: LaterKnown, events: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """With those of the events that are known."""
    members, positions = written_holders(found, later)
    told: dict[str, Any] = {name: orjson.loads(each.whole()) for name, each in members.items()}
    return told | {"events": {str(each): events[each] for each in positions & events.keys()}}


def told(holders: Iterable[Holder], events: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """Whole lines, as an answer about one principal tells them."""
    lines = []
    for each in holders:
        line = {
            "principal": each.principal, "kind": each.kind, "account": each.account, "unique_id": each.unique_id,
            **decision_json(each.decision), "why": list(each.why),
        }  # fmt: skip
        if each.is_outsider or each.is_public:
            line |= {"is_outsider": each.is_outsider, "is_public": each.is_public}
        if each.extent:
            line |= {"extent": each.extent, "example": each.example, "denied_example": each.denied_example}
        lines.append(line)
    granting = GrantingEvents().of(lines)
    granting.events = {position: events[position] for position in granting.positions & events.keys()}
    granting.tell()
    return lines


@settings(max_examples=examples(600, each_run=60), deadline=None)
@given(st.integers(0, 2**48))
def test_an_answer_says_what_whole_lines_say(seed: int) -> None:
    chance = random.Random(seed)
    found = found_in(chance)
    whole = found.whole()
    unseen = [each.principal for each in whole.unknown]
    later = LaterKnown(
        {each: f"2026-0{number % 9 + 1}" for number, each in enumerate(unseen) if number % 2},
        {each: {"evidence": each} for number, each in enumerate(unseen) if number % 3},
    )
    events = {position: {"event": f"e{position}"} for position in range(2_000) if position % 3}
    answer = answer_of(found, later._replace(who=unseen_of(found)), events)
    wanted = {name: told(getattr(whole, name), events) for name in LISTS}
    for line in wanted["unknown"]:
        line["why"] += later.why(line["principal"])
        line["successful_call"] = later.calls.get(line["principal"])
    assert {name: WholeLines(answer).of(answer[name]) for name in LISTS} == wanted

    named = [number for name in LISTS for line in answer[name] for number in line["determining"]]
    assert list(dict.fromkeys(named)) == list(range(len(answer["statements"])))
    assert len(set(map(orjson.dumps, answer["statements"]))) == len(answer["statements"])


@settings(max_examples=examples(600, each_run=60), deadline=None)
@given(st.integers(0, 2**48))
def test_what_is_written_from_columns_is_the_same_text(seed: int) -> None:
    found = found_in(random.Random(seed))
    calls = {each.principal: {"evidence": each.principal} for each in found.whole().unknown if len(each.principal) % 2}
    later = LaterKnown(dict.fromkeys(calls, "2026"), calls)
    members, positions = written_holders(found, later._replace(who=unseen_of(found)))
    others, positions_of_others = written_holders(one_by_one(found.whole()), later)
    assert {name: each.whole() for name, each in members.items()} == {
        name: each.whole() for name, each in others.items()
    }
    assert positions == positions_of_others
    for each in members.values():
        assert orjson.dumps(orjson.loads(each.whole())) == each.whole()


def test_many_are_columns() -> None:
    """Else the laws above would say nothing of them."""
    found = [found_in(random.Random(seed)) for seed in range(40)]
    assert sum(each.sure is not None and len(each.sure.numbers) > 0 for each in found) > 10


def test_many_on_condition_are_columns() -> None:
    """As above; with statements of their own, too."""
    found = [found_in(random.Random(seed)).on_condition for seed in range(60)]
    assert sum(each is not None and len(each.numbers) > 0 for each in found) > 10
    assert sum(each is not None and len(each.own().principal) > 0 for each in found if each and len(each.numbers)) > 5


def test_many_who_were_never_seen_are_columns() -> None:
    """As above."""
    found = [found_in(random.Random(seed)).unseen for seed in range(90)]
    assert sum(each is not None and len(each.numbers) > 0 for each in found) > 4


def test_one_by_one() -> None:
    quoted = msgspec.structs.replace(READ, granted_by=7, defined_by=3, policy='inline:"quoted" é \x01', sid="50 %d")
    guardrail = msgspec.structs.replace(READ, path=("user/ada", "p-1"), layer="scp", granted_by=9, defined_by=9)
    of_role = msgspec.structs.replace(READ, path=("role/ops", "inline:read"))
    decisions = [
        ALLOWED, Decision(effect="allow"), Decision(effect="allow", determining=(READ, quoted, guardrail)),
        Decision(effect="conditional", missing_context=("aws:sourceip",), determining=(of_role,)),
    ]  # fmt: skip
    holders = [msgspec.structs.replace(ADA, decision=each) for each in decisions]
    holders += [
        msgspec.structs.replace(ADA, principal='arn:aws:iam::111122223333:user/a"b', decision=Decision(effect="allow")),
        msgspec.structs.replace(ADA, is_outsider=True, is_public=True, why=("only if",)),
        msgspec.structs.replace(ADA, extent="some", example="a", denied_example="b"),
        msgspec.structs.replace(ADA, principal="arn:aws:sts::1:assumed-role/ops/s", kind="session"),
    ]
    found = answer_of(one_by_one(WhoCan(tuple(holders), (), ())), NOTHING_LATER, {7: {"event": "x"}})
    assert [each["path"] for each in found["statements"]] == [
        ["principal", "inline:read"], ["principal", "inline:read"], ["user/ada", "p-1"], ["role/ops", "inline:read"],
        ["user/ada", "inline:read"],
    ]  # fmt: skip
    assert [each["determining"] for each in found["allowed"]] == [[0], [], [0, 1, 2], [3], [], [0], [0], [4]]
    assert WholeLines(found).of(found["allowed"]) == told(holders, {7: {"event": "x"}})
    assert found["events"] == {"7": {"event": "x"}}  # of the event at 3, nothing is known


TEXTS = st.text(st.sampled_from('ab%d,":\\0é\x01'), max_size=6) | st.sampled_from(
    (',"granted_by":0', '"defined_by":3', ',"path":["principal",')
)  # fmt: skip
WAYS = st.lists(TEXTS.map("group/{}".format), max_size=2).map(tuple)


@given(TEXTS, TEXTS, WAYS, st.sampled_from((0, 3, 30)), st.lists(st.sampled_from((0, 3, 7)), max_size=4), st.booleans())
def test_the_template_of_a_statement(
    policy: str, sid: str, through: tuple[str, ...], defined_by: int, granted_by: list[int], is_of_event: bool
) -> None:
    """Put with the position of an event it is the statement."""
    read = msgspec.structs.replace(READ, policy=policy, sid=sid, path=("principal", policy), granted_by=1)
    read = msgspec.structs.replace(read, defined_by=1 if is_of_event else defined_by)
    statements = StatementsOnce()
    made = Templates(statements).of(read, is_of_event)
    found = [(b"%d" % each).join(made.by(way_text(through))) for each in granted_by]
    read = msgspec.structs.replace(read, path=("user/x", *through, policy))
    given = [msgspec.structs.replace(read, granted_by=each) for each in granted_by]
    if is_of_event:
        given = [msgspec.structs.replace(each, defined_by=each.granted_by) for each in given]
    assert found == [statements.text(each, "user/x") for each in given]
