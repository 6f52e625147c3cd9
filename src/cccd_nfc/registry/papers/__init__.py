"""Papers that people hold in hand: pure functions from what is known to the bytes of a PDF, and back from a QR code."""
