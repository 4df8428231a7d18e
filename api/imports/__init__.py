"""Imports: files in, events, evidence and activity out; each file in one transaction, each record once.

`files` (reading and inflating), `store` (files, evidence and activity in SQL), `accounts` (who rules an account),
`cloudtrail`, `documents` (snapshots, reports, catalogues, organisations, resource policies), `summary`.
"""
