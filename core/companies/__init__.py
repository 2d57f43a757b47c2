"""Companies and who belongs to them."""
