"""The grammar of policy documents, and the words in which AWS refuses what breaks it. The entry is
`domain/policy/language/validate.py`.

- `uses`: what a document is for.
- `words`, `problem`: what is wrong, in AWS's words.
- `elements`: elements that are one text or a list of texts.
- `sids`, `actions`, `resources`, `principals`, `conditions`: a file for each element.
- `service_principals`: names of AWS's services.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""
