"""Accounts, their one device, activation, OTP, audit, receipts."""
