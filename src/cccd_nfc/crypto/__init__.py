"""Cryptographic building blocks of the chip protocols: key derivation, ciphers, curves, signatures."""
