"""The chip protocols, each a flow: BAC, PACE, secure messaging, Active and Chip Authentication (ICAO 9303-11)."""
