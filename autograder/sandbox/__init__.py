"""The wall around student code: its policy, its making, and probes that it holds."""
