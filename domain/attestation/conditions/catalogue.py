"""The conditions by name."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import msgspec

from erstwhile.domain.attestation.condition import Condition
from erstwhile.domain.attestation.conditions.administrators import AdministratorsWithin
from erstwhile.domain.attestation.conditions.escalation import EscalationWithin
from erstwhile.domain.attestation.conditions.full_access import NoFullAccessPolicies, SomeRoleHas
from erstwhile.domain.attestation.conditions.inactive import InactiveDisabled
from erstwhile.domain.attestation.conditions.key_age import KeyAge
from erstwhile.domain.attestation.conditions.mfa import MfaForPasswords, RootMfa
from erstwhile.domain.attestation.conditions.password_policy import PasswordPolicy
from erstwhile.domain.attestation.conditions.policies_of_users import OnlyThroughGroups, PolicyNotAttached
from erstwhile.domain.attestation.conditions.public import NotOpenTo
from erstwhile.domain.attestation.conditions.root_keys import NoRootKeys
from erstwhile.domain.attestation.conditions.separation import SeparationOfDuties
from erstwhile.domain.attestation.conditions.settings import NoExpiredCertificates, SettingIsThere
from erstwhile.domain.attestation.conditions.who_can import WhoCan
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.typed import convert

CONDITIONS: Mapping[str, type[Condition]] = {
    "administrators-within": AdministratorsWithin,
    "escalation-within": EscalationWithin,
    "inactive-disabled": InactiveDisabled,
    "key-age": KeyAge,
    "mfa-for-passwords": MfaForPasswords,
    "no-expired-certificates": NoExpiredCertificates,
    "no-full-access-policies": NoFullAccessPolicies,
    "no-root-keys": NoRootKeys,
    "not-open-to": NotOpenTo,
    "only-through-groups": OnlyThroughGroups,
    "password-policy": PasswordPolicy,
    "policy-not-attached": PolicyNotAttached,
    "root-mfa": RootMfa,
    "separation-of-duties": SeparationOfDuties,
    "setting-is-there": SettingIsThere,
    "some-role-has": SomeRoleHas,
    "who-can": WhoCan,
}


class MalformedCondition(MalformedInput):
    """not a condition"""

    code = "malformed_condition"


def condition(name: str, parameters: object = None) -> Condition:
    """The condition of a name with its parameters (None: none). Raises MalformedCondition, whose message says what is
    expected."""
    kind = CONDITIONS.get(name)
    if kind is None:
        raise MalformedCondition(f"there is no condition {name!r}{like(name, CONDITIONS)}")
    try:
        found = convert({} if parameters is None else parameters, kind)
    except msgspec.ValidationError as error:
        names = ", ".join(field.encode_name for field in msgspec.structs.fields(kind)) or "none"
        raise MalformedCondition(f"{name}: {error}; its parameters are {names}") from None
    for words in found.wrong():
        raise MalformedCondition(f"{name}: {words}")
    return found


def like(name: str, names: Mapping[str, object]) -> str:
    """The end of a sentence that suggests the names that are like one that does not exist."""
    found = get_close_matches(name.lower(), names, 3, 0.5)
    return f": did you mean {' or '.join(found)}?" if found else f"; there are {', '.join(sorted(names))}"
