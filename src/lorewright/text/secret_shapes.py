"""Whether a value has the shape of a secret, of a placeholder, or of words; decided by its characters alone."""

import re
from itertools import pairwise

_LETTER_PAIRS = """
    ab ac ad ag ai al am an ap ar as at au ay ba be bi bl bo bs bu ca cc ce ch ci ck cl co cr ct cu da db dd de di dl
    do ds du ea ec ed ee ef eg el em en ep eq er es et ev ex fa fe fi fo ga ge gi gr gu ha he hi ho ia ib ic id ie if
    ig il im in io ip ir is it iv iz jo ke la ld le li ll lo ls lt lu ly ma me mi mm mo mp ms na nc nd ne nf ng ni nn
    no ns nt nu ob oc od og ol om on oo op or os ot ou ov ow ox pa pe pi pl po pp pr pt pu qu ra rc rd re rg ri rm rn
    ro rr rs rt ru rv ry sa sc se sf sh si so sp ss st su ta tc te th ti to tr ts tt tu ty ub uc ue ui ul um un up ur
    us ut va ve vi wa xp yp ys ze
"""
"""The 200 most frequent pairs of letters in technical English: 90% of the pairs in its words, 30% of random ones."""
_COMMON_PAIRS = frozenset(_LETTER_PAIRS.split())

_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_STAND_IN = re.compile(
    r"""^[<{]|^[*.#?\-_=~+/\\]*$|^\$[({A-Za-z_]|^%\(|^%\w+%$|^\[secret:|\.\.\.|…|\*{3}|x{4}|X{4}|<[\w -]+>|\{\{|\$\{
        |\(\?|\]\{|\\[sdwSDW]|(?:your|Your|YOUR|example|Example|EXAMPLE|changeme|placeholder|PLACEHOLDER|redacted|REDACTED|replace|REPLACE)
        |(?<![A-Za-z0-9+/=])(?i:my|insert|masked|dummy|fake|todo|some)(?=[_-])""",
    re.VERBOSE,
)
_WEAK = re.compile(
    r"""(?:pass(?:word|wd|phrase|code)?|pwd|pw|secret|token|admin(?:istrator)?|root|test(?:ing|er)?|user(?:name)?|demo
        |guest|default|change|me|letmein|welcome|qwerty|abc|foo|bar|baz|example|sample|dummy|fake|my|your|the
        |new|old|key|login|string|str|value|null|none|true|false|mysql|postgres(?:ql)?|db|api|app|auth)+""",
    re.VERBOSE,
)
_LONGEST_WEAK = 40
_LEET = str.maketrans("@0134$5!", "aoleassi")
_PLAIN = re.compile(
    r"""^(?: v?\d+(?:\.\d+)+\S{0,12} | \d{4}-\d\d-\d\d\S* | [A-Za-z]:\\.* | [a-z][a-z0-9+.-]*://.*
        | [\w.-]+\.(?:pem|key|crt|json|txt|ya?ml|py|js|ts|md|rst|html?|env|conf|cfg|ini|toml|xml|pub|jks|p12) )$""",
    re.VERBOSE,
)
_PATH = re.compile(r"(?:~|\.{1,2})?(?:/[\w.@-]+)+/?")
_SIGN_IN_WORD = re.compile(r"\w[?+=~]\w|\w[!@#$%^&*]|[!@#$%^&*]\w")
_CODE = re.compile(r"[A-Za-z_]\w*(?:(?:\.|::|->)[A-Za-z_]\w*)+(?:\(.*)?|&?[A-Za-z_][\w.]*[(\[].*")


def is_placeholder(value: str) -> bool:
    """Return whether a value only stands for a secret: `<token>`, `${TOKEN}`, `xxxxx`, `changeme1`, `12345678`."""
    if len(set(value)) <= 3 or _STAND_IN.search(value):
        return True
    from detect_secrets.filters.heuristic import is_sequential_string, is_templated_secret

    return is_templated_secret(value) or is_sequential_string(value) or _is_weak_word(value)


def looks_random(value: str, *, at_least: int = 10) -> bool:
    """Return whether a value looks made by a machine: long enough, and neither words nor a path, name or number."""
    if len(value) < at_least or not _is_one_word(value) or _PLAIN.match(value) or is_placeholder(value):
        return False
    digits = any(one.isdigit() for one in value)
    if not any(one.isalpha() for one in value):
        return False
    if digits:
        return len(set(value)) >= 6 and word_share(value) < 0.55
    return len(value) >= 16 and len(set(value)) >= 8 and word_share(value) < 0.3


def looks_like_password(value: str, *, quoted: bool) -> bool:
    """Return whether a value that is called a password is one, not a word, a name or code.

    A password of letters alone (`airflow`, `correct-horse-battery`) cannot be told from a name, and counts as one.
    """
    if len(value) < 6 or not value.isprintable() or _PLAIN.match(value) or is_placeholder(value):
        return False
    if _PATH.fullmatch(value) or (not quoted and word_share(value) >= 0.3 and _CODE.fullmatch(value)):
        return False
    if looks_random(value):
        return True
    digits = sum(one.isdigit() for one in value)
    symbols = sum(not one.isalnum() and one not in "_-./:\\, \"'`" for one in value)
    letters = sum(one.isalpha() for one in value)
    if not letters:
        return digits >= 6
    if quoted or symbols:
        return digits > 0 or (symbols > 0 and letters >= 4 and bool(_SIGN_IN_WORD.search(value)))
    return digits > 0 and not re.fullmatch(r"[a-z]+(?:_[a-z0-9]+)+|[A-Z][A-Z0-9_]*|[A-Za-z]+[1-3]?", value)


def word_share(value: str) -> float:
    """Return the share, 0 to 1, of a value's letters and digits that are in words of three letters or more."""
    total = sum(one.isalnum() for one in value)
    words = sum(len(piece) for piece in _PIECE.findall(value) if len(piece) >= 3 and _is_word(piece.lower()))
    return words / total if total else 1.0


def _is_word(piece: str) -> bool:
    pairs = [first + second in _COMMON_PAIRS for first, second in pairwise(piece)]
    return sum(pairs) >= 0.67 * len(pairs)


def _is_one_word(value: str) -> bool:
    return value.isascii() and value.isprintable() and not any(one in " \"'`<>(){}[]|" for one in value)


def _is_weak_word(value: str) -> bool:
    """Return whether a value is a word that tutorials use, in any spelling, with at most four digits or signs after."""
    if len(value) > _LONGEST_WEAK:
        return False
    word = re.sub(r"[\d\W_]{0,4}$", "", value.lower())
    plain = re.sub(r"[^a-z]", "", word.translate(_LEET))
    as_written = re.sub(r"[^a-z]", "", word)
    return any(2 * len(one) > len(word) and _WEAK.fullmatch(one) for one in (plain, as_written))
