"""Attention mechanisms, small and readable: the library behind the course."""
