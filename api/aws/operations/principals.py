"""Users, groups, roles and instance profiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erstwhile.api.aws.access.call import (
    Call,
    Connect,
    Operation,
    Plan,
    Result,
    Work,
    begun_at,
    by_name,
    just_made,
    tags_given,
)
from erstwhile.api.aws.operations import shapes
from erstwhile.api.aws.operations.paging import listed, page, place_of
from erstwhile.api.aws.reports import last_use
from erstwhile.api.aws.reports.last_use import Use
from erstwhile.api.aws.secrets.generated import new_id
from erstwhile.domain.commands.instance_profiles import (
    AddRoleToInstanceProfile,
    CreateInstanceProfile,
    DeleteInstanceProfile,
    RemoveRoleFromInstanceProfile,
)
from erstwhile.domain.commands.roles import CreateRole, DeleteRole, UpdateAssumeRolePolicy, UpdateRole
from erstwhile.domain.commands.users_groups import (
    AddUserToGroup,
    CreateGroup,
    CreateUser,
    DeleteGroup,
    DeleteUser,
    RemoveUserFromGroup,
    UpdateGroup,
    UpdateUser,
)
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity


def create_user(call: Call) -> Plan:
    name = call.given["UserName"]
    command = CreateUser(
        account=call.account, name=name, new_id=new_id("AIDA", 17), path=call.get("Path", "/"),
        boundary=call.get("PermissionsBoundary", ""), tags=tags_given(call),
    )  # fmt: skip
    return Plan(command=command, answer=lambda d: {"User": shapes.user(just_made(d, call.account, "user", name))})


def get_user(call: Call) -> Result:
    if call.identity.kind == "Root" and call.get("UserName") is None:
        account = call.directory.at((call.account, "account", call.account))
        since = begun_at(account, account.mode_fact)
        return {
            "User": {
                "Path": "/",
                "UserName": "root",
                "UserId": call.account,
                "Arn": call.identity.arn,
                "CreateDate": since,
            }
        }
    return {"User": shapes.user(call.need("user", call.user_name()))}


def update_user(call: Call) -> Plan:
    command = UpdateUser(
        account=call.account, name=call.given["UserName"], new_name=call.get("NewUserName", ""),
        new_path=call.get("NewPath", ""),
    )  # fmt: skip
    return Plan(command=command)


def delete_user(call: Call) -> Plan:
    return Plan(command=DeleteUser(account=call.account, name=call.given["UserName"]))


def list_users(call: Call) -> Result:
    return listed(call, "user", "Users", lambda each: shapes.user(each, whole=False))


def create_group(call: Call) -> Plan:
    name = call.given["GroupName"]
    command = CreateGroup(account=call.account, name=name, new_id=new_id("AGPA", 17), path=call.get("Path", "/"))
    return Plan(command=command, answer=lambda d: {"Group": shapes.group(just_made(d, call.account, "group", name))})


def get_group(call: Call) -> Result:
    found = call.need("group", call.given["GroupName"])
    users = page(call, call.directory.members_of(found), "Users", place_of, lambda each: shapes.user(each, whole=False))
    return users | {"Group": shapes.group(found)}


def update_group(call: Call) -> Plan:
    command = UpdateGroup(
        account=call.account, name=call.given["GroupName"], new_name=call.get("NewGroupName", ""),
        new_path=call.get("NewPath", ""),
    )  # fmt: skip
    return Plan(command=command)


def delete_group(call: Call) -> Plan:
    return Plan(command=DeleteGroup(account=call.account, name=call.given["GroupName"]))


def list_groups(call: Call) -> Result:
    return listed(call, "group", "Groups", shapes.group)


def list_groups_for_user(call: Call) -> Result:
    user = call.need("user", call.given["UserName"])
    found = [call.directory.get(call.account, "group", each) for each in user.group_ids]
    return page(call, by_name(each for each in found if each is not None), "Groups", place_of, shapes.group)


def add_user_to_group(call: Call) -> Plan:
    return Plan(
        command=AddUserToGroup(account=call.account, user=call.given["UserName"], group=call.given["GroupName"])
    )


def remove_user_from_group(call: Call) -> Plan:
    return Plan(
        command=RemoveUserFromGroup(account=call.account, user=call.given["UserName"], group=call.given["GroupName"])
    )


def create_role(call: Call) -> Plan:
    name = call.given["RoleName"]
    command = CreateRole(
        account=call.account, name=name, new_id=new_id("AROA", 17), path=call.get("Path", "/"),
        trust_policy=call.given["AssumeRolePolicyDocument"], description=call.get("Description", ""),
        max_session_duration=call.get("MaxSessionDuration", 3600), boundary=call.get("PermissionsBoundary", ""),
        tags=tags_given(call),
    )  # fmt: skip
    return Plan(command=command, answer=lambda d: {"Role": shapes.role(d, just_made(d, call.account, "role", name))})


def get_role(call: Call) -> Work:
    role = call.need("role", call.given["RoleName"])

    def do(connect: Connect) -> list[Use]:
        with connect() as connection:
            return last_use.of_principals(connection, call.account, [role.id]).get(role.id, [])

    def then(call: Call, uses: list[Use]) -> Result:
        found = shapes.role(call.directory, call.need("role", call.given["RoleName"]))
        return {"Role": found | {"RoleLastUsed": shapes.role_last_used(uses)}}

    return Work(do, then, reads_last_use=True)


def update_role(call: Call) -> Plan:
    command = UpdateRole(
        account=call.account, name=call.given["RoleName"], description=call.get("Description"),
        max_session_duration=call.get("MaxSessionDuration"),
    )  # fmt: skip
    return Plan(command=command)


def update_role_description(call: Call) -> Plan:
    name = call.given["RoleName"]
    command = UpdateRole(account=call.account, name=name, description=call.given["Description"])
    return Plan(command=command, answer=lambda d: {"Role": shapes.role(d, just_made(d, call.account, "role", name))})


def update_assume_role_policy(call: Call) -> Plan:
    command = UpdateAssumeRolePolicy(
        account=call.account, name=call.given["RoleName"], document=call.given["PolicyDocument"]
    )
    return Plan(command=command)


def delete_role(call: Call) -> Plan:
    return Plan(command=DeleteRole(account=call.account, name=call.given["RoleName"]))


def list_roles(call: Call) -> Result:
    return listed(call, "role", "Roles", lambda each: shapes.role(call.directory, each, whole=False))


def create_instance_profile(call: Call) -> Plan:
    name = call.given["InstanceProfileName"]
    command = CreateInstanceProfile(
        account=call.account, name=name, new_id=new_id("AIPA", 17), path=call.get("Path", "/"), tags=tags_given(call)
    )

    def answer(directory: Directory) -> Result:
        made = just_made(directory, call.account, "instance-profile", name)
        return {"InstanceProfile": shapes.instance_profile(directory, made)}

    return Plan(command=command, answer=answer)


def get_instance_profile(call: Call) -> Result:
    found = call.need("instance-profile", call.given["InstanceProfileName"])
    return {"InstanceProfile": shapes.instance_profile(call.directory, found)}


def delete_instance_profile(call: Call) -> Plan:
    return Plan(command=DeleteInstanceProfile(account=call.account, name=call.given["InstanceProfileName"]))


def list_instance_profiles(call: Call) -> Result:
    return listed(call, "instance-profile", "InstanceProfiles", _shown(call))


def list_instance_profiles_for_role(call: Call) -> Result:
    role = call.need("role", call.given["RoleName"])
    found = by_name(call.directory.links.of(call.account, "role", role.id))
    return page(call, found, "InstanceProfiles", place_of, _shown(call))


def _shown(call: Call) -> Callable[[Entity], Any]:
    return lambda each: shapes.instance_profile(call.directory, each, whole=False)


def add_role_to_instance_profile(call: Call) -> Plan:
    command = AddRoleToInstanceProfile(
        account=call.account, name=call.given["InstanceProfileName"], role=call.given["RoleName"]
    )
    return Plan(command=command)


def remove_role_from_instance_profile(call: Call) -> Plan:
    command = RemoveRoleFromInstanceProfile(
        account=call.account, name=call.given["InstanceProfileName"], role=call.given["RoleName"]
    )
    return Plan(command=command)


OPERATIONS: dict[str, Operation] = {
    "GetUser": get_user,
    "ListUsers": list_users,
    "GetGroup": get_group,
    "ListGroups": list_groups,
    "ListGroupsForUser": list_groups_for_user,
    "GetRole": get_role,
    "ListRoles": list_roles,
    "GetInstanceProfile": get_instance_profile,
    "ListInstanceProfiles": list_instance_profiles,
    "ListInstanceProfilesForRole": list_instance_profiles_for_role,
    "CreateUser": create_user,
    "UpdateUser": update_user,
    "DeleteUser": delete_user,
    "CreateGroup": create_group,
    "UpdateGroup": update_group,
    "DeleteGroup": delete_group,
    "AddUserToGroup": add_user_to_group,
    "RemoveUserFromGroup": remove_user_from_group,
    "CreateRole": create_role,
    "UpdateRole": update_role,
    "UpdateRoleDescription": update_role_description,
    "UpdateAssumeRolePolicy": update_assume_role_policy,
    "DeleteRole": delete_role,
    "CreateInstanceProfile": create_instance_profile,
    "DeleteInstanceProfile": delete_instance_profile,
    "AddRoleToInstanceProfile": add_role_to_instance_profile,
    "RemoveRoleFromInstanceProfile": remove_role_from_instance_profile,
}
