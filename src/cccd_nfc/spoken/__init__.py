"""What is said to a person, in Vietnamese and English: every face of the program speaks from here."""
