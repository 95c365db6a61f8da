"""What weighs, looks and mixes: scores, masks, heads, positions."""
