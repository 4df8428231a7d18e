"""Records of the world → domain events. Pure: bytes and instants in, events out.

`cloudtrail` (API calls), `snapshot` and `drift` (get-account-authorization-details), `credential_report`,
`organization`, `managed_policies`, `documents` (the ways in which policy documents are written).
"""
