"""Who may do something to one resource, and by which statements: what the policy engine decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.inputs.principals import find_resources
from erstwhile.domain.policy.inputs.request import Decision, Determining
from erstwhile.domain.policy.knowledge.service_reference import actions_on
from erstwhile.domain.policy.language.match import matches_action
from erstwhile.domain.questions.who_can import Holder, who_can
from erstwhile.domain.reports.access_paths import AccessPath, Path, paths_at, paths_of
from erstwhile.domain.reports.kind import MalformedOption

_LAYERS = frozenset(("identity", "resource"))


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """A principal, a statement that allows it something on the resource, and which actions. `decision`: allow,
    conditional, or unknown; where a pattern of resources was asked about, with how much of it: allow (some)."""

    who: str
    kind: str
    account: str
    unique_id: str
    decision: str
    path: AccessPath
    actions: tuple[str, ...]


def actions_asked(resource: str, patterns: str) -> list[str]:
    """The actions that can be done to a resource, or those of them that some patterns (with commas between) match.

    Raises MalformedOption where there are none."""
    wanted = [each.strip() for each in patterns.split(",") if each.strip()]
    known = actions_on(resource)
    found = [each for each in known if not wanted or any(matches_action(one, each) for one in wanted)]
    plain = [each for each in wanted if "*" not in each and "?" not in each and each not in found and ":" in each]
    if not found and not plain:
        raise MalformedOption(
            f"no action on {resource} is known{f' that {patterns} matches' if wanted else ''}: "
            "name the actions, such as s3:GetObject"
        )
    return [*found, *plain]


def decided_lines(directory: Directory, accounts: Sequence[str], resource: str, patterns: str) -> Iterator[Decided]:
    """Whoever may or might do one of the actions, in order. Principals elsewhere that the resource's policy lets in are
    among them, where all accounts are asked about. Raises MalformedOption, TooMuch."""
    is_all = set(accounts) >= set(directory.accounts())
    found: dict[tuple[str, str, Determining | None], tuple[Holder, list[str]]] = {}
    for action in actions_asked(resource, patterns):
        for account in (None,) if is_all else accounts:
            answer = who_can(directory, action, resource, account=account)
            lists = (("allow", answer.allowed), ("conditional", answer.conditional), ("unknown", answer.unknown))
            for decision, holders in lists:
                for holder in holders:
                    # Of a pattern of resources: how much of it.
                    said = f"{decision} ({holder.extent})" if holder.extent else decision
                    for each in _deciding(holder.decision):
                        _, actions = found.setdefault((holder.principal, said, each), (holder, []))
                        if action not in actions:
                            actions.append(action)
    paths = _Paths(directory, resource)
    for (who, decision, determining), (holder, actions) in sorted(found.items(), key=_order):
        yield Decided(
            who=who, kind=holder.kind, account=holder.account, unique_id=holder.unique_id, decision=decision,
            path=paths.of(holder, determining), actions=tuple(sorted(actions)),
        )  # fmt: skip


def _order(item: tuple[tuple[str, str, Determining | None], object]) -> tuple[str, str, str, int, tuple[str, ...]]:
    (who, decision, each), _ = item
    return (who, decision, "", 0, ()) if each is None else (who, decision, each.policy, each.statement, each.path)


def _deciding(decision: Decision) -> Iterable[Determining | None]:
    """The statements that allow it, or might; None where nothing is known of them."""
    allowing = [each for each in decision.determining if each.effect == "Allow" and each.layer in _LAYERS]
    return dict.fromkeys(allowing) or (None,)


class _Paths:
    """The words of the statements that decided."""

    def __init__(self, directory: Directory, resource: str) -> None:
        self._directory = directory
        self._at = [path for each in find_resources(directory, resource) for path in paths_at(each)]
        self._of: dict[str, list[AccessPath]] = {}

    def of(self, holder: Holder, determining: Determining | None) -> AccessPath:
        why = "; ".join(holder.why)
        if determining is None:
            return AccessPath(path="none", unknown=why or ("the account's root may" if holder.kind == "root" else ""))
        candidates = self._at if determining.layer == "resource" else self._paths_of(holder)
        for each in candidates:
            if (
                each.statement is not None
                and (each.policy, each.version) == (determining.policy, determining.version)
                and each.statement.index == determining.statement
                and (determining.layer == "resource" or each.steps == determining.path)
            ):
                return msgspec.structs.replace(each, unknown=why)
        kind: Path = "resource policy" if determining.layer == "resource" else "direct"
        return AccessPath(
            path=kind, steps=determining.path, policy=determining.policy, version=determining.version,
            granted_by=determining.granted_by, unknown=why,
        )  # fmt: skip

    def _paths_of(self, holder: Holder) -> list[AccessPath]:
        found = self._of.get(holder.principal)
        if found is None:
            entity = self._directory.get(holder.account, holder.kind, holder.unique_id) if holder.unique_id else None
            found = self._of[holder.principal] = list(paths_of(self._directory, entity)) if entity is not None else []
        return found
