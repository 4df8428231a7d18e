"""Identifies the caller and decides whether the call is allowed.

- `identity`: finds the principal that signed a request.
- `recorded_caller`: that principal, as events say who acted.
- `mfa_code`: a caller that gives the code of an MFA device.
- `call`: one call, and what an operation may answer.
- `linked_role_names`: names of service-linked roles.
- `resource`: the ARNs of the resources that a call acts on.
- `required_permissions`: the actions and resources for which a call needs permission.
- `denial_message`: the reason for a denial, sealed.
- `permissions`: decides a call by the caller's own policies.
- `answer_cache`: caches responses of reading calls until the Directory changes.
"""
