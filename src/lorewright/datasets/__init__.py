"""From curated examples to training, validation and test sets that share nothing, and the rows trainers read."""
