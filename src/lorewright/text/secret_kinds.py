"""Tokens that say by their own form what they are: a prefix, a length, an alphabet.

Most patterns are those of `detect-secrets` (Yelp, 1.5), of which only the patterns are used: nothing is ever asked of
a network. Its finds end where its pattern does, short of the end of today's longer tokens, so a find here goes on
for as long as the token does. Formats that it lacks, or of which it leaves a part (a web token's signature), are
written out, each as its issuer documents it.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from lorewright.text.masking import Found
from lorewright.text.secret_shapes import is_placeholder, looks_random, word_share

_MIN_CHARS = 20
_LONG_WORD = re.compile(rf"(?<!\S)\S{{{_MIN_CHARS},}}")

_LIBRARY: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("aws access key", ("AKIA", "ASIA", "ABIA", "ACCA", "A3T"), "aws", "AWSKeyDetector"),
    ("github token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), "github_token", "GitHubTokenDetector"),
    ("gitlab token", ("gl", "GR1348941"), "gitlab_token", "GitLabTokenDetector"),
    ("slack token", ("xox", "hooks.slack.com"), "slack", "SlackDetector"),
    ("stripe key", ("k_live_",), "stripe", "StripeDetector"),
    ("openai key", ("T3BlbkFJ",), "openai", "OpenAIDetector"),
    ("pypi token", ("pypi-",), "pypi_token", "PypiTokenDetector"),
    ("sendgrid key", ("SG.",), "sendgrid", "SendGridDetector"),
    ("square secret", ("sq0csp-",), "square_oauth", "SquareOAuthDetector"),
    ("azure storage key", ("AccountKey=",), "azure_storage_key", "AzureStorageKeyDetector"),
    ("discord token", (".",), "discord", "DiscordBotTokenDetector"),
    ("telegram token", (":",), "telegram_token", "TelegramBotTokenDetector"),
    ("twilio key", ("SK",), "twilio", "TwilioKeyDetector"),
    ("mailchimp key", ("-us",), "mailchimp", "MailchimpDetector"),
)
"""Kind, what the text must hold for the pattern to be tried, module and class in `detect_secrets.plugins`."""

_OWN: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "json web token",
        ("eyJ",),
        r"(?:(?<![\w-])|(?<=\\[nrt])|(?<=%[0-9A-F]{2}))eyJ[\w=-]{10,}\.[\w=-]{6,}(?:\.[\w.=-]*)?",
    ),
    ("github token", ("github_pat_",), r"github_pat_\w{22,}"),
    (
        "slack token",
        ("xapp-", "xoxe", "xoxc-", "xoxd-"),
        r"(?:xapp-|xoxe(?:\.xox[bp])?-|xox[cd]-)[\w%-]{20,}",
    ),
    ("stripe key", ("k_test_", "whsec_"), r"[sr]k_test_[0-9a-zA-Z]{24,}|whsec_[0-9a-zA-Z+/=]{24,}"),
    ("openai key", ("sk-",), r"sk-(?:(?:proj|svcacct|admin|or-v1)-[\w-]{32,}|[A-Za-z0-9]{32,})"),
    ("anthropic key", ("sk-ant-",), r"sk-ant-[A-Za-z0-9_-]{20,}"),
    ("hugging face token", ("hf_", "api_org_"), r"(?:hf|api_org)_[A-Za-z0-9]{30,}"),
    ("npm token", ("npm_",), r"npm_[A-Za-z0-9]{36,}"),
    ("google key", ("AIza", "GOCSPX-", "ya29."), r"AIza[\w-]{35}|GOCSPX-[\w-]{28}|ya29\.[\w-]{20,}"),
    ("azure signature", ("sig=",), r"(?<=[?&;]sig=)[A-Za-z0-9%+/]{40,}={0,2}"),
    ("azure client secret", ("Q~",), r"[\w~.-]{3}\dQ~[\w~.-]{31,34}"),
    ("discord webhook", ("/api/webhooks/",), r"discord(?:app)?\.com/api/webhooks/\d{16,20}/[\w-]{60,}"),
    ("teams webhook", ("webhook.office.com",), r"[\w-]+\.webhook\.office\.com/webhookb2/[\w@-]+/[\w/-]{40,}"),
    ("age key", ("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    ("vault token", ("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[\w-]{24,}"),
    ("digitalocean token", ("_v1_",), r"do[opr]_v1_[0-9a-f]{64}"),
    ("databricks token", ("dapi",), r"dapi[0-9a-f]{32}(?:-\d)?"),
    ("shopify token", ("shp",), r"shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}"),
    ("docker token", ("dckr_",), r"dckr_(?:pat|oat)_[\w-]{27,}"),
    ("grafana token", ("glsa_", "glc_"), r"glsa_\w{32,}|glc_[A-Za-z0-9+/=]{32,}"),
    ("atlassian token", ("ATATT3", "ATCTT3"), r"AT[AC]TT3[\w=.-]{60,}"),
    ("terraform token", (".atlasv1.",), r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}"),
    ("square token", ("sq0atp-", "EAAA"), r"sq0atp-[\w-]{22}|EAAA[\w-]{60}"),
    ("groq key", ("gsk_",), r"gsk_[A-Za-z0-9]{40,}"),
    ("new relic key", ("NRAK-",), r"NRAK-[A-Z0-9]{27}"),
    ("rubygems key", ("rubygems_",), r"rubygems_[0-9a-f]{48}"),
)
_BORDERED = frozenset(
    {
        "aws access key",
        "discord token",
        "telegram token",
        "twilio key",
        "mailchimp key",
        "azure client secret",
    }
)
"""Kinds without a telling prefix: nothing but a border may stand before them, and they must look random."""

_REST_OF_TOKEN = re.compile(r"[A-Za-z0-9_-]*")
_ESCAPE_BEFORE = re.compile(r"(?:\\[nrt]|%[0-9A-Fa-f]{2}|bot)\Z")
_AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_AWS_SECRET_WITHIN = 200


def known_tokens(text: str) -> Iterator[Found]:
    """Yield the tokens whose form gives them away, in no order; some may overlap."""
    long_words = "\n".join(_LONG_WORD.findall(text))
    if not long_words:
        return
    for kind, anchors, module, name in _LIBRARY:
        if any(anchor in long_words for anchor in anchors):
            for pattern in _library_patterns(module, name):
                if pattern.search(long_words):
                    yield from _matches(text, kind, pattern)
    for kind, anchors, written in _OWN:
        if any(anchor in long_words for anchor in anchors):
            yield from _matches(text, kind, re.compile(written))


@cache
def _library_patterns(module: str, name: str) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of a plugin of detect-secrets that are wanted here.

    The second of AWS needs quotes and a label; the first of Twilio is the id of an account, which is no secret.
    """
    patterns = tuple(getattr(import_module(f"detect_secrets.plugins.{module}"), name).denylist)
    return {"aws": patterns[:1], "twilio": patterns[1:]}.get(module, patterns)


