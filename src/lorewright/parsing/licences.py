"""Licence headers: what they are called and whether a comment is one."""

import re
from functools import lru_cache

_NAMES = (
    (
        re.compile(r"SPDX-License-Identifier:\s*([A-Za-z0-9.+-]+(?:\s+(?:OR|AND|WITH)\s+[A-Za-z0-9.+-]+)*)"),
        "",
    ),
    (re.compile(r"Apache\s+License,?\s+Version\s+2\.0", re.IGNORECASE), "Apache-2.0"),
    (re.compile(r"Affero\s+General\s+Public\s+License", re.IGNORECASE), "AGPL"),
    (re.compile(r"Lesser\s+General\s+Public\s+License", re.IGNORECASE), "LGPL"),
    (re.compile(r"GNU\s+General\s+Public\s+License", re.IGNORECASE), "GPL"),
    (re.compile(r"Mozilla\s+Public\s+License,?\s+v(?:ersion|\.)?\s*2\.0", re.IGNORECASE), "MPL-2.0"),
    (re.compile(r"\bMIT\s+License\b", re.IGNORECASE), "MIT"),
    (re.compile(r"\bBSD\b.{0,20}\blicen[cs]e", re.IGNORECASE), "BSD"),
)
_SIGNS = re.compile(r"SPDX-License-Identifier|\bcopyright\b|\(c\)\s+\d{4}|\blicen[cs]ed?\b", re.IGNORECASE)


def is_licence(comment: str) -> bool:
    """Say whether a comment is a licence or copyright notice."""
    return _SIGNS.search(comment) is not None


@lru_cache(maxsize=64)
def licence_name(notice: str) -> str:
    """Return the licence a notice names: its SPDX identifier, or the family when no version is told.

    Empty when the notice names none that is known here.
    """
    joined = " ".join(notice.split())
    for pattern, name in _NAMES:
        match = pattern.search(joined)
        if match:
            return name or match.group(1)
    return ""
