"""Secrets made at run time, and documents to plant them in. No whole token stands in this file."""

import base64
import json
import random
import string
from collections.abc import Callable
from typing import NamedTuple

_ALNUM = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"
_URLSAFE = _ALNUM + "_-"


class Planted(NamedTuple):
    """A document, the secret in it, and what kind it is to be found as."""

    kind: str
    context: str
    text: str
    value: str


def letters(rng: random.Random, alphabet: str, count: int) -> str:
    return "".join(rng.choices(alphabet, k=count))


def json_web_token(rng: random.Random) -> str:
    parts = (
        {"alg": "HS256", "typ": "JWT"},
        {"sub": letters(rng, string.digits, 10), "name": letters(rng, string.ascii_letters, 8)},
    )
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*encoded, letters(rng, _URLSAFE, 43)))


def private_key(rng: random.Random, name: str = "RSA PRIVATE KEY", lines: int = 12) -> str:
    body = [letters(rng, _ALNUM + "+/", 64) for _ in range(lines)]
    body.append(letters(rng, _ALNUM + "+/", 22) + "==")
    dashes = "-" * 5
    return "\n".join((f"{dashes}BEGIN {name}{dashes}", *body, f"{dashes}END {name}{dashes}"))


def password(rng: random.Random, signs: str = "!@#%^*_-+.?") -> str:
    inner = letters(rng, _ALNUM + signs, 11)
    return (
        letters(rng, string.ascii_letters, 1)
        + inner
        + letters(rng, string.digits, 2)
        + letters(rng, _ALNUM, 1)
    )


Maker = Callable[[random.Random], str]

TOKENS: dict[str, tuple[str, Maker]] = {
    "aws id": ("aws access key", lambda r: "AKIA" + letters(r, string.ascii_uppercase + "234567", 16)),
    "aws temporary id": (
        "aws access key",
        lambda r: "ASIA" + letters(r, string.ascii_uppercase + "234567", 16),
    ),
    "github classic": ("github token", lambda r: "ghp" + "_" + letters(r, _ALNUM, 36)),
    "github app": ("github token", lambda r: "ghs" + "_" + letters(r, _ALNUM, 36)),
    "github fine": (
        "github token",
        lambda r: "github" + "_pat_" + letters(r, _ALNUM, 22) + "_" + letters(r, _ALNUM, 59),
    ),
    "gitlab": ("gitlab token", lambda r: "glpat" + "-" + letters(r, _URLSAFE, 20)),
    "slack bot": (
        "slack token",
        lambda r: "-".join(
            ("xoxb", letters(r, "123456789", 12), letters(r, "123456789", 13), letters(r, _ALNUM, 24))
        ),
    ),
    "slack webhook": (
        "slack token",
        lambda r: (
            "https://hooks.slack.com/services/T0"
            + letters(r, _ALNUM, 9)
            + "/B0"
            + letters(r, _ALNUM, 9)
            + "/"
            + letters(r, _ALNUM, 24)
        ),
    ),
    "stripe": ("stripe key", lambda r: "sk" + "_live_" + letters(r, _ALNUM, 24)),
    "stripe long": ("stripe key", lambda r: "rk" + "_live_" + letters(r, _ALNUM, 99)),
    "google": ("google key", lambda r: "AIza" + letters(r, _URLSAFE, 35)),
    "openai": ("openai key", lambda r: "sk-" + letters(r, _ALNUM, 20) + "T3BlbkFJ" + letters(r, _ALNUM, 20)),
    "openai project": (
        "openai key",
        lambda r: "sk-" + "proj-" + letters(r, _URLSAFE, 73) + "7T3BlbkFJ" + letters(r, _ALNUM, 74),
    ),
    "anthropic": ("anthropic key", lambda r: "sk-" + "ant-api03-" + letters(r, _URLSAFE, 93) + "AA"),
    "hugging face": ("hugging face token", lambda r: "hf" + "_" + letters(r, string.ascii_letters, 34)),
    "npm": ("npm token", lambda r: "npm" + "_" + letters(r, _ALNUM, 36)),
    "pypi": ("pypi token", lambda r: "pypi-" + "AgEIcHlwaS5vcmc" + letters(r, _URLSAFE, 150)),
    "jwt": ("json web token", json_web_token),
    "sendgrid": (
        "sendgrid key",
        lambda r: "SG" + "." + letters(r, _URLSAFE, 22) + "." + letters(r, _URLSAFE, 43),
    ),
    "twilio": ("twilio key", lambda r: "SK" + letters(r, _HEX, 32)),
    "telegram": ("telegram token", lambda r: letters(r, "123456789", 10) + ":AA" + letters(r, _URLSAFE, 33)),
    "discord": (
        "discord token",
        lambda r: "M" + letters(r, _ALNUM, 23) + "." + letters(r, _URLSAFE, 6) + "." + letters(r, _ALNUM, 27),
    ),
    "mailchimp": ("mailchimp key", lambda r: letters(r, _HEX, 32) + "-us" + "12"),
    "age": ("age key", lambda r: "AGE-SECRET" + "-KEY-1" + letters(r, string.digits + "QPZRY", 58)),
    "vault": ("vault token", lambda r: "hvs" + "." + letters(r, _ALNUM, 90)),
    "digitalocean": ("digitalocean token", lambda r: "dop" + "_v1_" + letters(r, _HEX, 64)),
    "databricks": ("databricks token", lambda r: "dapi" + letters(r, _HEX, 32)),
    "docker": ("docker token", lambda r: "dckr" + "_pat_" + letters(r, _URLSAFE, 27)),
    "shopify": ("shopify token", lambda r: "shpat" + "_" + letters(r, _HEX, 32)),
}
"""Name of a format, the kind it is found as, and what makes one."""

