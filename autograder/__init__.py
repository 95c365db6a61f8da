"""Everything between a solution file and a mark."""
