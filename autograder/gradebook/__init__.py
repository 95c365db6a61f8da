"""nbgrader's gradebook and commands: what is written there, and what is read."""
