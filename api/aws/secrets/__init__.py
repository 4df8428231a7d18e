"""Makes secrets and stores them, encrypted.

- `generated`: identifiers and secrets in the forms that AWS's have.
- `seal_errors`: why a sealed secret cannot be opened.
- `vault`: encrypts under master keys that are not in the database.
- `access_keys`: secrets of access keys.
"""
