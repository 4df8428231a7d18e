"""Targets, one command each: ratios against a reference that runs interleaved in the same process."""
