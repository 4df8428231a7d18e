"""Commands about credentials. Secrets never come here."""

from domain.commands.base import Command


class CreateAccessKey(Command, frozen=True, kw_only=True):
    user: str
    new_id: str


class UpdateAccessKey(Command, frozen=True, kw_only=True):
    user: str
    access_key_id: str
    status: str


class DeleteAccessKey(Command, frozen=True, kw_only=True):
    user: str
    access_key_id: str


class CreateLoginProfile(Command, frozen=True, kw_only=True):
    user: str
    password_reset_required: bool = False


class UpdateLoginProfile(Command, frozen=True, kw_only=True):
    user: str
    password_reset_required: bool = False


class DeleteLoginProfile(Command, frozen=True, kw_only=True):
    user: str


class EnableMfaDevice(Command, frozen=True, kw_only=True):
    user: str
    serial_number: str


class DeactivateMfaDevice(Command, frozen=True, kw_only=True):
    user: str
    serial_number: str
