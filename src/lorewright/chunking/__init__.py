"""Cutting documents into passages: by headings and definitions, by paragraphs, or by windows with overlap. Every
passage is an exact stretch of its document's text, no word is cut, and every character stands in some passage.
"""
