"""Virtual MFA devices: created with a seed and a QR code, enabled with two consecutive codes."""

from __future__ import annotations

import io
import time
from typing import Any
from urllib.parse import quote

import segno

from erstwhile.api.aws.access.call import Call, Connect, Operation, Plan, Result, Work, begun_at, tags_given
from erstwhile.api.aws.operations import shapes, tagged
from erstwhile.api.aws.operations.paging import page, page_of
from erstwhile.api.aws.sessions import guesses, mfa
from erstwhile.api.aws.wire.errors import AwsError, invalid
from erstwhile.domain.commands.credentials import DeactivateMfaDevice, EnableMfaDevice
from erstwhile.domain.commands.lookups import find_setting, holder_of_mfa
from erstwhile.domain.commands.settings import CreateSetting, RemoveSetting, of_category
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.vocabulary.refusals import NoSuchEntity

CATEGORY = "virtual-mfa-device"
MAX_SERIAL_NUMBER = 256
MAX_DEVICES = 5_000
"""Devices of an account: as many as it may have users."""


def _device(call: Call, serial_number: str) -> Entity:
    entity = find_setting(call.directory, call.account, CATEGORY, serial_number)
    if entity is None:
        raise NoSuchEntity(f"VirtualMFADevice with serial number {serial_number} does not exist.")
    return entity


def create_virtual_mfa_device(call: Call) -> Plan:
    name = call.given["VirtualMFADeviceName"]
    serial_number = f"arn:{call.partition}:iam::{call.account}:mfa{call.get('Path', '/')}{name}"
    if len(serial_number) > MAX_SERIAL_NUMBER:
        # Other calls could not name such a device, and a QR code could not contain the name.
        raise invalid(f"The serial number {serial_number[:60]}… would be longer than {MAX_SERIAL_NUMBER} characters")
    seed, tags = mfa.new_seed(), tags_given(call)
    command = CreateSetting(
        account=call.account,
        category=CATEGORY,
        name=serial_number,
        attributes=tagged.attributes({}, tags),
        most=MAX_DEVICES,
    )

    def answer(_directory: Directory) -> Result:
        device = {"SerialNumber": serial_number, "Base32StringSeed": seed.encode(),
                  "QRCodePNG": _qr_code(call, name, seed), "Tags": tagged.shown(tags)}  # fmt: skip
        return {"VirtualMFADevice": device}

    return Plan(
        command=command,
        side_statement=mfa.insert_statement(call.vault, call.account, serial_number, seed),
        answer=answer,
    )


def _qr_code(call: Call, name: str, seed: str) -> bytes:
    """otpauth://totp/Amazon%20Web%20Services:NAME@ACCOUNT?secret=…, the form of AWS's codes."""
    label = quote(f"Amazon Web Services:{name}@{call.account}")
    image = io.BytesIO()
    segno.make(f"otpauth://totp/{label}?secret={seed}&issuer=Amazon%20Web%20Services").save(image, kind="png", scale=4)
    return image.getvalue()


def delete_virtual_mfa_device(call: Call) -> Plan:
    serial_number = call.given["SerialNumber"]
    _device(call, serial_number)
    command = RemoveSetting(account=call.account, category=CATEGORY, name=serial_number)
    return Plan(command=command, side_statement=mfa.delete_statement(serial_number))


def enable_mfa_device(call: Call) -> Work:
    call.need("user", call.given["UserName"])
    _device(call, call.given["SerialNumber"])
    command = EnableMfaDevice(
        account=call.account, user=call.given["UserName"], serial_number=call.given["SerialNumber"]
    )

    def then(_call: Call, found: tuple[int, int]) -> Plan:
        return Plan(command=command, side_statement=mfa.update_statement(command.serial_number, *found))

    return Work(_two_codes(call), then)


