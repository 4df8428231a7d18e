"""The families of edges: a catalogue to be read.

- `family`: what a family says; `pages` are AWS's pages about its actions.
- `assumed_roles`: becoming a role by its trust.
- `credentials`: becoming a user, by a credential that one makes for it.
- `self_escalation`: giving a principal more than it has.
- `new_principals`: a role or user that one makes, with any policy.
- `new_services`: a service that is started with a role, and does what one tells it.
- `existing_services`: a resource that runs as a role already, and does what one tells it.
- `leads`: what may help to get on, and is no edge.
- `families`: all of them.

Such a list is never complete: services that take a role are added every year.
"""
