"""By whose acts it is so: chains of grants, and the right of each actor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from erstwhile.domain.events import Body
from erstwhile.domain.history.happenings import Happening
from erstwhile.domain.history.provenance import Provenance, provenance
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Ref
from tests.support.documents import allow, trusting
from tests.support.memory_log import MemoryLog
from tests.support.records import ACCOUNT
from tests.support.scenarios import EVE, OBJECT
from tests.support.stories import (
    BEFORE_THE_STORY,
    arn,
    attached,
    created,
    deleted,
    detached,
    group,
    history_of,
    inline,
    inline_deleted,
    joined,
    of_aws,
    policy,
    renamed,
    role,
    second,
    tell,
    user,
    version,
    version_of_aws,
)

ROOT, BOB, CAROL = arn("root"), arn("user/bob"), arn("user/carol")
READ, IAM = allow("s3:GetObject"), allow("iam:*")
P = arn("policy/P")


class Told:
    """A story with the actor and the call of each event."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self._happenings: dict[int, Happening] = {}

    def did(self, at: float, actor: str, action: str, body: Body, account: str = ACCOUNT) -> int:
        """Returns the number of the event in the story."""
        tell(self.log, (at, body, account))
        position = len(self.log.events)
        kind = "Root" if actor.endswith(":root") else "IAMUser"
        self._happenings[position] = Happening(
            position=position, occurred_at=second(at), account=account, actor=actor, actor_type=kind, action=action,
            access_key="AKIA", type=self.log.events[-1].type,
        )  # fmt: skip
        return position - BEFORE_THE_STORY

    def expect(self, positions: Iterable[int]) -> None:
        pass

    def read(self, positions: Iterable[int]) -> Mapping[int, Happening]:
        return {each: self._happenings[each] for each in positions if each in self._happenings}

    def ask(self, at: float, action: str = "s3:GetObject", resource: str = OBJECT, principal: str = EVE) -> Provenance:
        return provenance(
            history_of(self.log), self, principal, action, resource, second(at), resource_account=ACCOUNT
        )  # fmt: skip


def links(found: Provenance) -> list[list[str]]:
    return [[f"{each.layer} by {each.position - BEFORE_THE_STORY}" for each in grant.links] for grant in found.grants]


def acts(found: Provenance) -> list[str]:
    """The number of each event, who did it, and the events on which the actor's right rests, or where it ends."""
    lines = []
    for each in found.authorities:
        behind = sorted({link.position - BEFORE_THE_STORY for grant in each.grants for link in grant.links})
        actor = each.happening.actor.rpartition(":")[2] if each.happening is not None else "?"
        lines.append(f"{each.position - BEFORE_THE_STORY} {actor}: {each.end or behind}")
    return lines


def a_team() -> Told:
    """The root makes bob an administrator of IAM, who fills a group with a policy and eve."""
    story = Told()
    story.did(0, ROOT, "iam:CreateUser", created(user("bob")))
    story.did(1, ROOT, "iam:PutUserPolicy", inline(user("bob"), IAM))
    story.did(10, BOB, "iam:CreatePolicy", policy("P", READ))
    story.did(11, BOB, "iam:CreateGroup", created(group("team")))
    story.did(12, BOB, "iam:AttachGroupPolicy", attached(group("team"), P))
    story.did(13, BOB, "iam:CreateUser", created(user("eve")))
    story.did(14, BOB, "iam:AddUserToGroup", joined(user("eve"), group("team")))
    return story


def test_the_chain_goes_from_the_words_to_the_root() -> None:
    found = a_team().ask(20)
    assert found.decision is not None and found.decision.allowed
    assert links(found) == [["policy version by 3", "attachment by 5", "group membership by 7", "principal by 6"]]
    assert acts(found) == [
        "3 user/bob: [1, 2]", "5 user/bob: [1, 2]", "7 user/bob: [1, 2]", "6 user/bob: [1, 2]",
        "2 root: root", "1 root: root",
    ]  # fmt: skip
    asked = {each.position - BEFORE_THE_STORY: (each.action, each.resource) for each in found.authorities}
    assert asked[3] == ("iam:CreatePolicy", P)
    assert asked[5] == ("iam:AttachGroupPolicy", arn("group/team"))
    assert asked[7] == ("iam:AddUserToGroup", arn("group/team"))
    assert asked[6] == ("iam:CreateUser", EVE)


def test_an_actor_whose_right_was_taken_since_had_it_then() -> None:
    story = a_team()
    story.did(15, ROOT, "iam:PutUserPolicy", inline(user("bob"), READ))
    assert acts(story.ask(20)) == acts(a_team().ask(20))


def test_a_new_version_has_another_author() -> None:
    story = a_team()
    story.did(15, ROOT, "iam:CreatePolicyVersion", version("P", "v2", allow("s3:*"), False))
    story.did(16, BOB, "iam:SetDefaultPolicyVersion", version("P", "v2", allow("s3:*")))
    assert links(story.ask(20))[0][:2] == ["policy version by 8", "policy version by 9"]


def test_who_gave_itself_a_right_had_none() -> None:
    story = Told()
    story.did(0, ROOT, "iam:CreateUser", created(user("eve")))
    story.did(10, EVE, "iam:PutUserPolicy", inline(user("eve"), allow("*")))
    found = story.ask(20)
    assert acts(found) == ["2 user/eve: refused", "1 root: root"]
    assert found.authorities[0].decision is not None
    assert found.authorities[0].decision.effect == "implicit_deny"


