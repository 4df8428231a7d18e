"""Attestation of a period: whether a condition held in every state of it, and where it did not. Pure functions of a
`FactHistory`, built on intervals and never on samples.

- `condition`: what a condition is, what it is asked about, and a lapse: an interval in which it was broken, or in which
  that is not known.
- `judged`: conditions on the facts of one entity, over all of its states.
- `credentials`: what is known of a user's credentials.
- `selected`: who is meant by a list of principals.
- `conditions`: the conditions, one a file; `conditions.catalogue` finds them by name.
- `attest`: the hours in which a condition held, was broken or is not known, for each account and together.
- `wording`: an attestation in words, and its times in hours.
- `holding`: who could do an action, as lapses, and what began and ended them; `through_roles`: by the roles that they
  could assume, too.
- `known_grants`: when what is known of a principal's policies speaks of something.
"""
