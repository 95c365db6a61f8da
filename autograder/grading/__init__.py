"""A class from hand-ins to verdicts: jobs, journal, local pool, cluster."""
