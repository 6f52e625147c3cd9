"""Whom to believe: certificates, trust store, CRL, passive authentication (ICAO 9303-11, 9303-12)."""
