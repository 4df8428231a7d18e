"""Who could ever, of all users and roles at once: arithmetic over arrays of intervals.

- `spans`: intervals as arrays: where two meet, what is not covered, the steps of counts.
- `readings`: what documents say of the question, as numbers.
- `policy_names`: managed policies by their recorded ARNs; `policies`: what these said.
- `holdings`: who had which policy when.
- `surroundings`: what guardrails and the resource's policy say to all of an account alike.
- `sweep`: from intervals to states.
- `naming`: what those who are found are called; `settled`: these, as columns.
- `everybody`: who is on which list when, and who has to be decided about.
"""
