"""Numbered plain SQL, applied in order; see ARCHITECTURE.md."""
