"""Plain functions on text that several rooms need: spans and places, words and n-grams, near-duplicates."""
