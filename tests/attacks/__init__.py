"""The corpus of attacks, and what hands it in."""