LABELLED: dict[str, tuple[str, Maker]] = {
    "password": ("password", password),
    "hex key": ("api key", lambda r: letters(r, _HEX, 32)),
    "base64 key": ("api key", lambda r: letters(r, _ALNUM + "+/", 43) + "="),
    "lower key": ("api key", lambda r: letters(r, string.ascii_lowercase + string.digits, 24)),
    "uuid key": (
        "api key",
        lambda r: "-".join(letters(r, _HEX, count) for count in (8, 4, 4, 4, 12)),
    ),
    "hex token": ("token", lambda r: letters(r, _HEX, 40)),
    "url-safe token": ("token", lambda r: letters(r, _URLSAFE, 32)),
    "client secret": ("secret", lambda r: letters(r, _ALNUM, 32)),
    "aws secret": ("aws secret key", lambda r: letters(r, _ALNUM + "+/", 40)),
}

TOKEN_CONTEXTS: dict[str, str] = {
    "markdown": "# Setup\n\nWhen the job asks for it, paste `{}` and go on.\n\nThen restart the worker.\n",
    "markdown table": "| step | value |\n|---|---|\n| first | {} |\n| second | none |\n",
    "fence": '## Call it\n\n```bash\ncurl -H "Authorization: Bearer {}" https://api.acme.io/v1/jobs\n```\n',
    "rest": "Setup\n=====\n\n.. code-block:: bash\n\n   $ acme login --with {}\n   $ acme run\n",
    "python": 'import acme\n\nclient = acme.Client("{}")  # the client of production\nclient.run()\n',
    "yaml": "services:\n  web:\n    environment:\n      - UPSTREAM={}\n      - MODE=fast\n",
    "log": "2024-05-01T10:00:03Z INFO acme.http: sent {} to upstream in 12 ms (try 1 of 3)\n",
    "json": '{{"level": "info", "extra": {{"sent": "{}", "tries": 3}}}}\n',
    "escaped": '{{"message": "login\\n{}\\nfailed"}}\n',
    "query": "GET /v1/jobs?page=3&with={}&sort=asc HTTP/1.1\n",
    "comment": "// old: {}, see the wiki\nfunction main() {{ return 1; }}\n",
    "end": "It is {}",
    "sentence": "The key was {}. Do not use it any more.\n",
}

LABEL_CONTEXTS: dict[str, str] = {
    "env": "MODE=fast\nACME_{upper}={}\nDEBUG=1\n",
    "export": "export ACME_{upper}={}\nacme run\n",
    "yaml": "acme:\n  {lower}: {}\n  retries: 3\n",
    "yaml quoted": "acme:\n  {lower}: '{}'  # rotate\n",
    "kubernetes": 'env:\n  - name: ACME_{upper}\n    value: "{}"\n',
    "python": 'import os\n\nACME_{upper} = "{}"\n',
    "python keyword": "client = connect(host='db', {lower}='{}', retries=3)\n",
    "python typed": 'class Settings:\n    {lower}: str = "{}"\n',
    "python dict": 'settings = {{"{lower}": "{}", "host": "db"}}\n',
    "environ": 'os.environ["ACME_{upper}"] = "{}"\n',
    "json": '{{\n  "{camel}": "{}",\n  "host": "db"\n}}\n',
    "json escaped": 'body="{{\\"{lower}\\":\\"{}\\",\\"host\\":\\"db\\"}}"\n',
    "ini": "[acme]\n{lower} = {}\nhost = db\n",
    "toml": '[acme]\n{lower} = "{}"\n',
    "properties": "spring.acme.{lower}={}\nspring.acme.host=db\n",
    "java": 'private static final String {upper} = "{}";\n',
    "java call": 'builder.set{pascal}("{}").build();\n',
    "go": '{camel} := "{}"\n',
    "xml": "<acme><{camel}>{}</{camel}><host>db</host></acme>\n",
    "flag": "acme login --{kebab} {} --host db\n",
    "flag equals": "acme login --{kebab}={} --host db\n",
    "markdown": "Log in with these:\n\n* **{title}**: `{}`\n* **Host**: db\n",
    "rest field": ":{kebab}: {}\n:host: db\n",
    "log": "2024-05-01 10:00:03,120 DEBUG acme: connect host=db {lower}={} retries=3\n",
    "log list": "2024-05-01 10:00:03,120 DEBUG acme: connect host=db, {lower}={}, retries=3\n",
    "connection string": "Server=db;User Id=acme;{pascal}={};Encrypt=True\n",
    "query": "https://api.acme.io/v1/jobs?{lower}={}&page=3\n",
}

_LABELS = {
    "password": ("db", "password"),
    "api key": ("api", "key"),
    "token": ("access", "token"),
    "secret": ("client", "secret"),
    "aws secret key": ("aws", "secret", "access", "key"),
}


def _names(kind: str) -> dict[str, str]:
    words = _LABELS[kind]
    pascal = "".join(word.title() for word in words)
    return {
        "upper": "_".join(words).upper(),
        "lower": "_".join(words),
        "kebab": "-".join(words),
        "pascal": pascal,
        "camel": pascal[0].lower() + pascal[1:],
        "title": " ".join(words).capitalize(),
    }


def plant_all(seed: int) -> list[Planted]:
    """Return every format in every context it can stand in, a new value each."""
    rng = random.Random(seed)
    planted: list[Planted] = []
    for kind, make in TOKENS.values():
        for context, template in TOKEN_CONTEXTS.items():
            value = make(rng)
            planted.append(Planted(kind, context, template.format(value), value))
    for kind, make in LABELLED.values():
        for context, template in LABEL_CONTEXTS.items():
            value = make(rng)
            planted.append(Planted(kind, context, template.format(value, **_names(kind)), value))
    return planted
