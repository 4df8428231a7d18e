"""AWS's wire protocol: IAM and STS, and CloudTrail's LookupEvents.

- `wire`: reads requests, writes responses; signatures, errors.
- `secrets`: stores secrets, encrypted.
- `sessions`: session credentials, MFA, passwords.
- `federation`: SAML and OpenID Connect.
- `access`: identifies the caller and decides whether the call is allowed.
- `reports`: the last use of credentials, and reports that another call fetches.
- `operations`: what each operation does.
- `cloudtrail`: LookupEvents over the audit trail.
- `failures`: what a call that failed is answered.
- `endpoint`: handles POST and GET /.
- `administration`: sets the endpoint up; revokes sessions and keys.
- `documentation`: makes the tables of AWS.md.
"""
