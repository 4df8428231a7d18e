"""The conditions that controls consist of, one kind a file.

- `catalogue`: all of them, by name.
- `mfa`, `root_keys`, `key_age`, `inactive`, `password_policy`: credentials.
- `policies_of_users`, `full_access`, `settings`: what is attached and set.
- `who_can`, `administrators`, `separation`: who can do what, by the engine; `escalation`: who can become what.
- `public`: whom resources let in; `samples`: single actions for patterns.
"""
