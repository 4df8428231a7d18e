"""AWS's wire protocol: IAM and STS.

- `wire`: requests and answers as bytes, signatures, errors.
- `secrets`: secrets at rest.
- `sessions`: session credentials, MFA, passwords.
- `federation`: SAML and OpenID Connect.
- `call`: one call, and what an operation may answer.
- `access`: who calls, and whether the call is allowed.
- `reports`: last use, and reports that are fetched later.
- `operations`: what each operation does.
- `endpoint`: POST and GET /.
- `administration`: the first set-up, and ending sessions and keys.
- `documentation`: AWS.md's tables.
"""
