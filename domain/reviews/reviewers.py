"""Who reviews which line: rules, of which the first that fits and gives somebody else than the principal counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from erstwhile.domain.events.reviews import FrozenLine
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.reviews.rights import is_self
from erstwhile.domain.vocabulary.malformed import MalformedInput

MEMBERS = ("account", "principal", "path", "policy", "tag", "reviewers")
"""Members of a rule in a file."""


class MalformedRule(MalformedInput):
    """not a rule that names reviewers"""

    code = "malformed_rule"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of an account, principal (its name or ARN), path and policy, where these are given (with * and ?), are
    reviewed by `reviewers`, or by the person whom the principal's tag of this key names (commas between several)."""

    account: str = ""
    principal: str = ""
    path: str = ""
    policy: str = ""
    tag: str = ""
    reviewers: tuple[str, ...] = ()

    def fits(self, line: FrozenLine) -> bool:
        """Whether a line is meant."""
        return (
            self.account in ("", line.account)
            and self.path in ("", line.path)
            and _is_like(self.principal, line.principal, line.name)
            and _is_like(self.policy, line.policy, line.policy.rpartition("/")[2])
        )

    @property
    def words(self) -> str:
        """The rule as one line, as the event keeps it."""
        limits = [f"{name} {value}" for name in MEMBERS[:4] if (value := getattr(self, name))]
        who = f"tag {self.tag}" if self.tag else ", ".join(self.reviewers)
        return f"{' and '.join(limits) or 'all'}: {who}"


def reviewers_of(rules: Sequence[Rule], line: FrozenLine, tags: Mapping[str, str]) -> list[str]:
    """Who reviews a line: never the principal itself; nobody where no rule gives somebody else. `tags`: the
    principal's."""
    own = [each.lower() for each in line.people]
    for rule in rules:
        if rule.fits(line):
            named = rule.reviewers or tuple(_of_tag(rule.tag, tags))
            found = list(dict.fromkeys(each for each in named if not is_self(each, own)))
            if found:
                return found
    return []


def rules_of(entries: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """Rules from the entries of a file, numbered from 1 in the words of what is wrong. Raises MalformedRule."""
    found = [_rule(number, each) for number, each in enumerate(entries, 1)]
    if not found:
        raise MalformedRule("no rule names a reviewer: at least one is expected")
    return found


def _rule(number: int, entry: Mapping[str, Any]) -> Rule:
    strange = sorted(str(each) for each in entry if each not in MEMBERS)
    if strange:
        raise MalformedRule(f"rule {number}: {', '.join(strange)} is not known; a rule has {', '.join(MEMBERS)}")
    texts = {name: str(entry[name]).strip() for name in MEMBERS[:5] if entry.get(name) is not None}
    given = entry.get("reviewers") or ()
    names = given.replace(";", ",").split(",") if isinstance(given, str) else given
    if not isinstance(names, list | tuple):
        raise MalformedRule(f"rule {number}: reviewers is a name or a list of names")
    reviewers = tuple(dict.fromkeys(name for each in names if (name := str(each).strip())))
    if bool(reviewers) == bool(texts.get("tag")):
        raise MalformedRule(f"rule {number}: either reviewers or the key of a tag that names them is expected")
    return Rule(**texts, reviewers=reviewers)


def _of_tag(key: str, tags: Mapping[str, str]) -> list[str]:
    value = next((value for name, value in tags.items() if name.lower() == key.lower()), "")
    return [name for each in value.replace(";", ",").split(",") if (name := each.strip())]


def _is_like(pattern: str, *texts: str) -> bool:
    return not pattern or any(matches(pattern, text) for text in texts)
