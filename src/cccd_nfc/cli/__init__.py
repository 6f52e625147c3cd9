"""The command line: words and layout, no rules."""
