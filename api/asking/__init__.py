"""From the words of a question to its answer. HTTP, the command line and policy tests ask here.

- `times`: instants in the forms that can be read in one way only.
- `moments`: which moment a question is about.
- `log_events`: which events a stream, a webhook or an export passes on.
- `requests`: condition keys, filters and limits, as every edge reads them.
- `principal_finder`: which principal a question is about.
- `under_way`: what the database sees of the log while an answer is made.
- `actions_and_resources`: which action and which resource.
- `simulation`: requests that bring their policies; `checks`: checks of policies.
- `answers`, `granting_events`, `written_granting`: answers as JSON, and the events that made them so;
  `written_holders`, `written_sure`, `written_on_condition`, `own_statements`, `written_lines`: who-can, many lines at
  once; `statements_once`: what lines have in common, `whole_lines`: lines without that; `blocks`: what is sent.
- `history`, `present`: the Directory of any moment, and of now.
- `decisions`, `written_decisions`: single decisions, as AuthZEN answers them.
- `lookups`, `next_steps`: what a pasted word is, and where to go on; what there was at an instant.
- `state_export`: the state of an instant in the forms that AWS prints.
- `questions`: who can, what can, on which resources; what is known.
- `several`: many principals, actions and resources at once.
- `reaching`, `reach_ever`, `told_reach`: who can get where.
- `over_time`: questions about intervals of time; `incident`: the report of an incident.
- `long_questions`: questions that another process answers.
- `attesting`: controls, and whether they held in every state of a period.
- `reviewing`: access reviews, approvals and exceptions.
- `watching`: watches, and the notices of what became different.
"""
