"""What a question must not be: leaning on what nobody sees, or about nothing."""

import re

from lorewright.text.function_words import FUNCTION_WORDS
from lorewright.text.tokens import words
from lorewright.text.vocabulary import ASKING, GENERIC

_WRITTEN = (
    "code|snippet|passage|text|excerpt|quotation|context|document|section|paragraph|article|example"
    "|implementation"
)
_SHOWN = (
    f"{_WRITTEN}|function|method|class|struct|quote|chunk|page|file|module|script|log|table|figure|diagram|image|list"
    "|listing|guide|tutorial|statement|sentence|definition|command|query|output|config|configuration"
)
# What a page shows or a piece of code has: named by its kind alone, it is one that only the page's reader sees.
_KINDS = (
    f"{_SHOWN}|parameter|argument|option|flag|field|column|row|line|step|item|entry|value|number|variable|constant"
    "|attribute|property|constructor|decorator|enum|trait|interface|loop|block|branch|condition|return value|macro"
    "|warning|note|tip|caution|remark|bullet|footnote|caption|heading|title|factor|error message|formula|equation"
    "|graph|chart"
    "|author|speaker"
)
# What follows where the kind is the head of its phrase, and no more is said of it.
_HEAD = (
    r"(?=\s*(?:[?.,;:!)]|$)|\s+(?:do|does|did|is|are|was|were|has|have|had|can|could|will|would|should|must|may|and"
    r"|or|but|if"
    r"|say|says|mean|means|set|sets|take|takes|return|returns|contain|contains|show|shows|print|prints|define"
    r"|defines|default"
    r"|defaults|refer|refers|describe|describes|need|needs|want|wants|use|uses|used|work|works|matter|matters|run"
    r"|runs|raise"
    r"|raises|fail|fails|expect|expects|accept|accepts|differ|differs|change|changes|at|above|below|here|itself|do)\b)"
)
_LEANING = re.compile(
    rf"\b(?:this|these|those) (?:\w+ )?(?:{_SHOWN})s?\b"
    rf"|\bthe (?:above|below|following|shown|quoted) (?:\w+ )?(?:{_KINDS})s?\b"
    rf"|\bthe (?:given|provided|preceding|previous|mentioned|described|presented) (?:{_WRITTEN})s?\b"
    r"|\bthe (?:above|aforementioned)\b"
    r"|\b(?:shown|listed|mentioned|described|given|defined|provided|displayed|presented) (?:above|below|here)\b"
    rf"|\b(?:{_SHOWN})s? (?:above|below|provided|shown here)\b(?!\s+(?:by\b|[\d`$-]))"
    r"|\b(?:which|what|one|all|any) of the following\b"
    r"|\b(?:the|this|that|provided|given) (?:passage|excerpt|snippet)s?\b"
    r"|\b(?:according to|based on|mentioned in|described in|stated in|from|in) (?:the|this) "
    r"(?:source |given |provided )?(?:text|context|paragraph|quotation|chunk|section|article|code(?: block)?)"
    r"(?=[\s,.?!]*(?:$|[,.?!]|\b(?:what|how|why|when|where|which|who)\b))"
    r"|\b(?:in|as in|from) (?:the|this) (?:example|snippet|table|figure|listing|diagram|screenshot)\b"
    r"(?! (?:of|for|from|named|called)\b)"
    r"|\bthe (?:author|text|document|article|speaker)s? (?:say|mention|state|describe|suggest|recommend|explain)s?\b"
    r"|\b(?:does|do|did|is|are) the (?:author|text|passage|article)\b"
    r"|\b(?:obig|vorstehend|nachstehend|folgend|untenstehend|obenstehend)(?:e|er|es|en|em)\b|\b(?:oben"
    r"|unten) (?:gezeigt|genannt"
    r"|beschrieben|stehend|aufgeführt|angegeben)\w*"
    r"|\bdies(?:e|er|es|en|em) (?:Funktion|Methode|Klasse|Tabelle|Parameter|Option|Befehl\w*|Beispiel\w*"
    r"|Abschnitt\w*|Text\w*"
    r"|Datei|Code\w*|Skript\w*|Einstellung|Zeile|Wert\w*|Feld\w*|Ausschnitt\w*|Schalter\w*)\b"
    r"|\b(?:ci-dessus|ci-dessous)\b|\b(?:ce|cet|cette|ces) (?:paramètre|fonction|méthode|classe|tableau|option"
    r"|commande|exemple"
    r"|section|texte|fichier|code|script|réglage|ligne|valeur|champ|extrait|passage)s?\b|\b(?:l['’]exemple|le code"
    r"|le tableau"
    r"|la commande) (?:suivante?|précédente?)\b"
    r"|\b(?:este|esta|estos|estas) (?:parámetro|función|método|clase|tabla|opción|comando|ejemplo|sección|texto"
    r"|archivo|código"
    r"|fragmento|valor|campo)(?:e?s)?\b|\b(?:código|ejemplo|tabla|comando) anterior\b"
    r"|\b(?:эт(?:а|от|о|и|ой|ого|ом|у|их)|данн\w+|вышеуказанн\w+|приведённ\w+|приведенн\w+"
    r"|указанн\w+) (?:выше )?(?:функци|метод|класс"
    r"|таблиц|параметр|опци|команд|пример|раздел|текст|файл|код|скрипт|фрагмент|строк|значени|пол)\w*"
    r"|上述|上面的|下面的|以下(?:代码|命令|示例|表格|函数)|(?:这个|这段|该|此)(?:函数|方法|类|参数|命令|选项|表格|示例|代码|脚本|文件|段落|设置|配置|字段)|(?:上|下)表|本(?:节|文|段)"
    r"|この(?:関数|メソッド|クラス|コード|表|例|コマンド|引数|オプション|ファイル)",
    re.IGNORECASE,
)
# Leans only where the question names nothing that could be looked up.
_UNNAMED = re.compile(
    rf"\b(?:the|this|that|these|those|its|their) (?:(?:first|second|third|fourth|fifth|last|next|previous|other|same"
    rf"|two|three"
    rf"|given|provided|initial|final|main|only|whole|entire|sample) )*(?:{_KINDS})(?:s|es)?{_HEAD}"
    r"|\b(?:step|line|row|column|figure|table|example|section|option|point|item|listing) (?:\d+|one|two|three|[A-D])\b"
    r"|\b(?:this|these|those)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"`[^`\n]+`|[\"“”'«„](?=\w)[^\"“”'\n]{2,60}[\"“”'»]"
    r"|(?<!^)(?<![.?!:] )(?<![\w])(?!I\b|SQL\b|JSON\b|YAML\b|HTML\b|URL\b|API\b|CLI\b|CSV\b|XML\b|ID\b)[A-Z][\w-]+"
    r"|\w+[._:/]\w+|\b\w+\(\)|\B--\w+|\b\w*\d\w*[A-Za-z]\w*"
)
_EXPLETIVE = (
    r"(?! (?:\w+ (?:to|that)\b|take|takes|mean|means|possible|necessary|safe|worth|better|allowed)\b)"
)
_PRONOUN = re.compile(rf"\b(?:it{_EXPLETIVE}|its|they|their|them|he|she)\b", re.IGNORECASE)
_VERB_LAST = re.compile(r"\b(?:i|you|we|one|to)\s+\w+\s*$", re.IGNORECASE)
_POINTING = re.compile(r"\b(?:this|these|those)\b", re.IGNORECASE)
_NOTHING = re.compile(
    r"^\W*(?:n/?a|none|null|nil|nan|unknown|todo|tbd|string|answer|question|undefined|no answer|hm+)?\W*$",
    re.IGNORECASE,
)
_CODE = re.compile(r"`[^`\n]+`")
MAX_QUESTION_CHARS = 400


def bad_question(question: str, *, first: bool = True) -> str:
    """Return why a question cannot be asked of somebody who sees no passage; empty where it can.

    Args:
        question: As the model wrote it.
        first: False for a follow-up, which may lean on the conversation before it.
    """
    if is_nothing(question):
        return f"no question: {question.strip()[:60]!r}"
    if len(question) > MAX_QUESTION_CHARS:
        return f"a question of {len(question)} characters"
    if found := _LEANING.search(question):
        return f"leans on what is not seen: {found[0].strip()[:60]!r}"
    if not first:
        return ""
    if _is_english(question) and not _NAMED.search(question) and (found := _UNNAMED.search(question)):
        return f"leans on what is not seen: {found[0].strip()[:60]!r}"
    pronoun = _PRONOUN.search(question)
    pointing = None if pronoun or len(_subjects(question)) > 1 else _POINTING.search(question)
    before = _VERB_LAST.sub("", question[: pronoun.start()]) if pronoun else ""
    if (pronoun and not _subjects(before)) or pointing:
        return f"leans on what is not seen: {question.strip()[:60]!r}"
    return "" if _subjects(question) else f"names no subject: {question.strip()[:60]!r}"


def is_nothing(text: str) -> bool:
    """Whether a text is blank or a placeholder: `N/A`, `TODO`, `string`."""
    return _NOTHING.match(text) is not None


def _is_english(text: str) -> bool:
    return any(word in FUNCTION_WORDS["en"] for word in words(text))


def _subjects(text: str) -> list[str]:
    """Return what a question may be about: code in it, and words that name something."""
    named = [
        word
        for word in words(text)
        if word not in ASKING and word not in GENERIC and (len(word) > 1 or not word.isascii())
    ]
    return _CODE.findall(text) + named
