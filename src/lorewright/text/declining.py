"""Answers that decline to answer, in the words of several languages."""

import re

from lorewright.text.tokens import squash

_SOURCE = (
    r"(?:documentation|docs|passages?|text|context|excerpts?|snippet|materials?|manual|page|section|article|document"
    r"|source"
    r"|information|reference|guide|handbook|description|readme)"
)
_SAY = (
    r"(?:say|state|mention|specify|contain|provide|include|answer|indicate|describe|give|explain|cover|address|discuss"
    r"|tell|reveal|clarify|detail|list|define|document|offer|go into|touch on|elaborate|spell out|make clear)"
)
_SAID = (
    r"(?:mentioned|stated|specified|provided|given|described|available|covered|documented|discussed|addressed"
    r"|explained|included|defined|detailed|disclosed|found|spelled out|answered|determined)"
)
_ADVERB = r"(?:explicitly |directly |actually |specifically |clearly |really |currently |fully |seem to |appear to )*"
_NOT = r"(?:does not|doesn['’]t|do not|don['’]t|did not|didn['’]t|never|fails? to|cannot|can['’]t)"
_CANNOT = (
    r"(?:can(?:not|['’]t| not)|could(?:n['’]t| not)|(?:is|was|it['’]s|be) (?:im|not )possible to"
    r"|(?:am|['’]m|was|are) (?:un|not )able to)"
)
_OFFICE = (
    r"(?:official|vendor|support|maintainers?|administrators?|documentation|manual|team|website"
    r"|homepage|developers?)"
)
_KNOW = r"(?:answer|say|tell|determine|know|infer|establish|find|provide|give|help|confirm|derive|verify|access|see)"
_FIRST_PERSON = (
    rf"\b(?:i|we)\b(?:['’](?:m|d|re|ve|ll))? ?(?:\w+ )?{_CANNOT} (?:\w+ )?{_KNOW}\b"
    r"|\b(?:i|we) (?:do not|don['’]t|did not|didn['’]t) (?:really |actually |currently )?(?:know|have|see|find"
    r"|possess)\b"
    r"|\b(?:i|we)(?:['’]m| am| are| was| were) (?:not (?:sure|certain|aware|given|provided|shown|told|familiar"
    r"|allowed|in a position)"
    r"|unable|unaware|uncertain|unsure|sorry)\b"
    r"|\bi(?:['’]m| am) (?:afraid|sorry),? (?:that |but )?(?:i\b|there (?:is|are) no|this|the (?:docu|pass|text|cont))"
    r"|\b(?:i|we) (?:have|had) (?:no|not enough|insufficient|too little) (?:information|idea|knowledge|access|way"
    r"|data|record"
    r"|details?|context|means)\b"
    r"|\bi (?:lack|apologi[sz]e|regret|won['’]t|will not|must decline|have to decline|would (?:need|prefer not"
    r"|rather not)"
    r"|need more|['’]d need)\b|\bi['’]d (?:need|rather not)\b|\b(?:must|have to) decline\b"
    r"|\bmy (?:knowledge|training|information|data) (?:does|do|has|is|ends|covers|only)\b|\bmy apologies\b"
    r"|\bas an? (?:ai|large language model|language model|ai assistant)\b|\bi['’]?m (?:just )?an ai\b"
    r"|\bi am (?:just )?an ai\b"
)
_NO_INFORMATION = (
    r"^\W*(?:sorry|apologies)\b"
    r"|^\W*unfortunately,? [^.!?\n]{0,80}\b(?:not|no|nothing|unable|cannot|unclear|unknown)\b"
    r"[^.!?\n]{0,40}\b(?:say|said|mention\w*|tell|know|known|answer\w*|determin\w+|state\w*|specif\w+|provide\w*"
    r"|information|details?)\b"
    r"|^\W*(?:no|not enough|insufficient|too little) (?:answer|information|context|details?|data)\b[^.!?\n]{0,60}"
    r"(?:can be|could be|is|are|was|were|to (?:say|answer|tell|determine)|given|available|provided|here\b|\.)"
    r"|\bthere (?:is|are)(?:n['’]t| not)? (?:no|not enough|insufficient|any|nothing|too little)\b[^.!?\n]{0,20}?"
    r"(?:information|mention|answer|details?|indication|context|documentation|reference|guidance|description)\b"
    r"|^\W*(?:this|that|the|your) (?:question|query|request) (?:cannot|can['’]t|can not|could not"
    r"|is (?:not (?:answered|covered|addressed)|beyond|outside|out of))\b"
    rf"|\b(?:this|that|it|which) (?:cannot|can['’]t|can not|could not) be (?:answered|determined|said|told"
    rf"|established|inferred|derived|found|known)\b"
    r"|\b(?:it is|it['’]s|that is|that['’]s|this is|is) (?:not possible|impossible|not clear|unclear|hard|difficult)"
    r" (?:for me )?(?:to (?:say|tell|determine|answer|know|give|infer|establish)|from|whether|how|what|which)\b"
    r"|\b(?:this|that|it) is (?:beyond|outside|out of) (?:the |my )?(?:scope|knowledge)\b"
    r"|^\W*nothing (?:is|was|in the)\b[^.!?\n]{0,60}\b(?:said|mention(?:s|ed)?|about|stated|known|documented)\b"
    rf"|\b(?:is|are|was|were)(?: not|n['’]t) {_ADVERB}{_SAID} (?:whether|how|if|what|which|when|why|where|who)\b"
    rf"|\b(?:without|lacking) (?:further|more|additional|seeing|knowing|access)\b[^.!?\n]{{0,60}}\b(?:can(?:not"
    rf"|['’]t)|impossible|hard|difficult|unable)\b"
)
_SILENT_SOURCE = (
    rf"\b(?:the|this|that|these|provided|given|available"
    rf"|any) (?:\w+ ){{0,3}}?{_SOURCE} (?:\w+ ){{0,4}}?{_NOT} {_ADVERB}{_SAY}\b"
    rf"|^\W*{_SOURCE} {_NOT} {_ADVERB}{_SAY}\b"
    rf"|\b{_SOURCE} (?:\w+ ){{0,4}}?(?:is silent|says nothing|has nothing|(?:gives?|contains?|provides?|has|have"
    rf"|offers?|makes?) no"
    r" (?:\w+ )?(?:information|mention|details?|answer|indication|hint|clue|explanation|data))\b"
    rf"|\b(?:not|never|isn['’]t|aren['’]t|wasn['’]t|nowhere) {_ADVERB}{_SAID} (?:in|by|anywhere in|here|from) (?:the"
    rf"|this|these|any)?"
    rf" ?(?:\w+ ){{0,3}}?{_SOURCE}\b"
    rf"|^\W*(?:please )?(?:consult|check|refer to|see|contact|ask|get in touch with|reach out to|look at"
    rf"|have a look at)\b[^.!?\n]{{0,40}}"
    rf"\b{_OFFICE}\b[^.!?\n]{{0,80}}[.!]?\s*$"
    rf"|\byou (?:would|will|['’]d|['’]ll|may|might|should|need to|have to)\b[^.!?\n]{{0,20}}\b(?:ask|contact|consult"
    rf"|look elsewhere"
    rf"|check with)\b[^.!?\n]{{0,40}}\b{_OFFICE}\b"
)
_GERMAN = (
    r"^\W*(?:es )?tut mir leid\b|^\W*leider (?:kann|kenne|weiß|liegen|habe|enthält|steht|lässt sich|ist (?:dazu|das"
    r"|mir|hierzu))\b"
    r"|^\W*(?:dazu|hierzu|darüber) (?:kann ich|liegen|gibt es|finde|steht|enthält|wird"
    r"|sagt)\b[^.!?\n]{0,60}\b(?:nicht|kein\w*|leider|nichts)\b"
    r"|^\W*das (?:kann ich|lässt sich|geht aus)\b[^.!?\n]{0,60}\b(?:nicht|leider)\b"
    r"|\bich (?:kann|weiß|habe|bin|konnte)\b[^.!?\n]{0,60}\b(?:nicht|keine|leider)\b"
    r"|\b(?:dokumentation|text|abschnitt|unterlagen|passage|quelle)\b[^.!?\n]{0,40}\b(?:nicht|keine"
    r"|nichts)\b[^.!?\n]{0,30}"
    r"\b(?:erwähnt|hervor|genannt|angegeben|angaben|auskunft|beschrieben|informationen|aussage)"
)
_ROMANCE = (
    r"^\W*(?:désolée?\b|je (?:suis désolée?|regrette|ne (?:peux|sais|suis|dispose|trouve|connais|vois)))"
    r"|\bje n['’](?:ai|en ai) (?:pas|aucune)\b|^\W*malheureusement\b|\bil (?:n['’]est pas|est im)possible de (?:dire"
    r"|répondre|savoir)\b"
    r"|^\W*aucune (?:information|indication|réponse)\b|\bimpossible de (?:dire|répondre|savoir)\b"
    r"|\b(?:documentation|texte|passage|extrait|section)\b[^.!?\n]{0,20}\bne (?:précise|mentionne|dit|contient|donne"
    r"|fournit|permet"
    r"|répond|indique)\b"
    r"|^\W*(?:lo siento|no (?:puedo|sé|tengo|dispongo|es posible responder|hay información))\b"
    r"|\b(?:documentación|texto|pasaje)\b[^.!?\n]{0,20}\bno (?:menciona|indica|dice|especifica|contiene)\b"
)
_OTHERS = (
    r"^\W*(?:извините|к сожалению|прошу прощения|я не (?:могу|знаю|располагаю|нашёл|нашел)|у меня нет|мне неизвестно"
    r"|нет (?:информации|данных|сведений)|невозможно (?:сказать|ответить|определить))"
    r"|(?:в документации|в тексте|документация|текст)[^.!?\n]{0,40}\bне (?:указан|упомян|сказан|описан|говорит"
    r"|содержит|сообщает"
    r"|приводит)"
    r"|^\W*(?:抱歉|对不起|很遗憾|不好意思|无法(?:回答|确定|提供|得知)|我(?:不知道|无法|不能|没有))"
    r"|(?:文档|文中|资料|文本|段落|手册)[^。\n]{0,12}(?:没有|未|并未|不)[^。\n]{0,6}(?:提到|提及|说明|给出|包含|涉及|记载|描述)"
    r"|^\W*(?:申し訳|すみません)|(?:分かりません|わかりません|記載されていません|お答えできません)"
)
_DECLINING = re.compile(
    "|".join([_FIRST_PERSON, _NO_INFORMATION, _SILENT_SOURCE, _GERMAN, _ROMANCE, _OTHERS]),
    re.IGNORECASE,
)


def declines(answer: str, *, known: str = "") -> str:
    """Return the words in which an answer declines to answer, 60 characters at most; empty where it does not.

    Args:
        answer: As the model wrote it.
        known: The evidence: what it says itself declines nothing.
    """
    there = squash(known).casefold()
    said = (one for one in _DECLINING.finditer(answer) if squash(one[0]).casefold() not in there)
    found = next(said, None)
    return found[0].strip()[:60] if found else ""
