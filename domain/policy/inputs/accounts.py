# mypyc: compiled
"""What stands over the accounts of one Directory: their places in an organisation, and its guardrails."""

from __future__ import annotations

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.evaluation.layers import Levels
from erstwhile.domain.policy.inputs.guardrails import GuardrailType, Place, levels, place_of


class Accounts:
    """Compiled when first asked about; all callers and resources of an account share it."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._places: dict[str, Place | None] = {}
        self._scp: dict[str, Levels | None] = {}
        self._rcp: dict[str, Levels | None] = {}

    def clear(self) -> None:
        """An organisation changed."""
        self._places.clear()
        self._scp.clear()
        self._rcp.clear()

    def place(self, account: str) -> Place | None:
        if account not in self._places:
            self._places[account] = place_of(self._directory, account)
        return self._places[account]

    def scp(self, account: str) -> Levels | None:
        """The service control policies over an account; None where none reach it."""
        if account not in self._scp:
            self._scp[account] = self._levels(account, "SERVICE_CONTROL_POLICY")
        return self._scp[account]

    def rcp(self, account: str) -> Levels | None:
        """The resource control policies likewise."""
        if account not in self._rcp:
            self._rcp[account] = self._levels(account, "RESOURCE_CONTROL_POLICY")
        return self._rcp[account]

    def _levels(self, account: str, kind: GuardrailType) -> Levels | None:
        place = self.place(account)
        return levels(place, kind) if place is not None else None
