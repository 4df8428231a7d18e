"""The operations of IAM and STS; each module has the operations of one area. An operation returns a result from the
Directory, a plan with a command, or work that must be done off the event loop first.

- `paging`: Marker and MaxItems.
- `shapes`: entities in IAM's shapes; `tagged`: settings of the account that have tags.
- `principals`, `user_credentials`: users, groups, roles, instance profiles, and what users sign in with.
- `credentials`, `passwords`, `mfa`, `root_keys`: access keys, passwords, MFA devices, the root's keys.
- `ssh_keys`, `signing_certificates`, `server_certificates`, `service_credentials`: other credentials.
- `policies`, `tags`: policies and their attachments; tags of all things.
- `providers`, `outbound`: identity providers, and the account as one.
- `service_roles`: service-linked roles.
- `account`, `settings`: the account.
- `organizations`: what an organisation manages for its members.
- `sts`, `federation`: sessions; `issuing`: makes them.
- `simulation`, `simulated`, `policy_exclusions`, `statement_positions`: the policy simulator, its results, and policies
  that it leaves out.
- `authorization_details`, `credential_report`, `access_reports`, `jobs`: reports, and the jobs that produce them.
"""

from erstwhile.api.aws.access.call import Operation
from erstwhile.api.aws.operations import (
    access_reports,
    account,
    authorization_details,
    credential_report,
    credentials,
    federation,
    mfa,
    organizations,
    outbound,
    passwords,
    policies,
    principals,
    providers,
    server_certificates,
    service_credentials,
    service_roles,
    settings,
    signing_certificates,
    simulation,
    ssh_keys,
    sts,
    tags,
)

_AREAS = (
    principals, policies, tags, credentials, passwords, mfa, server_certificates, signing_certificates, ssh_keys,
    service_credentials, service_roles, providers, settings, organizations, outbound, account,
    authorization_details, simulation, credential_report, access_reports, sts, federation,
)  # fmt: skip
OPERATIONS: dict[str, Operation] = {name: operation for area in _AREAS for name, operation in area.OPERATIONS.items()}

_DELEGATION = "it hands permissions to a product that AWS onboarded, and there is none here"
_TEMPLATES = "role templates are made by AWS's services, and there is none here"
NOT_OFFERED = {
    **dict.fromkeys(
        (
            "AcceptDelegationRequest", "AssociateDelegationRequest", "CreateDelegationRequest", "GetDelegationRequest",
            "ListDelegationRequests", "RejectDelegationRequest", "SendDelegationToken", "UpdateDelegationRequest",
            "GetDelegatedAccessToken", "GetHumanReadableSummary",
        ),
        _DELEGATION,
    ),
    "AcquireRole": _TEMPLATES,
    "GetRoleTemplateVersion": _TEMPLATES,
}  # fmt: skip
"""Operation that is not offered → the reason."""

__all__ = ["NOT_OFFERED", "OPERATIONS"]
