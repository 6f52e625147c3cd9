"""ISO/IEC 7816-4: commands and responses, status words, data objects, conversations, files."""
