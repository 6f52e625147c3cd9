"""Card to evidence, evidence to report."""
