"""The rules: what an event is, what it means, and what follows from it. No clock, no thread, no randomness, no HTTP;
only `event_log` knows the database.

In reading order:

- `vocabulary`: instants, identifiers, refusals: the words that every other room uses.
- `events`: what happened, as immutable values with stable names.
- `directory`: the access state at one instant, as entities and their facts.
- `evolve`: an event → the facts that it begins and ends.
- `replay`: events in any order of arrival → the Directory in valid order.
- `commands`: what a caller wants of an account that we govern → events, or a refusal.
- `observed`: records of the world (CloudTrail, snapshots, reports) → events.
- `policy`: the policy language, and AWS's evaluation of one request.
- `questions`: who can, what can, which resources: asked of a Directory.
- `reach`: who could become whom, step by step.
- `history`: the intervals of all facts: the Directory of any instant, and questions over time.
- `what_if`: the state of an instant with changes that nobody made, and what these would change.
- `use`: what principals used, from the calls on record, and where nothing can be known of it.
- `least_privilege`: who has more than it uses, and policies that allow no more.
- `exports`: the state of an instant in the forms that AWS prints.
- `incident`: what a key could do and did, what it left behind, and whether it is over.
- `detections`: what the events and calls of a window did that somebody should look at.
- `attestation`: conditions of controls, judged over every state of a period.
- `controls`: controls of frameworks, mapped to conditions and reports, as data.
- `leavers`: people who left, against the last instant at which anything of theirs could act.
- `reports`: tables about an instant or a window, each with a header that says on what it rests.
- `ledger`: the Merkle tree over all events, and its proofs.
- `reviews`: access reviews: frozen population, who may decide, what was decided and whether it was done.
- `exceptions`: findings and breaks that an owner answers for, until an instant.
- `approvals`: by whom a change was approved: the tickets that it names, and what is on record of these.
- `event_log`: the events in PostgreSQL.
"""
