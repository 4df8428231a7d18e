"""Commands about objects of an account that are not principals or policies: providers, aliases, preferences."""

from erstwhile.domain.commands.base import Command


class CreateSetting(Command, frozen=True, kw_only=True):
    """One that is not there yet."""

    category: str
    name: str
    attributes: dict[str, str] = {}
    most: int = 0  # how many of the category an account may have; 0: any number


class PutSetting(Command, frozen=True, kw_only=True):
    """There from now on, with these attributes; `must_exist`: it has to be there already."""

    category: str
    name: str
    attributes: dict[str, str] = {}
    must_exist: bool = False


class MoveSetting(Command, frozen=True, kw_only=True):
    """One that is there takes another name, and these attributes."""

    category: str
    name: str
    new_name: str
    attributes: dict[str, str] = {}


class RemoveSetting(Command, frozen=True, kw_only=True):
    category: str
    name: str
