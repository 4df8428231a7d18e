"""The native API, /v1.

- `native`: time travel, audit trail, evidence, status, imports, health.
- `resources`: resources that applications register.
- `issuers`: what accounts publish as issuers of web identity tokens.
"""
