"""Turning files into documents: clean text, its structure as blocks, and a map from every character back to a line
or page of the file. One parser a kind; a file that cannot be read faithfully is refused with its reason.
"""
