"""What each event's class says of itself, and the texts of slots: the log is searched by these for ever."""

from __future__ import annotations

import pytest

from erstwhile.domain.events import TYPE_NAMES, Body, account, registry
from erstwhile.domain.events.account import SignedIn
from erstwhile.domain.events.base import Rank, TrailBody
from erstwhile.domain.events.concerns import no_references, of_subject
from erstwhile.domain.events.credentials import AccessKeyCreated, MfaDeviceEnabled
from erstwhile.domain.events.principals import GroupMemberAdded, UserCreated, UserRenamed
from erstwhile.domain.events.resources import ResourcePolicyDeleted
from erstwhile.domain.events.slots import log_slots, replay_slots
from erstwhile.domain.evolve.creations import CreationTold
from erstwhile.domain.evolve.handlers import EVOLVE, EVOLVE_SUBJECT, evolves, evolves_subject
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.slots import Slot, account_slot, assignment_slot, organization_slot, setting_slot

ACCOUNT = "111122223333"
ADA = Ref("user", "Ada", "AIDAADA")


def test_every_class_says_all_of_itself() -> None:
    for cls in TYPE_NAMES:
        assert isinstance(cls.rank, Rank)
        assert set(cls.targets) <= set(cls.__struct_fields__), cls
        assert "targets" in vars(cls), cls
        assert issubclass(cls, TrailBody) or {"rank", "slot", "references"} <= vars(cls).keys(), cls


def test_every_event_is_applied_by_one_function() -> None:
    assert EVOLVE.keys() | EVOLVE_SUBJECT.keys() == TYPE_NAMES.keys() | {CreationTold}
    assert not EVOLVE.keys() & EVOLVE_SUBJECT.keys()
    assert all("subject" in cls.__struct_fields__ for cls in EVOLVE_SUBJECT)
    for declare in (evolves(UserCreated), evolves(UserRenamed)):
        with pytest.raises(TypeError, match="is applied by a function already"):
            declare(lambda _recorder, _body: None)
    with pytest.raises(TypeError, match="is applied by a function already"):
        evolves_subject(UserCreated)(lambda _recorder, _entity, _body: None)


def test_a_class_that_says_too_little_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Half(Body, frozen=True, kw_only=True):
        rank = Rank.MODIFY
        slot = of_subject
        references = no_references

    monkeypatch.setattr(account, "Half", Half, raising=False)
    with pytest.raises(TypeError, match=r"iam\.Half does not say its targets"):
        registry._event_types()


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        (UserCreated(subject=ADA), ["name:111122223333/user/ada", "user:AIDAADA"]),
        (
            UserCreated(subject=ADA, boundary=f"arn:aws:iam::{ACCOUNT}:policy/x/Most"),
            ["name:111122223333/policy/most", "name:111122223333/user/ada", "user:AIDAADA"],
        ),
        (
            UserRenamed(subject=ADA, new_name="Eve"),
            ["name:111122223333/user/ada", "name:111122223333/user/eve", "user:AIDAADA"],
        ),
        (UserRenamed(subject=ADA, new_name="ada"), ["name:111122223333/user/ada", "user:AIDAADA"]),
        (
            GroupMemberAdded(subject=ADA, group=Ref("group", "Ops", "AGPA")),
            ["name:111122223333/group/ops", "name:111122223333/user/ada", "user:AIDAADA", "group:AGPA"],
        ),
        (
            AccessKeyCreated(subject=ADA, access_key_id="AKIA1"),
            ["name:111122223333/user/ada", "user:AIDAADA", "key:AKIA1"],
        ),
        (
            MfaDeviceEnabled(subject=ADA, serial_number="arn:aws:iam::111122223333:mfa/a"),
            ["name:111122223333/user/ada", "user:AIDAADA", "mfa:arn:aws:iam::111122223333:mfa/a"],
        ),
        (ResourcePolicyDeleted(resource="arn:aws:s3:::b"), ["resource:arn:aws:s3:::b"]),
        (SignedIn(operation="ConsoleLogin"), []),
    ],
)
def test_the_slots_by_which_the_log_finds_an_event(body: Body, texts: list[str]) -> None:
    assert [slot.text for slot in log_slots(ACCOUNT, body)] == texts
    assert [slot.stored for slot in log_slots(ACCOUNT, body)] == texts


def test_texts_of_slots() -> None:
    assert account_slot(ACCOUNT).text == "account:111122223333"
    assert organization_slot(ACCOUNT).text == "organization:111122223333"
    assert assignment_slot(ACCOUNT, "222233334444").text == "assignment:111122223333/222233334444"
    assert setting_slot(ACCOUNT, "account-alias", "here/x").text == "setting:111122223333/account-alias/here/x"


def test_a_slot_that_is_longer_than_the_index_takes_ends_in_its_digest() -> None:
    long = Slot("resource", "", "arn:aws:s3:::" + "x" * 3_000)
    assert long.is_too_long and len(long.stored.encode()) < 2_704 and long.stored.startswith("resource:arn:aws:s3:::xx")
    assert long.stored != Slot("resource", "", long.name + "y").stored
    assert not Slot("resource", "", "\0").is_too_long and "\0" not in Slot("resource", "", "\0").stored


def test_what_an_event_refers_to_comes_before_its_subject() -> None:
    body = GroupMemberAdded(subject=ADA, group=Ref("group", "Ops", "AGPA"))
    assert [slot.kind for slot in replay_slots(ACCOUNT, body)] == ["group", "user"]
