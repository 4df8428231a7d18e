"""All families, in the order in which an answer names them."""

from __future__ import annotations

from erstwhile.domain.reach.catalogue.assumed_roles import ASSUMED_ROLES
from erstwhile.domain.reach.catalogue.credentials import CREDENTIALS
from erstwhile.domain.reach.catalogue.existing_services import EXISTING_SERVICES
from erstwhile.domain.reach.catalogue.family import Family
from erstwhile.domain.reach.catalogue.leads import LEADS
from erstwhile.domain.reach.catalogue.new_principals import NEW_PRINCIPALS
from erstwhile.domain.reach.catalogue.new_services import NEW_SERVICES
from erstwhile.domain.reach.catalogue.self_escalation import SELF_ESCALATION

BECOMING: tuple[Family, ...] = (*ASSUMED_ROLES, *CREDENTIALS, *EXISTING_SERVICES, *NEW_SERVICES)
"""The source becomes the target."""
RAISING: tuple[Family, ...] = SELF_ESCALATION
"""The target has more than before."""
MAKING: tuple[Family, ...] = NEW_PRINCIPALS
"""The source becomes a principal that it makes."""
FAMILIES: tuple[Family, ...] = (*BECOMING, *RAISING, *MAKING, *LEADS)
BY_ID: dict[str, Family] = {family.id: family for family in FAMILIES}
