"""The policy language and its evaluation.

`document` (text → statements), `match` (wildcards), `variables`, `conditions`, `request` (what is asked and
answered), `sources` (which policies bear on a principal), `authorize` (the one function that decides),
`validate` (what IAM refuses as a document).
"""
