"""A synthetic card: personalisation, a chip that speaks the card's side, and the ways to put it on a reader."""
