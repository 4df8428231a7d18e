"""Login profiles, and users' changes of their own passwords."""

from __future__ import annotations

from typing import Any

from erstwhile.api.aws.access.call import Call, Connect, Operation, Plan, Result, Work
from erstwhile.api.aws.operations import shapes
from erstwhile.api.aws.sessions import guesses, passwords
from erstwhile.api.aws.wire.errors import AwsError, denied, invalid
from erstwhile.domain.commands import Command
from erstwhile.domain.commands.credentials import CreateLoginProfile, DeleteLoginProfile, UpdateLoginProfile
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.vocabulary.refusals import EntityAlreadyExists, NoSuchEntity


def _with_hash(user: Entity, call: Call, password: str, command: Command, answer: Any = None) -> Work:
    policy = passwords.policy_of(call.directory, call.account)
    passwords.check(password, user.name, policy)
    remembered = int((policy or {}).get("PasswordReusePrevention", 0))

    def do(connect: Connect) -> str:
        with connect() as connection:
            return passwords.hashed(connection, call.account, user.id, password, remembered)

    def then(call: Call, held: str) -> Plan:
        side_statement = passwords.insert_statement(call.account, user.id, held)
        return Plan(command=command, side_statement=side_statement, answer=answer or (lambda _directory: {}))

    return Work(do, then)


def create_login_profile(call: Call) -> Work:
    name = call.user_name()
    user = call.need("user", name)
    if user.has_password:
        raise EntityAlreadyExists(f"Login Profile for user {name} already exists.")
    if "Password" not in call.given:
        raise invalid("Value null at 'password' failed to satisfy constraint: Member must not be null")
    command = CreateLoginProfile(
        account=call.account, user=name, password_reset_required=call.get("PasswordResetRequired", False)
    )
    return _with_hash(user, call, call.given["Password"], command, lambda d: _shown(d.at(user.key)))


def _profile(call: Call, name: str) -> Entity:
    user = call.need("user", name)
    if not user.has_password:
        raise NoSuchEntity(f"Login Profile for User {name} cannot be found.")
    return user


def _shown(user: Entity) -> Result:
    return {
        "LoginProfile": {
            "UserName": user.name,
            "CreateDate": shapes.made(user, user.login_profile),
            "PasswordResetRequired": user.must_reset_password,
        }
    }


def get_login_profile(call: Call) -> Result:
    return _shown(_profile(call, call.user_name()))


def update_login_profile(call: Call) -> Work | Plan:
    user = _profile(call, call.given["UserName"])
    held = user.must_reset_password
    command = UpdateLoginProfile(
        account=call.account, user=user.name, password_reset_required=call.get("PasswordResetRequired", held)
    )
    if "Password" not in call.given:
        return Plan(command=command)
    return _with_hash(user, call, call.given["Password"], command)


def delete_login_profile(call: Call) -> Plan:
    user = call.need("user", call.user_name())
    command = DeleteLoginProfile(account=call.account, user=user.name)
    return Plan(command=command, side_statement=passwords.delete_statement(call.account, user.id))


def change_password(call: Call) -> Work:
    """Changes the caller's own password; the call must contain the old one."""
    if call.identity.kind != "IAMUser":
        raise AwsError("InvalidUserType", "Only IAM users can change their own passwords.")
    user = _profile(call, call.user_name())
    policy = passwords.policy_of(call.directory, call.account)
    passwords.check(call.given["NewPassword"], user.name, policy)
    command = UpdateLoginProfile(account=call.account, user=user.name, password_reset_required=False)
    changed = _with_hash(user, call, call.given["NewPassword"], command)

    def do(connect: Connect) -> Any:
        with connect() as connection:
            attempt = guesses.begin(connection, call.account, user.id, "password")
            if not attempt.is_checked or not passwords.verify(
                connection, call.account, user.id, call.given["OldPassword"]
            ):
                raise denied(f"The old password was incorrect.{attempt.words}", extra_command=attempt.lock)
            guesses.right(connection, attempt)
        return changed.do(connect)

    return Work(do, changed.then)


OPERATIONS: dict[str, Operation] = {
    "CreateLoginProfile": create_login_profile,
    "GetLoginProfile": get_login_profile,
    "UpdateLoginProfile": update_login_profile,
    "DeleteLoginProfile": delete_login_profile,
    "ChangePassword": change_password,
}
