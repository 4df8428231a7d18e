"""Who calls, and whether the call is allowed.

- `identity`: from a signature to a principal.
- `linked_role_names`: names of service-linked roles.
- `resource`: which ARNs a call is about.
- `required_permissions`: which actions on which resources a call needs.
- `denial_message`: why a call was denied, sealed.
- `permissions`: decides a call by the caller's own policies.
- `answer_cache`: answers to reading calls that are still true.
"""
