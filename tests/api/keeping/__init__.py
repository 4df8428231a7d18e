"""Tests of `erstwhile.api.keeping`."""
