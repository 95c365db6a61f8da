"""Networks that are built of the mechanisms, and what they write or know."""
