"""The desk: pages for an officer with a card reader. Words and layout; every rule is the registry's."""
