"""Stores secrets, encrypted.

- `seal_errors`: why a sealed secret cannot be opened.
- `vault`: encrypts under master keys that are not in the database.
- `access_keys`: secrets of access keys.
"""
