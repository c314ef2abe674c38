"""Which candidates become examples: filters of one example alone, then of all together, each with its reason."""
