"""Speed: `evaluation`, with what it takes to answer the next question sooner. Its answers are those of
`evaluation.applicable.evaluate_in`; tests/laws/test_engine.py holds it to that.

- `attached`: the engine of a Directory.
- `decision_engine`: answers from a kept decision, else evaluates and keeps.
- `decision_cache`: the decisions of one caller.
- `caller_only`: a short cut for requests in which nothing but the caller's side has a say.
- `condition_keys`: the condition keys that a decision may depend on.
- `cached_policies`: keeps callers' and resources' sides.
- `indexed_layer`: a layer that finds its statements by action; where these are very many, by `many_statements`.

What is kept, and when it is dropped:

Every cache is a `Bounded` map. The Directory reports each entity that changed, before the next question is asked, to
`DecisionEngine.forget`; there is no other way in which anything goes stale. Of what it drops, the kind of the entity
decides:

| changed                | dropped                                                                                   |
|------------------------|-------------------------------------------------------------------------------------------|
| organization, account  | everything                                                                                |
| resource, role, user   | all resources' sides, and all decisions, for these rest on them; then as any other kind   |
| any other kind         | the callers whose policies come from it (`CachedPolicies` notes which), and their decisions |

The decisions of a caller are kept with its side and go with it. All decisions are dropped at once by counting the
engine's generation up: those of an earlier one are emptied when it is next written to. Statements found by action
belong to a layer, and layers to the sides that are made of them. A document's statements follow from its text alone.
"""
