"""The services under resource control policies: a list of AWS's with its date, which another may replace.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from importlib.resources import files

import msgspec

from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.typed import decode

SHIPPED = files(__package__ or "").joinpath("rcp-services.json")


class MalformedServices(MalformedInput):
    """not a list of the services under resource control policies"""

    code = "malformed_services"


class RcpServices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prefixes of services (`s3`), as they were on a day."""

    as_of: str
    services: frozenset[str]
    source: str = ""


def read(raw: bytes) -> RcpServices:
    """From JSON: {"as_of": "2026-09-26", "services": ["s3", …], "source": …}. Raises MalformedServices."""
    try:
        found = decode(raw, RcpServices)
    except msgspec.DecodeError as error:
        raise MalformedServices(f'expected {{"as_of": "2026-09-26", "services": ["s3", …]}}: {error}') from None
    lowered = frozenset(service.lower() for service in found.services)
    strange = sorted(service for service in lowered if not service.replace("-", "").isalnum())
    if strange or not lowered:
        raise MalformedServices(f"services must be prefixes of services such as s3, not {strange or 'none at all'}")
    return msgspec.structs.replace(found, services=lowered)


class _InForce:
    """The list that decisions are made by."""

    def __init__(self) -> None:
        self.services = read(SHIPPED.read_bytes())


_in_force = _InForce()


def in_force() -> RcpServices:
    """The list that decisions are made by: the shipped one, unless another was put in its place."""
    return _in_force.services


def replace(services: RcpServices) -> None:
    """Puts another list in force: before the first decision is made, for decisions are kept."""
    _in_force.services = services
