"""Commands about credentials. Secrets never come here."""

from erstwhile.domain.commands.base import Command


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


class PutCredential(Command, frozen=True, kw_only=True):
    """A certificate, SSH key or service's password of a user: it is new, or changes."""

    user: str
    kind: str
    credential_id: str
    is_new: bool
    status: str = "Active"
    attributes: dict[str, str] = {}


class RemoveCredential(Command, frozen=True, kw_only=True):
    user: str
    kind: str
    credential_id: str


class EnableMfaDevice(Command, frozen=True, kw_only=True):
    user: str
    serial_number: str


class DeactivateMfaDevice(Command, frozen=True, kw_only=True):
    user: str
    serial_number: str
