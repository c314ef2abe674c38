"""Secrets known by what stands before them: `password = …`, `api_key: …`, `Authorization: Bearer …`, `user:…@host`.

The keyword plugin of `detect-secrets` is not used for these: it returns one find a line, the rest of the line with
it, knows no `token`, and answers differently by file name.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote

from lorewright.text.masking import Found
from lorewright.text.secret_shapes import is_placeholder, looks_like_password, looks_random

_KINDS = {
    "pass": "password",
    "pwd": "password",
    "secret": "secret",
    "token": "token",
    "key": "api key",
    "auth": "credential",
    "credential": "credential",
    "contrase": "password",
    "пароль": "password",
    "密码": "password",
}
_NAME = re.compile(
    r"""(?:pass(?:word|wd|wort|phrase|code|e)?|pwd|secret|token|key|auth|credential|contrase[ñn]a|пароль|密码)s?
        (?:[_-]?(?:value|text|plain|base64|b64|string|prod|production|dev|staging|stage|test|live|old|new|\d{1,3}))?
        (?![A-Za-z0-9])""",
    re.VERBOSE | re.IGNORECASE,
)
_KEY_OF = re.compile(
    r"""(?:api|access|secret|private|auth|account|encrypt(?:ion)?|signing|signature|master|service|subscription|shared
        |storage|admin|db|database|client|consumer|app|application|license|deploy|session|jwt|hmac|fernet|webhook
        |write|read|instrumentation|integration|function|host)[\s_.-]?\Z""",
    re.VERBOSE | re.IGNORECASE,
)
_NEEDS_BORDER = frozenset({"auth", "pass", "passes", "pwd"})
_SEPARATOR = re.compile(
    r"""(?: (?P<closing>\\?["'`]?\]?[*_`]{0,2}(?:\[\d*\])?) [ \t]*
            (?: :[ \t]*[&\w.\[\]| ]{1,20}?[ \t]*=(?!=) | :=|=>|->|→|={1,3}|!==?|:{1,2}|：|%3D )
            (?:(?:\*\*|__)(?=[ \t]))? [ \t]* (?:!\w+[ \t]+)? (?:(?-i:[A-Z])\w{0,30}\((?=["']))?
          | \\?["'`],[ \t]*(?=\\?["'`]) | [ \t]*\([ \t]*(?=["'`])  # ("password", "…"), setPassword("…")
          | \\?["'`]?,?\s{1,40}["']?value["']?\s{0,3}[:=]\s{0,3} # name: PASSWORD, value: …
          | ["'`*_]{0,2}[ \t]*\n{1,2}:[ \t]+  # a list of terms and what they are
          | (?P<loose>[ \t]+is:?[ \t]+ | ["'`*]{0,2}[ \t]*\|[ \t]* | [ \t]+(?=[^\s"':=|]{16}))
          | [ \t]+(?=["']) | >(?=[^<>\s]{4,200}</) )""",
    re.VERBOSE | re.IGNORECASE,
)
_FLAG_BEFORE = re.compile(r"(?:(?:^|[\s\"'`(])--?[\w-]*|login\s+\S{1,80}\s+)\Z")
_FLAG_SPACE = re.compile(r"[ \t]+")
_QUOTED = re.compile(
    r"""(?:[rbuf@$L]{1,2}(?=["']))? (?P<quote>\\?(?:"{3}|'{3}|["'`]))
        (?: (?P<value>[^\s]{4,8192}?) | (?P<four>[a-z]{4}(?:[ ][a-z]{4}){3})
          | (?P<phrase>[^\s"'`]{2,32}(?:[ ][^\s"'`]{2,32}){1,3}) ) (?P=quote)""",
    re.VERBOSE | re.IGNORECASE,
)
_UNCLOSED = re.compile(r"""["'](?P<value>[^\s"'`]{6,512})(?=\s*(?:\n|\Z))""")
_UNQUOTED = re.compile(
    r"""(?:(?![,;&|]\s*["']?[\w.-]{1,40}["']?\s?[=:])(?!<[/a-zA-Z!]|\\[nrt])[^\s"'`]){1,512}"""
)
_WHOLE_WORD = re.compile(r"\S{1,512}")
_LONG = 500
_REST = re.compile(r"[^\s\"'`]+")
_SETTING = re.compile(
    r"[ \t]*(?:[-*#/;>$]+[ \t]+)*(?:(?:export|set|setx|ENV|ARG|local|declare)[ \t]+)?[\w.-]*"
)
_SCHEME = re.compile(r"(?i:Bearer|Basic|Token|Bot|ApiKey|JWT|SSWS|GoogleLogin)[ \t]+")
_AUTHORIZATION = re.compile(r"""authorization\\?["'`]?\]?[ \t]*(?:[:=,]|=>)[ \t]*\\?["'`]?""", re.IGNORECASE)
_CREDENTIAL = re.compile(r"[A-Za-z0-9._~+/=%-]{8,}")
_BEARER = re.compile(r"bearer[ \t]+(?P<value>[A-Za-z0-9._~+/=-]{16,})", re.IGNORECASE)
_COOKIES = re.compile(r"(?:set-)?cookie[\"']?:[ \t]*[\"']?(?P<pairs>[^\n\"']+)", re.IGNORECASE)
_COOKIE = re.compile(r"[\w.-]{1,64}=(?P<value>[^\s;,]{16,4096})")
_URL = re.compile(
    r"""://(?: (?P<user>[^\s/:@"'<>]*):(?P<password>[^\s/"'<>]{1,512}) | (?P<alone>[\w.-]{20,512}) )@(?=[\w\[$<{.])""",
    re.VERBOSE,
)
_CURL_USER = re.compile(r"""(?:-u|--user|--proxy-user)[ =]["']?(?P<user>[\w.@\\-]+):(?P<password>[^\s"']+)""")
_SQL_PASSWORD = re.compile(r"""identified\s+by\s+["'](?P<value>[^"'\s]{6,})["']""", re.IGNORECASE)


def labelled_secrets(text: str) -> Iterator[Found]:
    """Yield the values that something before them calls a secret and whose shape agrees; in no order."""
    lower = text.replace("\u0130", "i").lower()  # the one letter whose lower case is longer than itself
    for keyword, kind in _KINDS.items():
        at = lower.find(keyword)
        while at >= 0:
            found = _labelled(text, lower, at, kind)
            if found:
                yield found
            at = lower.find(keyword, found.end if found else at + len(keyword))
    yield from _in_headers(text, lower)
    yield from _in_urls(text)
    if " -u" in text or "--user" in text or "--proxy-user" in text:
        yield from (
            Found("password", *one.span("password")) for one in _CURL_USER.finditer(text) if _is_login(one)
        )
    if "identified" in lower:
        for match in _SQL_PASSWORD.finditer(text):
            if looks_like_password(match["value"], quoted=True):
                yield Found("password", *match.span("value"))


def _labelled(text: str, lower: str, at: int, kind: str) -> Found | None:
    """Return the secret that the keyword at an offset labels, if it does."""
    name = _NAME.match(text, at)
    if not name or not _is_label(text, lower, at, name[0].lower()):
        return None
    separator = _SEPARATOR.match(text, name.end())
    if separator and separator[0].isspace() and name[0].lower() in _NEEDS_BORDER:
        separator = None
    loose = bool(separator and separator["loose"])
    if (loose or not separator) and _FLAG_BEFORE.search(text, max(0, at - 100), at):
        separator, loose = _FLAG_SPACE.match(text, name.end()), False
    if not separator:
        return None
    value, quoted = _value(text, at, separator.end())
    if not value:
        return None
    start, end = value
    if not _fits(text[start:end], kind, quoted=quoted, loose=loose):
        return None
    if not quoted and end - start > _LONG:
        rest = _REST.match(text, end)
        end = rest.end() if rest else end
    aws = (
        kind == "api key"
        and end - start == 40
        and lower[max(0, at - 8) : at].rstrip("_-. ").endswith("access")
    )
    return Found("aws secret key" if aws else kind, start, end)


def _fits(value: str, kind: str, *, quoted: bool, loose: bool) -> bool:
    """Return whether a value has the shape of what its label says; more is asked where no sign binds the two."""
    if kind != "password":
        return looks_random(value, at_least=16 if loose or kind == "credential" else 12)
    return looks_random(value, at_least=8) if loose else looks_like_password(value, quoted=quoted)


def _is_label(text: str, lower: str, at: int, name: str) -> bool:
    before = text[at - 1 : at]
    if name in _NEEDS_BORDER and before.isalpha() and not (before.islower() and text[at].isupper()):
        return False
    return not name.startswith("key") or bool(_KEY_OF.search(lower, max(0, at - 20), at))


def _value(text: str, label: int, start: int) -> tuple[tuple[int, int] | None, bool]:
    """Return where a value stands, and whether it is in quotes."""
    quoted = _QUOTED.match(text, start)
    if quoted:
        group = next(name for name in ("value", "four", "phrase") if quoted[name] is not None)
        if group == "phrase" and not (
            re.search(r"\d", quoted[group]) and re.search(r"[!@#$%^&*]", quoted[group])
        ):
            return None, True
        return quoted.span(group), True
    line = text.rfind("\n", 0, label) + 1
    is_setting = label - line < 200 and _SETTING.fullmatch(text, line, label)
    unclosed = _UNCLOSED.match(text, start)
    if unclosed:
        return unclosed.span("value"), True
    match = (_WHOLE_WORD if is_setting else _UNQUOTED).match(text, start)
    if not match or match[0][0] in "\"'`":
        return None, False
    end = start + len(match[0].rstrip(",;" if is_setting else ",;.:)}]\\"))
    return ((start, end) if end > start else None), False


def _in_headers(text: str, lower: str) -> Iterator[Found]:
    if "authorization" in lower:
        for header in _AUTHORIZATION.finditer(text):
            scheme = _SCHEME.match(text, header.end())
            value = _CREDENTIAL.match(text, scheme.end() if scheme else header.end())
            if value and _is_credential(
                value[0], basic=bool(scheme and scheme[0].lower().startswith("basic"))
            ):
                yield Found("authorization", *value.span())
    if "cookie" in lower:
        for cookies in _COOKIES.finditer(text):
            for match in _COOKIE.finditer(text, *cookies.span("pairs")):
                if looks_random(unquote(match["value"]), at_least=16):
                    yield Found("cookie", *match.span("value"))
    if "bearer" in lower:
        for match in _BEARER.finditer(text):
            if looks_random(match["value"]):
                yield Found("authorization", *match.span("value"))


def _is_credential(value: str, *, basic: bool) -> bool:
    if not basic:
        return looks_random(value)
    try:
        user, _, password = (
            base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode().partition(":")
        )
    except (binascii.Error, ValueError):
        return looks_random(value)
    return bool(password) and password != user and not is_placeholder(password)


def _in_urls(text: str) -> Iterator[Found]:
    at = text.find("@")
    while at >= 0:
        scheme = text.rfind("://", max(0, at - 640), at)
        match = _URL.match(text, scheme) if scheme >= 0 else None
        if match and match["password"] and _is_login(match):
            yield Found("password", *match.span("password"))
        if match and text.endswith(("http", "https"), 0, scheme):
            name = "alone" if match["alone"] else "user"
            if looks_random(match[name], at_least=20):
                yield Found("token", *match.span(name))
        at = text.find("@", max(at + 1, match.end() if match else 0))


def _is_login(match: re.Match[str]) -> bool:
    """Return whether a user and a password are neither placeholders nor one tutorial word twice."""
    password = unquote(match["password"])
    return password != match["user"] and looks_like_password(password, quoted=True)
