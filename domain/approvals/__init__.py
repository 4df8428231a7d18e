"""By whom a change was approved: tickets that changes name, and approvals that are on record.

- `approval`: an approval, what is on record of an event's approval, and how reports ask for it.
- `references`: the tickets that the texts around an event name.
- `matching`: from the tickets of an event and the approvals on record to what is said of the event.
"""
