"""How the common licences are recognised where other text stands around them.

Short licences are compared word for word, because a single added clause makes another licence of them; long ones by
the title that begins them and their length.
"""

import re

SHORT = frozenset({"0BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0"})
"""Licences whose every word counts."""

_PREFACE_CHARS = 700
_NOTICE_CHARS = 2500
_LIMITED = re.compile(
    r"commons clause|used for good not evil|non ?commercial (?:use|purposes?)\b|for research (?:or|and) academic"
    r"|modified version of the (?:apache|mit)|(?:following|these) additional (?:conditions|restrictions)"
)
_MIT = (
    "permission is hereby granted,? free of charge to any person obtaining a copy of this software and associated "
    "documentation files the software to deal in the software without restriction including without limitation the "
    "rights to use copy modify merge publish distribute sublicense and or sell copies of the software and to permit "
    "persons to whom the software is furnished to do so{conditions} the software is provided as is"
)
_MIT_CONDITIONS = (
    " subject to the following conditions the above copyright notices? and this permission notice(?: including the "
    "next paragraph)? shall be included in all copies or substantial portions of the software"
)
_BSD = (
    "redistribution and use in source and binary forms(?: of the software as well as documentation)? with or without "
    "modification are permitted provided that the following conditions are met "
    "(?:. )?redistributions of source code must retain the above copyright notice this list of conditions and the "
    "following disclaimer (?:. )?redistributions in binary form must reproduce the above copyright notice this list of "
    "conditions and the following disclaimer in the documentation and or other materials provided with the "
    "distribution{clause} this software is provided by"
)
_BSD_CLAUSE = (
    " (?:. )?(?:neither )?the names? .{1,300}(?:be )?used to endorse or promote products derived from this software "
    "without(?: specific)? prior written permission"
)
_ISC = (
    "permission to use copy modify and(?: or)? distribute this software(?: and its documentation)? for any purpose "
    "with or without fee is hereby granted{conditions} the software is provided as is"
)
_ISC_CONDITIONS = " provided that the above copyright notice and this permission notice appear in all copies"
_BODIES = (
    (re.compile(_MIT.replace("{conditions}", _MIT_CONDITIONS)), "MIT"),
    (re.compile(_MIT.replace("{conditions}", "")), "MIT-0"),
    (re.compile(_BSD.replace("{clause}", _BSD_CLAUSE)), "BSD-3-Clause"),
    (re.compile(_BSD.replace("{clause}", "")), "BSD-2-Clause"),
    (re.compile(_ISC.replace("{conditions}", _ISC_CONDITIONS)), "ISC"),
    (re.compile(_ISC.replace("{conditions}", "")), "0BSD"),
)
_TITLES = (
    (re.compile(r"gnu affero general public license version 3 19 november 2007"), "AGPL-3.0", 20_000),
    (re.compile(r"gnu lesser general public license version 3 29 june 2007"), "LGPL-3.0", 4_000),
    (re.compile(r"gnu lesser general public license version 2 1 february 1999"), "LGPL-2.1", 15_000),
    (re.compile(r"gnu general public license version 3 29 june 2007"), "GPL-3.0", 20_000),
    (re.compile(r"gnu general public license version 2 june 1991"), "GPL-2.0", 10_000),
    (re.compile(r"apache license version 2 0 january 2004"), "Apache-2.0", 8_000),
    (re.compile(r"mozilla public license version 2 0 1 definitions"), "MPL-2.0", 10_000),
)
_NOTICES = (
    (re.compile(r"licensed under the apache license version 2 0"), "Apache-2.0"),
    (re.compile(r"subject to the terms of the mozilla public license v(?:ersion)? 2 0"), "MPL-2.0"),
)


def words(text: str) -> str:
    """Return the words of a text in lower case, one blank between them, without marks and ornaments."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def is_limited(plain: str) -> bool:
    """Say whether words add a known restriction to whatever licence stands beside them."""
    return _LIMITED.search(plain) is not None


def recognised(plain: str) -> str:
    """Return the SPDX id of the licence whose words begin a text after at most a short preface; empty for none."""
    for body, licence in _BODIES:
        found = body.search(plain)
        if found and found.start() <= _PREFACE_CHARS:
            return licence
    for title, licence, least_chars in _TITLES:
        found = title.search(plain, 0, _PREFACE_CHARS)
        if found and len(plain) >= least_chars:
            return licence
    if len(plain) <= _NOTICE_CHARS:
        return next((licence for notice, licence in _NOTICES if notice.search(plain)), "")
    return ""
