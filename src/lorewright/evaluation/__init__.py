"""Whether a model is worth having: what each system answers, how right it is, how sure one can be of the difference, and a report that a person can check."""
