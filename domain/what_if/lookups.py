"""What a supposed change names, found in the Directory of its instant."""

from __future__ import annotations

from erstwhile.domain.directory.account_modes import is_there
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import IAM_KINDS
from erstwhile.domain.policy.inputs.resource_owner import owner_of
from erstwhile.domain.policy.inputs.sources import find_policy
from erstwhile.domain.policy.language.validate import Use, first_problem
from erstwhile.domain.vocabulary.identifiers import IDENTITY_SERVICES, Ref, account_in

HOLDERS = ("user", "group", "role")
"""Kinds of entities that have policies."""
_WORDS = {"user": "user", "group": "group", "role": "role", "policy": "policy", "resource": "resource"}


class ImpossibleChange(ValueError):
    """a change that cannot be supposed: what it names is not there, or its document is none

    `index`: of the change in the question."""

    index = -1


def need(directory: Directory, words: str, *kinds: str) -> Entity:
    """The one entity of these kinds that `words` names: its ARN (of an IAM entity, with another path too: names are
    unique in an account), `user/ada`, a name alone, or a unique id.

    Raises ImpossibleChange where nobody, or more than one, is meant."""
    found = {each.key: each for each in _called(directory, words, kinds)}
    if len(found) == 1:
        return next(iter(found.values()))
    what = " or ".join(_WORDS.get(kind, kind) for kind in kinds)
    if not found:
        raise ImpossibleChange(f"there is no {what} {words} at that instant")
    names = ", ".join(sorted(directory.arn_of(each) for each in found.values()))
    raise ImpossibleChange(f"{words!r} means several: {names}")


def _called(directory: Directory, words: str, kinds: tuple[str, ...]) -> list[Entity]:
    if words.startswith("arn:"):
        entity = directory.with_arn(words) or find_policy(directory, words) or _by_name(directory, words)
        return [entity] if entity is not None and entity.kind in kinds and entity.exists else []
    kind, _, rest = words.partition("/")
    named, name = ((kind,), rest.rpartition("/")[2]) if rest and kind in kinds else (kinds, words)
    found = [
        each
        for kind in named
        for account in directory.accounts_with(kind)
        for each in (directory.named(account, kind, name), directory.get(account, kind, words))
        if each is not None
    ]
    return [each for each in found if each.exists]


def _by_name(directory: Directory, arn: str) -> Entity | None:
    kind, _, rest = arn.split(":", 5)[-1].partition("/")
    return directory.named(account_in(arn), kind, rest.rpartition("/")[2]) if kind in IAM_KINDS else None


def need_policy(directory: Directory, words: str) -> Entity:
    """A managed policy, the account's own or AWS's. Raises ImpossibleChange."""
    return need(directory, words, "policy")


def refuse_existing(directory: Directory, account: str, kind: str, name: str) -> None:
    """Raises ImpossibleChange: names are unique without regard to case."""
    if directory.named(account, kind, name) is not None:
        raise ImpossibleChange(f"there is a {kind} {name} in {account} already")


def need_account(directory: Directory, account: str) -> None:
    """Raises ImpossibleChange for an account of which nothing is known at that instant."""
    if not is_there(directory.mode(account)):
        raise ImpossibleChange(f"nothing is known of account {account or '(none)'} at that instant")


def need_document(text: str, use: Use, where: str) -> None:
    """Raises ImpossibleChange, with the place in the document, for one that IAM would refuse."""
    problem = first_problem(text, use)
    if problem:
        raise ImpossibleChange(f"{where}: {problem}")


def need_owner(directory: Directory, resource: str, account: str) -> str:
    """Whose a resource is: the account that it is said to be of, the one in its ARN, or the one that is known to have
    it. Raises ImpossibleChange where none is, and for what IAM has: its tags and policies are other changes."""
    if resource.split(":", 3)[2:3] in ([each] for each in IDENTITY_SERVICES):
        raise ImpossibleChange(f"there is no resource {resource} with tags and a policy beside those of IAM")
    known = directory.with_arn(resource)
    owner = account or (known.account if known is not None else "") or account_in(resource) or owner_of(resource, "")
    if not owner:
        raise ImpossibleChange(f"whose {resource} is, is not known: name its account")
    need_account(directory, owner)
    return owner


def need_organization(directory: Directory, target: str) -> Entity:
    """The organisation that a root, unit or account stands in. Raises ImpossibleChange."""
    for each in sorted(directory.of_kind("organization"), key=lambda each: each.account):
        if target in each.nodes:
            return each
    raise ImpossibleChange(f"no organisation that is known at that instant has {target}")


def need_guardrail(directory: Directory, words: str) -> tuple[Entity, str]:
    """A service or resource control policy, by its id or its name: the organisation that has it, and its id. Raises
    ImpossibleChange."""
    found = [
        (organization, policy)
        for organization in directory.of_kind("organization")
        for policy, fact in organization.guardrails.items()
        if words == policy or words.lower() == str(fact.value.get("name") or "").lower()
    ]
    if len(found) != 1:
        known = sorted(policy for each in directory.of_kind("organization") for policy in each.guardrails)
        hint = f"; known are {', '.join(known[:10])}" if known else ""
        how = "several are called" if found else "there is no guardrail"
        raise ImpossibleChange(f"{how} {words} at that instant{hint}")
    return found[0]


def ref(entity: Entity) -> Ref:
    return Ref(entity.kind, entity.name, entity.id)
