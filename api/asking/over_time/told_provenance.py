"""The chains of grants behind a decision, as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from erstwhile.api.asking.answers import decision_json, nearest_json
from erstwhile.api.asking.over_time.spans import Telling, instant
from erstwhile.domain.history.grants import Grant, Link
from erstwhile.domain.history.provenance import Authority, Provenance
from erstwhile.domain.policy.inputs.request import Decision


def provenance_json(telling: Telling, found: Provenance) -> dict[str, Any]:
    """`grants`: each statement that decided, with the facts by which it bears on the principal; `authorities`: by which
    right the event of each such fact was done, to an end: root, aws, unknown, refused, limit."""
    telling.events.read(authority.position for authority in found.authorities)
    return {
        "principal": found.principal,
        "unique_id": found.unique_id,
        "action": found.action,
        "resource": found.resource,
        **_decision(found.decision),
        "grants": [_grant(telling, each) for each in found.grants],
        "authorities": [_authority(telling, each) for each in found.authorities],
        "nearest": nearest_json(found.nearest),
        "allowed_at": [{"from": instant(span.begin), "to": instant(span.end)} for span in found.allowed],
    }


def _decision(decision: Decision | None) -> dict[str, Any]:
    return {"effect": "unknown_principal", "determining": []} if decision is None else decision_json(decision)


def _grant(telling: Telling, grant: Grant) -> dict[str, Any]:
    return {
        "statement": msgspec.json.decode(msgspec.json.encode(grant.statement)),
        "links": [_link(telling, each) for each in grant.links],
    }


def _link(telling: Telling, link: Link) -> dict[str, Any]:
    return {
        "layer": link.layer,
        "of": telling.name((link.account, link.kind, link.entity)),
        "attribute": link.attribute,
        "item": telling.item(link.account, link.attribute, link.item),
        "since": instant(link.since),
        "position": link.position,
    }


def _authority(telling: Telling, authority: Authority) -> dict[str, Any]:
    return {
        "position": authority.position,
        "event": telling.events.get(authority.position),
        "end": authority.end,
        "principal": authority.principal,
        "action": authority.action,
        "resource": authority.resource,
        "effect": "" if authority.decision is None else authority.decision.effect,
        "grants": [_grant(telling, each) for each in authority.grants],
    }
