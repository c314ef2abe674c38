"""Whether a model is worth having.

What each system answers, how right it is, how sure one can be of the difference, and a report anybody can check.
"""