def test_two_that_gave_each_other_their_rights_are_no_loop() -> None:
    story = Told()
    story.did(0, ROOT, "iam:CreateUser", created(user("eve")))
    story.did(0, ROOT, "iam:CreateUser", created(user("carol")))
    story.did(1, ROOT, "iam:PutUserPolicy", inline(user("eve"), IAM))
    story.did(10, EVE, "iam:PutUserPolicy", inline(user("carol"), IAM))
    story.did(20, CAROL, "iam:PutUserPolicy", inline(user("eve"), allow("*")))
    found = story.ask(30)
    assert acts(found) == ["5 user/carol: [2, 4]", "1 root: root", "4 user/eve: [1, 3]", "2 root: root", "3 root: root"]


def test_it_goes_no_deeper_than_asked() -> None:
    story = Told()
    story.did(0, ROOT, "iam:CreateUser", created(user("u0")))
    story.did(0, ROOT, "iam:PutUserPolicy", inline(user("u0"), IAM))
    for number in range(1, 6):
        actor = arn(f"user/u{number - 1}")
        story.did(number, actor, "iam:CreateUser", created(user(f"u{number}")))
        story.did(number, actor, "iam:PutUserPolicy", inline(user(f"u{number}"), IAM))
    asked = ("iam:GetUser", arn("user/u0"), second(9))
    history = history_of(story.log)
    whole = provenance(history, story, arn("user/u5"), *asked)
    assert {each.end for each in whole.authorities} == {"", "root"}
    cut = provenance(history, story, arn("user/u5"), *asked, depth=2)
    assert [each.end for each in cut.authorities] == ["", "", "", "", "limit", "limit"]


def test_a_script_that_makes_a_role_and_uses_it_within_a_second() -> None:
    story = Told()
    session = "arn:aws:sts::111122223333:assumed-role/deploy/x"
    story.did(5, ROOT, "iam:CreateRole", created(role("deploy"), trust=trusting(ROOT)))
    story.did(5, ROOT, "iam:PutRolePolicy", inline(role("deploy"), IAM))
    story.did(5, session, "iam:CreateUser", created(user("eve")))
    story.did(6, session, "iam:PutUserPolicy", inline(user("eve"), READ))
    assert acts(story.ask(20)) == ["4 assumed-role/deploy/x: [1, 2]", "3 assumed-role/deploy/x: [1, 2]",
                                   "2 root: root", "1 root: root"]  # fmt: skip


def test_it_ends_with_aws_and_where_nobody_is_on_record() -> None:
    story = Told()
    tell(story.log, version_of_aws(0, "ReadAll", "v1", READ))
    story.did(1, "", "", version_of_aws(1, "ReadAll", "v2", READ)[1], AWS_MANAGED)
    story.did(5, "", "", created(user("eve")))
    story.did(
        6, "arn:aws:iam::111122223333:user/never-seen", "iam:AttachUserPolicy", attached(user("eve"), of_aws("ReadAll"))
    )
    assert acts(story.ask(20)) == ["2 : aws", "4 user/never-seen: unknown", "3 : unknown"]


def test_a_no_says_what_is_missing_and_when_it_was_there() -> None:
    story = a_team()
    story.did(50, BOB, "iam:DetachGroupPolicy", detached(group("team"), P))
    found = story.ask(60)
    assert found.decision is not None and found.decision.blocked_by == ("identity",)
    assert [(each.begin, each.end) for each in found.allowed] == [(second(14), second(50))]
    assert (found.grants, found.nearest) == ((), None)
    nobody = story.ask(-5)
    assert nobody.decision is None and nobody.unique_id == "" and len(nobody.allowed) == 1


def test_a_no_is_about_one_principal_and_not_about_its_namesakes() -> None:
    """Nor only about the name that it has then."""
    story = a_team()
    story.did(50, BOB, "iam:DeleteUser", deleted(user("eve")))
    story.did(60, BOB, "iam:CreateUser", created(Ref("user", "eve", "AIDAEVE2")))
    assert story.ask(70).allowed == ()
    story.did(80, BOB, "iam:PutUserPolicy", inline(Ref("user", "eve", "AIDAEVE2"), READ, "own"))
    story.did(81, BOB, "iam:UpdateUser", renamed(Ref("user", "eve", "AIDAEVE2"), "eva"))
    story.did(90, BOB, "iam:DeleteUserPolicy", inline_deleted(Ref("user", "eva", "AIDAEVE2"), "own"))
    found = story.ask(95, principal=f"arn:aws:iam::{ACCOUNT}:user/eva")
    allowed = [(each.begin, each.end) for each in found.allowed]
    assert (allowed[0][0], allowed[-1][1]) == (second(80), second(90))
    assert [begin for begin, _ in allowed[1:]] == [end for _, end in allowed[:-1]]


def test_a_deny_has_its_chain_too() -> None:
    story = a_team()
    story.did(50, BOB, "iam:PutUserPolicy", inline(user("eve"), READ.replace("Allow", "Deny"), "stop"))
    found = story.ask(60)
    assert found.decision is not None and found.decision.effect == "explicit_deny"
    assert links(found) == [["own policy by 8", "principal by 6"]]
    assert acts(found)[0] == "8 user/bob: [1, 2]"


def test_a_no_names_the_statement_that_comes_nearest() -> None:
    story = Told()
    story.did(0, ROOT, "iam:CreateUser", created(user("eve")))
    story.did(1, ROOT, "iam:PutUserPolicy", inline(user("eve"), allow("s3:GetObject", "arn:aws:s3:::other/*")))
    near = story.ask(10).nearest
    assert near is not None
    assert (near.part, near.wanted) == ("resource", ("arn:aws:s3:::other/*",))
