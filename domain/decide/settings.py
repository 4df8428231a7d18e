"""Deciding on an account's settings."""

from __future__ import annotations

from domain.commands import settings as c
from domain.decide.principals import Decided
from domain.directory import Directory, Entity
from domain.events.account import SettingPut, SettingRemoved
from domain.refusals import EntityAlreadyExists, LimitExceeded, NoSuchEntity


def find(directory: Directory, account: str, category: str, name: str) -> Entity | None:
    """A setting that is there."""
    entity = directory.get(account, "setting", f"{category}/{name}")
    return entity if entity is not None and entity.has("setting") else None


def of_category(directory: Directory, account: str, category: str) -> list[tuple[str, Entity]]:
    """(name, setting) of a category, in the order of the names."""
    prefix = f"{category}/"
    found = [
        (entity.id.removeprefix(prefix), entity)
        for entity in directory.of_kind("setting")
        if entity.account == account and entity.id.startswith(prefix) and entity.has("setting")
    ]
    return sorted(found, key=lambda each: each[0])


def create_setting(directory: Directory, command: c.CreateSetting) -> Decided:
    if find(directory, command.account, command.category, command.name) is not None:
        raise EntityAlreadyExists(f"{_title(command.category)} {command.name} already exists.")
    if command.most and len(of_category(directory, command.account, command.category)) >= command.most:
        raise LimitExceeded(f"Cannot exceed quota for {_title(command.category)}s per account: {command.most}")
    return [SettingPut(category=command.category, name=command.name, attributes=command.attributes)]


def put_setting(directory: Directory, command: c.PutSetting) -> Decided:
    entity = find(directory, command.account, command.category, command.name)
    if entity is None and command.must_exist:
        raise _missing(command.category, command.name)
    if entity is not None and entity.value("setting") == command.attributes:
        return []
    return [SettingPut(category=command.category, name=command.name, attributes=command.attributes)]


def remove_setting(directory: Directory, command: c.RemoveSetting) -> Decided:
    if find(directory, command.account, command.category, command.name) is None:
        raise _missing(command.category, command.name)
    return [SettingRemoved(category=command.category, name=command.name)]


def _missing(category: str, name: str) -> NoSuchEntity:
    if category == "password-policy":
        return NoSuchEntity("The Password Policy with domain name " + name + " cannot be found.")
    return NoSuchEntity(f"{_title(category)} {name} cannot be found.")


_TITLES = {
    "saml-provider": "SAMLProvider",
    "oidc-provider": "OpenIDConnect Provider",
    "account-alias": "The account alias",
}


def _title(category: str) -> str:
    return _TITLES.get(category, category)
