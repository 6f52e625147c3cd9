"""Reads and verifies the chip of a Vietnamese citizen card, and lets that proof bind a phone to an account."""

__version__ = "0.1.0"
