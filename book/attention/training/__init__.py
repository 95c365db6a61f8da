"""How the models learn: losses, rates, the loop, and what is kept of it."""
