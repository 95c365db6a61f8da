"""A made-up class that hands in good, wrong and broken work."""
