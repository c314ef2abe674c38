"""Models from the Hugging Face Hub, asked for by name and nothing else."""
