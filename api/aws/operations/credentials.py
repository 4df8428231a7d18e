"""Access keys of users. Only the response of CreateAccessKey contains the secret."""

from __future__ import annotations

from erstwhile.api.aws.access.call import Call, Connect, Operation, Plan, Result, Work
from erstwhile.api.aws.operations import root_keys, shapes
from erstwhile.api.aws.operations.paging import page_of
from erstwhile.api.aws.reports import last_use
from erstwhile.domain.commands.credentials import CreateAccessKey, DeleteAccessKey, UpdateAccessKey
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.vocabulary.refusals import NoSuchEntity


def create_access_key(call: Call) -> Plan | Work:
    if root_keys.is_meant(call):
        return root_keys.create(call)
    name = call.user_name()
    user = call.need("user", name)
    access_key_id, secret, side_statement = call.keys.new_key(call.account, user.id)

    def answer(directory: Directory) -> Result:
        holder = directory.at_access_key(access_key_id)
        made = shapes.made(holder, holder.access_keys[access_key_id])
        key = {
            "UserName": name, "AccessKeyId": access_key_id, "Status": "Active", "SecretAccessKey": secret,
            "CreateDate": made,
        }  # fmt: skip
        return {"AccessKey": key}

    command = CreateAccessKey(account=call.account, user=name, new_id=access_key_id)
    return Plan(command=command, side_statement=side_statement, answer=answer)


def update_access_key(call: Call) -> Plan | Work:
    if root_keys.is_meant(call):
        return root_keys.update(call)
    command = UpdateAccessKey(
        account=call.account, user=call.user_name(), access_key_id=call.given["AccessKeyId"],
        status=call.given["Status"],
    )  # fmt: skip
    return Plan(command=command)


def delete_access_key(call: Call) -> Plan | Work:
    if root_keys.is_meant(call):
        return root_keys.delete(call)
    access_key_id = call.given["AccessKeyId"]
    command = DeleteAccessKey(account=call.account, user=call.user_name(), access_key_id=access_key_id)
    return Plan(command=command, side_statement=call.keys.delete_statement(access_key_id))


def list_access_keys(call: Call) -> Result | Work:
    if root_keys.is_meant(call):
        return root_keys.listing(call)
    user = call.need("user", call.user_name())
    found = [
        {
            "UserName": user.name,
            "AccessKeyId": each,
            "Status": fact.value["status"],
            "CreateDate": shapes.made(user, fact),
        }
        for each, fact in sorted(user.access_keys.items())
    ]
    return page_of(call, found, "AccessKeyMetadata", lambda each: each["AccessKeyId"])


def get_access_key_last_used(call: Call) -> Work:
    access_key_id = call.given["AccessKeyId"]
    user = call.directory.with_access_key(access_key_id)
    is_users = user is not None and user.account == call.account
    name = {"UserName": user.name} if user is not None and is_users else {}

    def do(connect: Connect) -> last_use.Use | None:
        with connect() as connection:
            if not is_users and access_key_id not in call.keys.root_ids(connection, call.account):
                raise NoSuchEntity(f"The Access Key with id {access_key_id} cannot be found.")
            return last_use.of_key(connection, call.account, access_key_id)

    def then(_call: Call, use: last_use.Use | None) -> Result:
        last_used: Result = {"ServiceName": "N/A", "Region": "N/A"}
        if use is not None:
            last_used = {"LastUsedDate": use.at, "ServiceName": use.service, "Region": use.region}
        return {**name, "AccessKeyLastUsed": last_used}

    return Work(do, then, reads_last_use=True)


OPERATIONS: dict[str, Operation] = {
    "ListAccessKeys": list_access_keys,
    "GetAccessKeyLastUsed": get_access_key_last_used,
    "CreateAccessKey": create_access_key,
    "UpdateAccessKey": update_access_key,
    "DeleteAccessKey": delete_access_key,
}
