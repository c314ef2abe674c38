"""Texts on which two copies of a model or a tokenizer are compared."""

from itertools import product

from lorewright.core.records import Message

PROMPTS = (
    "The scheduler starts a task when",
    "def retry(times: int = 3) -> None:\n    ",
    "| option | default | description |\n|---|---|---|\n| `retries` |",
    "[2025-08-10T16:13:23.123+0000] {taskinstance.py:1937} ERROR - Task failed with exception\nTraceback",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
)

CONVERSATIONS = (
    (Message(role="user", content="How do I retry a task?"),),
    (
        Message(role="system", content="Answer in one sentence."),
        Message(role="user", content="What is a DAG?"),
    ),
    (
        Message(role="user", content="  What does `{{ ds }}` mean?\n"),
        Message(role="assistant", content="It is the logical date."),
        Message(role="user", content="And <b>“ts”</b>?"),
    ),
)

PIECES = (
    "Hello world",
    " leading and trailing ",
    "it's we've I'LL they'RE don'T",
    "1234567890 3.14 1,000,000 0x7f ½ ² ١٢٣",
    "\n\n\n",
    " \t \r\n\r\n  x",
    "    four\n        eight",
    "snake_case camelCase SCREAMING-KEBAB",
    "!!!??? ... ---- ==== #### $$ %% ^^ && **",
    'f(x)[0]{"a": None}  # comment',
    "https://example.org/a?b=c&d=%20#e",
    "naïve café Ångström straße ÆØÅ",
    "cafe\u0301 A\u030angstro\u0308m",
    "Привет, мир! Ελληνικά",
    "日本語のテキスト。中文，标点；한국어",
    "עברית العربية हिन्दी ไทย",
    "👩‍👩‍👧‍👦 🇩🇪 👍🏽 🙂🙂",
    "\u00a0nbsp\u3000ideographic\u2009thin\u200bzero\ufeffbom",
    "tab\tbell\x07escape\x1bdelete\x7f",
    "\u2028line\u2029paragraph\x85next\x0bvt\x0cff",
    "ﬁ ﬂ ① Ⅳ ㎏ 𝔘𝔫𝔦 ｆｕｌｌ",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "<|im_start|>user\nhi<|im_end|>",
    "<s></s><unk><pad>",
)


def awkward_texts() -> list[str]:
    """Return texts that tokenizers are known to disagree about: each piece alone and before each other one."""
    return [*PIECES, *(first + second for first, second in product(PIECES, PIECES))]
