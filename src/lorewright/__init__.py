"""Lorewright turns what an organisation knows into a small language model that it owns."""

__version__ = "0.1.0"
