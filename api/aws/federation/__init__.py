"""Identities that others vouch for.

- `issuer_urls`: which URLs of issuers are taken.
- `outgoing_requests`: requests to servers that others name.
- `oidc`: OpenID Connect tokens.
- `saml`: SAML assertions.
- `provider_claims`: what providers say of a session, within AWS's limits.
"""
