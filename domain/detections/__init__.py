"""Detections that follow from state: what the events and calls of a window did that somebody should look at. Pure
functions of a `FactHistory` and of recorded calls.

- `finding`: one finding, as a value, with an id that is the same whenever it is asked for.
- `catalogue`: the detections, as a table: title and source of each.
- `change_hours`: the hours of a day in which changes are expected.
- `touched`: what an event changed, and whose access that may concern.
- `administrators`: somebody became an administrator.
- `escalation`: a path to administrator opened.
- `exposure`: a policy let in everybody, or an account that is not known.
- `shared_issuers`: a trust let in everybody of an identity provider that many share.
- `networks`: a key was used from a network from which it had not been used before.
- `tampering`: a call turned off records, alarms or detectors.
"""
