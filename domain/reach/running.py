"""Which resources run as which role, as far as records show it: functions, instances, stacks, projects, …

They are settings of their account, of the category `runs-as`: `domain/observed/cloudtrail/running.py` makes them.
"""

from __future__ import annotations

from typing import NamedTuple

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey

RUNS_AS = "runs-as"
"""The category of the settings; the name of one is the resource's ARN."""
TYPE, ROLE, PROFILE, RESOURCE = "type", "role", "instance-profile", "resource"
"""Their attributes: the type of the resource; the ARN (or name) of its role or instance profile; the resource's whole
ARN, where the setting's name is shorter, or a pattern of the ARNs of all that it starts."""
DEFINITION = "task-definition"
"""Another: the ARN of the task definition that has the role, where the resource has none of its own."""


class Running(NamedTuple):
    """A resource that runs as a role: its type (`lambda-function`), its ARN, the event that set the role, and the
    setting that says so."""

    type: str
    resource: str
    position: int
    setting: EntityKey


class RunningResources:
    """Of one Directory. Reads all settings and instance profiles once."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._profiles: dict[tuple[str, str], list[Entity]] = {}
        for profile in directory.of_kind("instance-profile"):
            for role_id in profile.role_ids if profile.exists else ():
                self._profiles.setdefault((profile.account, role_id), []).append(profile)
        self._of: dict[EntityKey, list[Running]] = {}
        self.seen: set[str] = set()
        """The types of which some resource was seen."""
        for setting in directory.having(attributes.SETTING, "setting"):
            self._add(setting)

    @property
    def roles(self) -> list[EntityKey]:
        """The roles as which something runs."""
        return list(self._of)

    def of(self, role: Entity) -> list[Running]:
        """What runs as a role."""
        return self._of.get(role.key, [])

    def profiles_of(self, role: Entity) -> list[Entity]:
        """The instance profiles that have a role."""
        return self._profiles.get((role.account, role.id), [])

    def _add(self, setting: Entity) -> None:
        category, _, resource = setting.id.partition("/")
        fact = setting.setting_fact
        if category != RUNS_AS or fact is None:
            return
        kind = str(fact.value.get(TYPE, ""))
        self.seen.add(kind)
        whole = str(fact.value.get(RESOURCE) or resource)
        for role in self._roles(setting.account, fact.value):
            self._of.setdefault(role.key, []).append(Running(kind, whole, fact.opened_by, setting.key))

    def _roles(self, account: str, value: dict[str, str]) -> list[Entity]:
        named = str(value.get(ROLE) or "")
        if not named and value.get(DEFINITION):
            defined = self._directory.get(account, "setting", f"{RUNS_AS}/{value[DEFINITION]}")
            fact = defined.setting_fact if defined is not None else None
            named = str(fact.value.get(ROLE) or "") if fact is not None else ""
        if named:
            found = self._named(account, "role", named)
            return [found] if found is not None else []
        profile = self._named(account, "instance-profile", str(value.get(PROFILE) or ""))
        roles = [self._directory.get(account, "role", each) for each in (profile.role_ids if profile else ())]
        return [each for each in roles if each is not None]

    def _named(self, account: str, kind: str, name: str) -> Entity | None:
        """By an ARN or a name."""
        found = self._directory.with_arn(name) if name.startswith("arn:") else None
        if found is None and name:
            found = self._directory.named(account, kind, name.rsplit("/", 1)[-1])
        return found if found is not None and found.kind == kind and found.account == account else None
