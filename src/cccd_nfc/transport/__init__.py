"""The only rooms that know hardware: PC/SC, nfcpy, and recordings of either."""
