"""What each mutating IAM operation means, as domain events: one function an operation family, by area."""
