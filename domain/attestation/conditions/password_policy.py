"""The account's password policy demands at least this much."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.attestation.judged import EntityCondition, Judgement
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Value

_SETTING = "password-policy/account"
_CHARACTERS = ("symbols", "numbers", "uppercase-characters", "lowercase-characters")


class PasswordPolicy(EntityCondition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.8 and 2.9; PCI DSS 4.0.1, 8.3.6, 8.3.7 and 8.3.9.

    Source of the names: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html"""

    minimum_length: int = 0
    reuse_prevention: int = 0
    maximum_age: int = 0
    """Days; 0: passwords need not expire."""
    require: tuple[str, ...] = ()
    """Of `symbols`, `numbers`, `uppercase-characters`, `lowercase-characters`."""

    attributes: ClassVar[frozenset[str]] = frozenset((attributes.SETTING,))

    def words(self) -> str:
        demands = []
        if self.minimum_length:
            demands.append(f"at least {self.minimum_length} characters")
        if self.reuse_prevention:
            demands.append(f"none of the last {self.reuse_prevention} passwords")
        if self.maximum_age:
            demands.append(f"a new password after {self.maximum_age} days at the latest")
        demands += [each.replace("-", " ") for each in self.require]
        return f"the account's password policy demands {', '.join(demands) or 'nothing'}"

    def doubts(self, ground: Ground) -> Iterable[str]:
        if not (self.minimum_length or self.reuse_prevention or self.maximum_age or self.require):
            yield "password-policy demands nothing: any policy meets it"
        for each in self.require:
            if each not in _CHARACTERS:
                yield f"password-policy: nothing is called {each}; expected one of {', '.join(_CHARACTERS)}"

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        return [(account, "setting", _SETTING) for account in sorted(ground.accounts)]

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        if entity.setting_fact is not None:
            short = list(self._short_of(entity.setting))
            if short:
                yield Judgement("", "broken", f"the password policy does not demand {', '.join(short)}")
        elif self._was_shown(ground, entity, at) or ground.mode(entity.account) == "governed":
            yield Judgement("", "broken", "the account has no password policy")
        else:
            yield Judgement("", "unknown", "no record shows the account's password policy")

    def _was_shown(self, ground: Ground, entity: Entity, at: datetime) -> bool:
        return any(each.valid_from <= at for each in ground.history.intervals_of(entity.key))

    def _short_of(self, setting: Value) -> Iterable[str]:
        """What a policy does not demand. Records write names and values in another case than IAM's answers."""
        given = {key.lower(): str(value).lower() for key, value in setting.items()}
        if _number(given, "minimumpasswordlength") < self.minimum_length:
            yield f"{self.minimum_length} characters"
        if _number(given, "passwordreuseprevention") < self.reuse_prevention:
            yield f"that the last {self.reuse_prevention} passwords are not used again"
        age = _number(given, "maxpasswordage")
        if self.maximum_age and not 0 < age <= self.maximum_age:
            yield f"a new password after {self.maximum_age} days"
        for each in self.require:
            if given.get("require" + each.replace("-", "")) != "true":
                yield each.replace("-", " ")


def _number(given: dict[str, str], name: str) -> int:
    text = given.get(name, "0")
    return int(text) if text.isdecimal() else 0
