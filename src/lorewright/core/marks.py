"""The mark of folders that lore wrote: what it may replace, and what is no document."""

MARK = "lorewright.json"
