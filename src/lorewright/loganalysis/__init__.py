"""Log analysis: which lines of a task log matter, what a labelled log teaches, a rule baseline and seeded logs."""
