"""The parts of a question about resources that do not depend on the principal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from erstwhile.domain.policy.inputs.request import Request


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of each part."""

    action: str
    resource_account: str | None = None
    context: Mapping[str, tuple[str, ...]] = {}
    mode: Literal["strict", "discover"] = "discover"

    def of(self, principal: str, resource: str) -> Request:
        return Request(
            principal=principal, action=self.action, resource=resource,
            resource_account=self.resource_account, context=self.context, mode=self.mode,
        )  # fmt: skip


def is_pattern(resource: str) -> bool:
    """Whether a resource of a question stands for many. `*` alone is what actions without resources are asked of."""
    return resource != "*" and ("*" in resource or "?" in resource)
