"""CloudTrail's LookupEvents over the audit trail, in AWS's JSON protocol.

- `asked`: which requests are for CloudTrail.
- `words`: what is asked: attributes, times, pages.
- `told`: what is answered: an event as LookupEvents gives it.
- `lookup_events`: one call, from its request to its answer.
"""