def _matches(text: str, kind: str, pattern: re.Pattern[str]) -> Iterator[Found]:
    reached = 0
    for match in pattern.finditer(text):
        start, end = match.span()
        if start < reached:
            continue
        if match[0].startswith("AccountKey="):
            start += len("AccountKey=")
        elif not match[0].endswith("="):
            rest = _REST_OF_TOKEN.match(text, end)
            end = rest.end() if rest else end
        reached = end
        value = text[start:end]
        if is_placeholder(value) or _is_name(kind, value) or not _stands_free(text, kind, start, value):
            continue
        yield Found(kind, start, end)
        if kind == "aws access key":
            yield from _aws_secret(text, end)


def _is_name(kind: str, value: str) -> bool:
    """Return whether a find is the name of something in code; a key of AWS, capitals alone, is none."""
    return kind != "aws access key" and not any(one.isdigit() for one in value) and word_share(value) >= 0.55


def _stands_free(text: str, kind: str, start: int, value: str) -> bool:
    """Return whether a find without a telling prefix is a token of its own and no part of a longer name or hash."""
    if kind not in _BORDERED:
        return True
    before = text[max(0, start - 3) : start]
    if before[-1:].isalnum() and not _ESCAPE_BEFORE.search(before):
        return False
    return kind == "aws access key" or looks_random(value)


def _aws_secret(text: str, after: int) -> Iterator[Found]:
    """Yield the secret key that stands after its access key, as in a CSV download or a log line."""
    for match in _AWS_SECRET.finditer(text, after, after + _AWS_SECRET_WITHIN):
        if looks_random(match[0]) and not re.fullmatch(r"[0-9a-f]{40}", match[0]):
            yield Found("aws secret key", *match.span())
