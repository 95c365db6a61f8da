"""Tests of all of it; what they share stands in `support`."""
