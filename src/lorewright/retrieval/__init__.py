"""Finding passages: a full-text index that is brought up to date by row and searched at a pinned version, passages
merged where they overlap, and an answer made of their own words with citations.
"""
