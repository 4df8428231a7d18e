"""An account's alias, password policy, properties and preferences."""

from __future__ import annotations

from typing import Any

import orjson

from erstwhile.api.aws.access.call import Call, Operation, Plan, Result
from erstwhile.api.aws.operations.paging import page_of
from erstwhile.api.aws.sessions import passwords
from erstwhile.domain.commands.lookups import find_setting
from erstwhile.domain.commands.settings import CreateSetting, MoveSetting, PutSetting, RemoveSetting, of_category
from erstwhile.domain.vocabulary.refusals import EntityAlreadyExists, NoSuchEntity

PREFERENCES = "sts-preferences"
_PROPERTIES = "account-properties"
ACCOUNT = "account"
"""The name of a setting of which an account has only one."""


def create_account_alias(call: Call) -> Plan:
    """Sets the account's alias, which replaces an earlier one. Each alias is unique within one installation."""
    alias = call.given["AccountAlias"]
    for account in call.directory.accounts():
        if account != call.account and find_setting(call.directory, account, "account-alias", alias) is not None:
            raise EntityAlreadyExists(f"The account alias {alias} already exists.")
    held = [name for name, _ in of_category(call.directory, call.account, "account-alias")]
    command: Any
    if held:
        command = MoveSetting(account=call.account, category="account-alias", name=held[0], new_name=alias)
    else:
        command = CreateSetting(account=call.account, category="account-alias", name=alias)
    return Plan(command=command)


def delete_account_alias(call: Call) -> Plan:
    return Plan(command=RemoveSetting(account=call.account, category="account-alias", name=call.given["AccountAlias"]))


def list_account_aliases(call: Call) -> Result:
    held = [name for name, _ in of_category(call.directory, call.account, "account-alias")]
    return page_of(call, held, "AccountAliases", str)


_DEFAULTS: dict[str, Any] = {
    "MinimumPasswordLength": 6, "RequireSymbols": False, "RequireNumbers": False, "RequireUppercaseCharacters": False,
    "RequireLowercaseCharacters": False, "AllowUsersToChangePassword": False,
}  # fmt: skip


def update_account_password_policy(call: Call) -> Plan:
    attributes = {name: orjson.dumps(value).decode() for name, value in (_DEFAULTS | call.given).items()}
    command = PutSetting(account=call.account, category="password-policy", name=ACCOUNT, attributes=attributes)
    return Plan(command=command)


def delete_account_password_policy(call: Call) -> Plan:
    return Plan(command=RemoveSetting(account=call.account, category="password-policy", name=ACCOUNT))


def get_account_password_policy(call: Call) -> Result:
    policy = passwords.policy_of(call.directory, call.account)
    if policy is None:
        raise NoSuchEntity(f"The Password Policy with domain name {call.account} cannot be found.")
    return {"PasswordPolicy": policy | {"ExpirePasswords": bool(policy.get("MaxPasswordAge"))}}


def _properties(call: Call) -> dict[str, str]:
    entity = find_setting(call.directory, call.account, _PROPERTIES, ACCOUNT)
    return dict(entity.setting if entity is not None else {})


def get_account_properties(call: Call) -> Result:
    return {"Properties": _properties(call)}


def put_account_properties(call: Call) -> Plan:
    """Sets the given preferences; the others stay unchanged."""
    given = call.given["Properties"]
    command = PutSetting(account=call.account, category=_PROPERTIES, name=ACCOUNT, attributes=_properties(call) | given)
    return Plan(command=command)


def set_sts_preferences(call: Call) -> Plan:
    """Stores the version, which the account's summary shows. Tokens of this service have one version in all regions."""
    attributes = {"GlobalEndpointTokenVersion": call.given["GlobalEndpointTokenVersion"]}
    return Plan(command=PutSetting(account=call.account, category=PREFERENCES, name=ACCOUNT, attributes=attributes))


OPERATIONS: dict[str, Operation] = {
    "ListAccountAliases": list_account_aliases,
    "CreateAccountAlias": create_account_alias,
    "DeleteAccountAlias": delete_account_alias,
    "GetAccountPasswordPolicy": get_account_password_policy,
    "UpdateAccountPasswordPolicy": update_account_password_policy,
    "DeleteAccountPasswordPolicy": delete_account_password_policy,
    "GetAccountProperties": get_account_properties,
    "PutAccountProperties": put_account_properties,
    "SetSecurityTokenServicePreferences": set_sts_preferences,
}
