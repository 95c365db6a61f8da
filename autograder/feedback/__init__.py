"""nbgrader's pages of feedback, with messages and hints, safe to open."""
