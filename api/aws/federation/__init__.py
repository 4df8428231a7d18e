"""Identities that external identity providers confirm.

- `issuer_urls`: checks URLs of issuers.
- `outgoing_requests`: sends requests to servers that callers name.
- `oidc`: checks OpenID Connect tokens.
- `saml`: checks SAML assertions.
- `provider_claims`: reads what a token says about a session, within AWS's limits.
"""
