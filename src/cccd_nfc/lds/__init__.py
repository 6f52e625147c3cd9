"""The Logical Data Structure of ICAO 9303-10: elementary files and data groups, parsed and encoded."""
