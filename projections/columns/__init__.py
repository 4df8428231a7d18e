"""History as columns in memory: any instant, as known at any log position, without reading rows of the database.

Each text is coded by a number, each instant is a whole number of microseconds; an entity's rows are neighbours.

- `texts`: dictionaries of texts, and indexes by hashes.
- `made_once`: what is made of what never changes.
- `segment`: rows as columns, with dictionaries and indexes; it never changes.
- `builder`: makes one.
- `granting`: what is told of the events that gave facts; `acts`: who did what, to follow chains of grants.
- `recorded_changes`: when records told of changes.
- `reading`: the rows of table `fact`.
- `file`: a segment in a file that all processes map.
- `earlier_slots`: lifetimes and clocks that a replay goes on from.
- `stack`: segments above each other: what came since stands above the whole.
- `signs`: last signs of principals of which only a listing tells that they ended.
- `believed`: which rows were believed at a position; `descriptions`: how entities were called by these;
  `alone`: whom names and ARNs tell from all others.
- `version_items`: which versions the defaults of policies name; `in_force`: from when to when they were in force.
- `window_rows`: the rows of a window, of all entities at once.
- `policy_lines`: what managed policies said over time.
- `column_history`: history as known at a log position; `read_intervals`: what was read of it last.
- `rows_at`: the rows of it that are true at an instant.
- `document_statements`: the statements of all documents, as arrays; `documents`, `resource_lists`: those of an action
  and a resource; `compiled_statements`: those that are asked.
- `attribute_rows`, `held_items`: rows by attribute, and holders by item.
- `policies_at`: what managed policies say at an instant.
- `candidates`: the principals about whom who-can must ask; `principals_by_number`: those that reach looks at.
- `policy_uses`: which managed policies the principals of an account have; `told_policies`: for which times their
  documents were known; `unseen`: when they were not, although somebody had them.
- `uncovered`: the principals of whose policies nothing was seen.
- `principals`: users and roles by the values that describe them, as an answer tells of them.
- `described`: rows, ARNs and names of principals; `held_policies`, `held_pairs`, `held_together`: who has
  which policies that may bear on a question.
- `groups_in`: groups as numbers: those that members name; `groups_at`: what each has at an instant; `pair_numbers`:
  accounts with items, numbered over all segments.
- `principals_called`: those whose ARNs may have some texts in them.
- `words`: documents with some words in their texts; `told_actions`: the actions that policies name.
- `epochs`: the facts that are the same from one change of an organisation or account to the next.
- `facts_at`: the facts of one instant, as a `FactSource`; `current_facts`: those that hold without an end.
- `memory`: gives back what making a segment took.
- `store`: what a process has of all this; `making`: a process that makes the file for another.
"""