def _two_codes(call: Call) -> Any:
    serial_number = call.given["SerialNumber"]
    first, second = call.given["AuthenticationCode1"], call.given["AuthenticationCode2"]

    user = call.need("user", call.given["UserName"])

    def do(connect: Connect) -> tuple[int, int]:
        found = None
        with connect() as connection:
            attempt = guesses.begin(connection, call.account, user.id, "mfa")
            seed = mfa.read(connection, call.vault, call.account, serial_number)
            if attempt.is_checked and seed is not None:
                found = mfa.enrol(seed, first, second, time.time())
            if found is not None:
                guesses.right(connection, attempt)
        if found is None:
            words = f"Authentication code for device is not valid.{attempt.words}"
            raise AwsError("InvalidAuthenticationCode", words, 403, extra_command=attempt.lock)
        return found

    return do


def resync_mfa_device(call: Call) -> Work:
    """Stores the drift of the device's clock. The device's owner does not change, so there is no event."""
    _own(call, call.given["UserName"], call.given["SerialNumber"])
    enrol = _two_codes(call)

    def do(connect: Connect) -> None:
        statement, parameters = mfa.update_statement(call.given["SerialNumber"], *enrol(connect))
        with connect() as connection:
            connection.execute(statement, parameters)

    return Work(do, lambda _call, _done: {})


def _own(call: Call, name: str, serial_number: str) -> Entity:
    user = call.need("user", name)
    if serial_number not in user.mfa_devices:
        raise NoSuchEntity(f"MFA device {serial_number} cannot be found for user {name}.")
    return user


def deactivate_mfa_device(call: Call) -> Plan:
    command = DeactivateMfaDevice(account=call.account, user=call.user_name(), serial_number=call.given["SerialNumber"])
    return Plan(command=command)


def _enabled(user: Entity, serial_number: str) -> dict[str, Any]:
    since = begun_at(user, user.mfa_devices[serial_number])
    return {"UserName": user.name, "SerialNumber": serial_number, "EnableDate": since}


def list_mfa_devices(call: Call) -> Result:
    if call.get("UserName") is None and call.identity.kind == "Root":
        return page_of(call, [], "MFADevices", str)  # MFA devices of the root user do not exist here
    user = call.need("user", call.user_name())
    return page(call, sorted(user.mfa_devices), "MFADevices", str, lambda each: _enabled(user, each))


def get_mfa_device(call: Call) -> Result:
    serial_number = call.given["SerialNumber"]
    user = _own(call, call.user_name(), serial_number)
    return _enabled(user, serial_number)


def list_virtual_mfa_devices(call: Call) -> Result:
    wanted = call.get("AssignmentStatus", "Any")
    found = [
        (serial_number, entity, user)
        for serial_number, entity in of_category(call.directory, call.account, CATEGORY)
        for user in [holder_of_mfa(call.directory, call.account, serial_number)]
        if wanted == "Any" or (wanted == "Assigned") == (user is not None)
    ]
    return page(call, found, "VirtualMFADevices", lambda each: each[0], lambda each: _device_shown(*each))


def _device_shown(serial_number: str, entity: Entity, user: Entity | None) -> dict[str, Any]:
    device: dict[str, Any] = {"SerialNumber": serial_number}
    if user is not None:
        enabled = _enabled(user, serial_number)["EnableDate"]
        device |= {"User": shapes.user(user, whole=False), "EnableDate": enabled}
    tags = tagged.tags_of(entity)
    return device | ({"Tags": tagged.shown(tags)} if tags else {})


OPERATIONS: dict[str, Operation] = {
    "CreateVirtualMFADevice": create_virtual_mfa_device,
    "DeleteVirtualMFADevice": delete_virtual_mfa_device,
    "EnableMFADevice": enable_mfa_device,
    "ResyncMFADevice": resync_mfa_device,
    "DeactivateMFADevice": deactivate_mfa_device,
    "ListMFADevices": list_mfa_devices,
    "GetMFADevice": get_mfa_device,
    "ListVirtualMFADevices": list_virtual_mfa_devices,
    **tagged.operations("MFADevice", CATEGORY, "SerialNumber"),
}
