"""Commands about objects of an account that are not principals or policies: providers, aliases, preferences."""

from __future__ import annotations

from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import Items, about_setting, mfa_device_enabled, setting_changed
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.commands.lookups import find_setting, holder_of_mfa
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events.account import SettingPut, SettingRemoved
from erstwhile.domain.vocabulary.refusals import DeleteConflict, EntityAlreadyExists, LimitExceeded, NoSuchEntity


def of_category(directory: Directory, account: str, category: str) -> list[tuple[str, Entity]]:
    """(name, setting) of a category, in the order of the names."""
    prefix = f"{category}/"
    found = [
        (entity.id.removeprefix(prefix), entity) for entity in directory.links.of(account, attributes.SETTING, category)
    ]
    return sorted(found, key=lambda each: each[0])


class CreateSetting(Command, frozen=True, kw_only=True):
    """Raises EntityAlreadyExists for a setting that exists."""

    category: str
    name: str
    attributes: dict[str, str] = {}
    most: int = 0  # how many of the category an account may have; 0: any number


@handles(CreateSetting, depends_on=about_setting)
def create_setting(directory: Directory, command: CreateSetting) -> Decided:
    if find_setting(directory, command.account, command.category, command.name) is not None:
        raise EntityAlreadyExists(f"{_title(command.category)} {command.name} already exists.")
    if command.most and len(of_category(directory, command.account, command.category)) >= command.most:
        raise LimitExceeded(f"Cannot exceed quota for {_title(command.category)}s per account: {command.most}")
    return [SettingPut(category=command.category, name=command.name, attributes=command.attributes)]


class PutSetting(Command, frozen=True, kw_only=True):
    """The setting has these attributes from now on; `must_exist`: it is not created."""

    category: str
    name: str
    attributes: dict[str, str] = {}
    must_exist: bool = False


@handles(PutSetting, depends_on=about_setting)
def put_setting(directory: Directory, command: PutSetting) -> Decided:
    entity = find_setting(directory, command.account, command.category, command.name)
    if entity is None and command.must_exist:
        raise _missing(command.category, command.name)
    if entity is not None and entity.setting == command.attributes:
        return []
    return [SettingPut(category=command.category, name=command.name, attributes=command.attributes)]


class MoveSetting(Command, frozen=True, kw_only=True):
    """A setting that exists takes another name, and these attributes."""

    category: str
    name: str
    new_name: str
    attributes: dict[str, str] = {}


def _both_names(directory: Directory, command: MoveSetting) -> Items:
    return (*about_setting(directory, command), setting_changed(command, command.category, command.new_name))


@handles(MoveSetting, depends_on=_both_names)
def move_setting(directory: Directory, command: MoveSetting) -> Decided:
    if find_setting(directory, command.account, command.category, command.name) is None:
        raise _missing(command.category, command.name)
    put = SettingPut(category=command.category, name=command.new_name, attributes=command.attributes)
    if command.new_name == command.name:
        return [put]
    if find_setting(directory, command.account, command.category, command.new_name) is not None:
        raise EntityAlreadyExists(f"{_title(command.category)} {command.new_name} already exists.")
    return [SettingRemoved(category=command.category, name=command.name), put]


class RemoveSetting(Command, frozen=True, kw_only=True):
    category: str
    name: str


def _unused(directory: Directory, command: RemoveSetting) -> Items:
    """An MFA device that a user takes into use meanwhile stays."""
    return (*about_setting(directory, command), mfa_device_enabled(command.name))


@handles(RemoveSetting, depends_on=_unused)
def remove_setting(directory: Directory, command: RemoveSetting) -> Decided:
    if find_setting(directory, command.account, command.category, command.name) is None:
        raise _missing(command.category, command.name)
    if command.category == "virtual-mfa-device" and holder_of_mfa(directory, command.account, command.name) is not None:
        raise DeleteConflict("MFA VirtualDevice in use. Must deactivate first.")
    return [SettingRemoved(category=command.category, name=command.name)]


def _missing(category: str, name: str) -> NoSuchEntity:
    if category == "password-policy":
        return NoSuchEntity("The Password Policy with domain name " + name + " cannot be found.")
    return NoSuchEntity(f"{_title(category)} {name} cannot be found.")


_TITLES = {
    "virtual-mfa-device": "VirtualMFADevice with serial number",
    "server-certificate": "The Server Certificate with name",
    "saml-provider": "SAMLProvider",
    "oidc-provider": "OpenIDConnect Provider",
    "account-alias": "The account alias",
}


def _title(category: str) -> str:
    return _TITLES.get(category, category)
