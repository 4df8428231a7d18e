"""Questions over a Directory: `who_can`, `what_can`. Pure; the past has the same type as the present."""
