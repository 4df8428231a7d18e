"""Secrets at rest.

- `vault`: seals under master keys that are not in the database.
- `access_keys`: secrets of access keys.
"""
