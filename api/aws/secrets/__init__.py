"""Stores secrets, encrypted.

- `vault`: encrypts under master keys that are not in the database.
- `access_keys`: secrets of access keys.
"""
