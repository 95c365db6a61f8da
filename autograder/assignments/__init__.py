"""Assignments as authors write them: read, checked, tried, released."""
