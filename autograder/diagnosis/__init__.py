"""Which catalogued mistake explains a wrong answer, or else what was expected."""
