"""The ways to a card: PC/SC, nfcpy, and the tape that records and replays either."""
