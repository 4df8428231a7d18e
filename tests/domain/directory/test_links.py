"""Who points at what is always what a look at every entity would find."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.api.commanding.speculation import Speculative
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import policies as p
from erstwhile.domain.events import principals as q
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import parse_instant

ACCOUNT, NOW = "111122223333", parse_instant("2026-03-03T14:00:00Z")
NAMES = ("Ada", "bob", "Cyd", "dan")
POLICIES = ("arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B")
Step = tuple[str, str, str]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "delete", "attach", "detach", "bound", "unbound", "join", "leave", "keep", "undo"]),
        st.sampled_from(NAMES),
        st.sampled_from(POLICIES),
    ),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_links_and_order_are_those_of_a_loop(steps: list[Step]) -> None:
    directory = Directory()
    ahead = Speculative(directory)
    group = Ref("group", "ops", "AGPA1")
    for kind, name, policy in steps:
        user = Ref("user", name, f"AIDA{name.upper()}")
        bodies = {
            "create": q.UserCreated(subject=user, path="/", arn=f"arn:aws:iam::{ACCOUNT}:user/{name}"),
            "delete": q.UserDeleted(subject=user),
            "attach": p.PolicyAttached(subject=user, policy_arn=policy),
            "detach": p.PolicyDetached(subject=user, policy_arn=policy),
            "bound": p.PermissionsBoundarySet(subject=user, policy_arn=policy),
            "unbound": p.PermissionsBoundaryRemoved(subject=user),
            "join": q.GroupMemberAdded(subject=user, group=group),
            "leave": q.GroupMemberRemoved(subject=user, group=group),
        }
        if kind in bodies:
            ahead.apply(ACCOUNT, [bodies[kind]], NOW)
        elif kind == "keep":
            ahead.keep(directory.position)
        else:
            ahead.undo()
        users = sorted(directory.names.get((ACCOUNT, "user"), {}))
        assert directory.names_in_order(ACCOUNT, "user") == users
        held = [directory.names[ACCOUNT, "user"][each] for each in users]
        for arn in POLICIES:
            used = [each for each in held if arn in each.attached_policies or each.boundary == arn]
            assert directory.uses_of(ACCOUNT, arn) == used
        members = [each.key for each in held if group.id in each.group_ids]
        assert directory.links.count(ACCOUNT, "member_of", group.id) == len(members)
