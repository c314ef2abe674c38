"""Questions and answers about a page, not about its subject: licences, authors, navigation, badges."""

import re

from lorewright.core.records import Example
from lorewright.curation.turns import FREE_TASKS, STRUCTURED_TASKS, answers, questions, quotes, refuses
from lorewright.text.prose import without_code

_PAGE = (
    r"(?:page|document|documentation|docs|section|site|website|chapter|guide|readme|manual|handbook"
    r"|article|tutorial)"
)
_SPDX = r"(?:MIT|BSD|GPL|LGPL|AGPL|MPL|EUPL|Apache|ISC|Unlicense|Creative Commons|CC[- ]BY|public domain)"
# Licences that a product hands out, as tokens of an expensive program, are a subject.
_OF_PROGRAMS = (
    r"(?!\w* ?(?:key|server|file|token|manager|pool|feature|seat|check|count|usage|quota|request)s?\b)"
)
_ASKED = (
    rf"\b(?:under|by|with) (?:which|what) (?:\w+ ){{0,3}}(?:licen[cs]e|terms)\b{_OF_PROGRAMS}"
    rf"|\b(?:what|which) (?:\w+ ){{0,3}}licen[cs]e\b{_OF_PROGRAMS}(?! does .{{0,60}}\bneed)"
    r"|\blicen[cs]e (?:text|notice|header|terms|agreement)\b|\blicen[cs](?:ed|ing) (?:terms|under)\b"
    r"|\bhow is .{1,60} licen[cs]ed\b|\b(?:is|are) .{1,60}\b(?:licen[cs]ed under|open[- ]sourced?)\b"
    r"|\bcopyright(?:s|ed)?\b|\btrademarks?\b|\bSPDX\b|\ball rights reserved\b|\blogos?\b.{0,40}\b(?:use[ds]?|allowed"
    r"|permi)"
    r"|\b(?:use[ds]?|allowed|permi\w+)\b.{0,40}\blogos?\b|\bwho (?:owns|holds) the rights\b"
    r"|\bwho (?:(?:originally |first |mainly |currently )?(?:wrote|authored|maintains?|translated|edited|contributed"
    r"|designed the logo"
    r"|created (?!a |an )|developed|develops)|is credited|(?:is|are|were) (?:the |its |an? )?(?:\w+ )?(?:authors?"
    r"|maintainers?"
    r"|contributors?|editors?|translators?|copyright|writers?))\b"
    r"|\b(?:authors?|maintainers?|contributors?|editors?|translators?|acknowledge?ments?) (?:of|behind)\b"
    r"|\b(?:list|names?|number) of (?:the )?(?:authors|contributors|maintainers|editors)\b|\bhow many (?:people"
    r"|contributors|persons)\b"
    r".{0,30}\bcontribut"
    r"|\bCONTRIBUTING\b|\bopen(?:ing)? an? (?:pull|merge) request\b|\bsign(?:ed)?[- ]off\b|\bcode of conduct\b"
    rf"|\b(?:edit|improve|correct|suggest (?:a|an)|report (?:a|an)) .{{0,40}}\b{_PAGE}\b"
    r"|\bedit (?:this )?on (?:github|gitlab|bitbucket)\b"
    rf"|\b(?:next|previous|preceding) {_PAGE}\b|\b(?:which|what) (?:{_PAGE}|topic) (?:comes|follows|precedes"
    rf"|is (?:next|before|after))\b"
    r"|\b(?:table of contents|breadcrumbs?|side ?bar|navigation (?:bar|menu|links?)|page footer|site ?map|badges?"
    r"|shields?)\b"
    rf"|\b{_PAGE}\b.{{0,30}}\blast (?:updated|modified|edited|reviewed|changed)\b|\blast (?:updated|modified"
    rf"|edited).{{0,30}}\b{_PAGE}\b"
    rf"|\b(?:which|what) (?:\w+ )?(?:sections?|chapters?|topics?|pages?|links?|headings?) (?:are|is|does|do"
    rf"|can be) .{{0,40}}"
    rf"(?:listed|linked|{_PAGE}|contents?|index)\b"
    r"|\b(?:Urheberrecht\w*|Impressum|Inhaltsverzeichnis\w*|Markenzeichen)\b|\bunter welcher Lizenz\b|\bwelche Lizenz\b"
    r"|\bRechte an\b|\bwem gehören die Rechte\b|\bwer hat .{0,60}\b(?:geschrieben|verfasst|übersetzt|gezeichnet)\b"
    r"|\bvon wem (?:stammen|stammt|sind|ist)\b.{0,20}\b(?:Texte?|Bilder|Übersetzung|Handbuch|Logo)\b|\bwer (?:pflegt"
    r"|betreut) (?:das|die|den)\b"
    r"|\b(?:droits? d['’]auteur|table des matières|mentions légales|marque déposée)\b|\bsous quelle licence\b"
    r"|\bquelle (?:est la )?licence\b"
    r"|\bqui (?:a (?:écrit|rédigé|traduit)|maintient|sont les auteurs|est l['’]auteur)\b"
    r"|\b(?:bajo qué licencia|derechos de autor|quién (?:escribió|mantiene|tradujo)|índice de contenidos)\b"
    r"|\b(?:под какой лицензией|авторск\w+ прав\w+|оглавлени\w+|кто (?:написал|перевёл|перевел|поддерживает|автор))\b"
    r"|许可证是|什么许可|哪(?:种|个)许可|版权|目录页|作者是谁|谁(?:编写|维护|翻译)了?"
)
_NOTICE = (
    r"^\W*(?:copyright|\(c\)) |©|\bcopyright (?:\(c\) |© )?\d{4}\b|\ball rights reserved\b|\balle rechte vorbehalten\b"
    r"|\btous droits réservés\b|\bвсе права защищены\b|版权所有"
    r"|\bwithout warrant(?:y|ies)\b|\b(?:you may not use this file|permission is hereby granted)\b|\bSPDX-License"
    r"|\blast (?:updated|modified|edited|reviewed)(?: on|:| by)|\bimg\.shields\.io\b|\bbadge\.svg\b"
    r"|\b(?:edit|improve) this page\b"
)
_ANSWERED = (
    rf"\b(?:released|licen[cs]ed|distributed|published|available|made available|offered|stands|steht"
    rf"|sous)\b[^.\n]{{0,40}}"
    rf"\b(?:under|unter|licence)\b[^.\n]{{0,40}}\b{_SPDX}\b"
    rf"|^\W*(?:it is |under )?(?:the )?{_SPDX}\b[^.\n]{{0,30}}\blicen[cs]e\b"
    r"|\bedit (?:this page )?on (?:github|gitlab|bitbucket)\b|\bview (?:page )?source\b"
    r"|^\W*(?:previous|next|home|back|« |‹ )[^.\n]{0,40}(?:[|»›·→]|\bnext\b)"
    r"|\bskip to (?:main )?content\b"
    r"|\b(?:build|coverage|pypi|crates\.io|downloads?) badge\b"
)
_QUOTED = (
    r"\[!\["
    rf"|^\W*(?:licen[cs]ed|released|distributed) under\b.{{0,40}}\b{_SPDX}\b|\bLizenz {_SPDX}\b"
    r"|^\W*(?:authors?|editors?|maintainers?|contributors?|translat(?:ion|ors?)|written by|Autor(?:en)?|Texte"
    r"|Übersetzung|Auteurs?|Автор\w*)\b[^.\n]{0,20}[:：]\W*(?-i:[A-ZÀ-ÖØ-ÞА-Я][\w.]+ [A-ZÀ-ÖØ-ÞА-Я])"
    r"|\bthanks to (?:our|all|the) \d*\s*contributors\b|\bis maintained by\b|\bCONTRIBUTING\.md\b"
    r"|\breport a mistake\b|\bdiese seite bearbeiten\b|^\W*(?:next|previous)\s*:"
    r"|^\W*last updated\b"
    r"|\blogo may not be used\b|\bregistered trademark\b"
)
_QUESTION = re.compile(_ASKED, re.IGNORECASE)
_ANSWER = re.compile(f"{_NOTICE}|{_ANSWERED}", re.IGNORECASE | re.MULTILINE)
_QUOTE = re.compile(f"{_NOTICE}|{_QUOTED}", re.IGNORECASE | re.MULTILINE)


def is_boilerplate(example: Example) -> str | None:
    """Want questions about the subject, not about licences, copyright, authors, navigation, edit links or badges.

    A question that is refused may be about anything.
    """
    if example.task in STRUCTURED_TASKS or refuses(example):
        return None
    for text in questions(example):
        if found := _QUESTION.search(without_code(text)):
            return f"the question is about the page, not its subject: {found[0].strip()[:60]!r}"
    if example.task not in FREE_TASKS and (found := _QUOTE.search(quotes(example))):
        return f"the evidence is about the page, not its subject: {found[0].strip()[:60]!r}"
    for text in answers(example):
        if found := _ANSWER.search(text):
            return f"the answer is about the page, not its subject: {found[0].strip()[:60]!r}"
    return None
