"""Finds personal data in a text: e-mail addresses, and the names of people in the paths of their home folders."""

import re
from collections.abc import Iterator

from lorewright.text.masking import Found, merge
from lorewright.text.unseen import find_past_unseen

_LOCAL = re.compile(r"[\w.+%-]{1,64}\Z")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?P<top>[A-Za-z]{2,24})(?![\w-])")
_RESERVED = re.compile(r"(?:^|\.)(?:example(?:\.\w+)?|test|invalid|localhost|local)$", re.IGNORECASE)
_LOGINS = frozenset({"git", "hg", "svn", "user", "username", "you", "name", "root", "ec2-user", "ubuntu"})
_WINDOWS_HOME = re.compile(r":[\\/]{1,2}(?i:Users|Documents)")
_FILE_ENDINGS = """
    bz2 cfg conf css csv gif go gz html ini ipynb jpeg jpg js json log md mount path pdf png py rb rst scope service
    slice so socket svg swap tar target tgz timer toml ts txt webp whl xml yaml yml zip
"""
_HOME = re.compile(
    r"""(?: (?<![\w.])/(?:home|Users|usr/home|export/home)/
          | (?<![A-Za-z0-9])[A-Za-z]:(?:\\{1,2}|/)(?i:Users|Documents[ ]and[ ]Settings)(?:\\{1,2}|/)
          | (?:(?<![^\s"'`=:,/])(?P<tilde>~)) )
        (?P<name>[A-Za-z_][\w.-]{0,63}(?<![.-]))""",
    re.VERBOSE,
)
_NOBODY = """
    admin administrator all all_users app apps circleci codespace condor data default dev developer ec2-user example
    foo git github gitlab gitpod guest hadoop hdfs home jenkins johndoe jovyan linuxbrew lib me mysql myname nobody node
    name opc operator opt oracle pi postgres project projects public python root runner runneradmin sandbox shared site
    some someone spark src sys test tester tmp travis ubuntu user1 user2 user_name username users vagrant vscode web
    work worker workspace www www-data you your_name your_username yourname yourusername
"""
"""Folders under `/home` that are no person's; neither is any whose name ends in `user`."""

_NOT_TOP_DOMAINS = frozenset(_FILE_ENDINGS.split())
_NOT_PEOPLE = frozenset(_NOBODY.split())


def find_personal(text: str) -> list[Found]:
    """Return e-mail addresses (`email`) and names of home folders (`user`), in order of place.

    Of `/home/NAME/…`, `/Users/NAME/…`, `C:\\\\Users\\\\NAME\\\\…` and `~NAME/…` the name alone counts, so that the rest
    stays readable. Names that are nobody's (`user`, `ubuntu`, `runner`), addresses under the domains that are kept
    for examples (RFC 2606) and logins (`git@github.com`) do not count.
    """
    return find_past_unseen(text, _find)


def _find(text: str) -> list[Found]:
    return merge((*_addresses(text), *_home_names(text)))


def _addresses(text: str) -> Iterator[Found]:
    at = text.find("@")
    while at >= 0:
        domain = _DOMAIN.match(text, at + 1)
        local = _LOCAL.search(text, max(0, at - 64), at) if domain else None
        if domain and local and _is_address(text, local, domain):
            start = local.start() + len(local[0]) - len(local[0].lstrip(".%+-"))
            yield Found("email", start, domain.end())
        at = text.find("@", at + 1)


def _is_address(text: str, local: re.Match[str], domain: re.Match[str]) -> bool:
    name, top = local[0].strip(".%+-"), domain["top"].lower()
    if not name or name.lower() in _LOGINS or top in _NOT_TOP_DOMAINS or _RESERVED.search(domain[0]):
        return False
    word = max(text.rfind(one, max(0, local.start() - 200), local.start()) for one in " \n\t\"'<>(")
    return "://" not in text[word + 1 : local.start()]


def _home_names(text: str) -> Iterator[Found]:
    if not ("~" in text or "/home/" in text or "/Users/" in text or _WINDOWS_HOME.search(text)):
        return
    for match in _HOME.finditer(text):
        name = match["name"].lower()
        if match["tilde"] and not text.startswith("/", match.end()):
            continue
        if name not in _NOT_PEOPLE and not name.endswith("user"):
            yield Found("user", *match.span("name"))
