"""Erstwhile: who can do what, who could do what at any moment of the past, and the proof.

The installed package. In the source tree its folders stand at the top level (`domain`, `projections`, `api`,
`migrations`), and this folder links to them, so that `erstwhile.domain` is one module wherever it is imported from.
"""
