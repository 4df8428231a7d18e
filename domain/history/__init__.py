"""All facts with their intervals, and the questions over time that they answer. Everything is a pure function of a
`FactHistory`.

- `fact_history`: what such a question reads: intervals of facts, and ways to the entities that have them.
- `wide_history`: one that gives the rows of many entities at once.
- `interval_history`: one in memory, from a list of intervals; `interval_rows`: its rows at once; `ways`: for what has
  the ways of another.
- `facts_at`: the facts of one instant of it, as a `FactSource`: `directory_at` gives the Directory of any instant.
- `course`: one entity over all time; `later_intervals`, `later_course`: the same of intervals that are made when they
  are looked at; `policy_states`: what has a say of a managed policy, `policy_line`: the same over time, `line_course`:
  the course of a policy that has one; `courses`: any of these; `kept_intervals`: those whose course is kept.
- `read_facts`: a `FactSource` that notes what was read; `moving_directory`: the Directory of one instant after another,
  with its engine.
- `question`: one question at any instant, and how long nothing on which its answer rests changes; `relevance`: which
  changes cannot have a say in it; `guardrails_over`: what guardrails say to every caller, `organizations_over`: where
  they say the same; `clock_instants`: when a condition on the clock turns.
- `fact_changes`: what changed at an instant, and to which layer of policies it belongs; `causes`: of that, what made a
  decision change.
- `timeline`: the intervals of one decision, and what changed it between them; `since`: since when and until when it
  has been so, and when it was allowed first and last.
- `bearers`: who had an ARN, and when; `windows`: parts of time; `trusting`: which roles' trusts may name a principal.
- `concerns`: what concerns an entity, and when; `moments`: step from change to change of that.
- `happenings`: the events behind facts, as a protocol; `grants`: the facts by which a statement bears on a principal;
  `provenance`: whose acts these were, and by which right each was done.
- `around_event`: the history with and without one event; `effect`: what that changed; `replayed`: the
  events of a window, one after the other.
- `diff`: effective permissions at one instant against those at another, by `comparing`; `difference`: what differs.
- `held_periods`: when one principal could; `others_named`: whom a resource's policies named; `ever`: who could at any
  time of a window, and never: by `at_once`, as far as that settles it.
- `watching`: who could ever, as answers that are kept up from event to event.
"""
