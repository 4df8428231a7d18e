"""Administrative tasks outside the protocol.

- `setup`: prepares master keys, the account, the root user's key.
- `revoking`: revokes sessions and keys.
- `reseal`: rotation of master keys.
"""
