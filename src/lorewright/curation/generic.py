"""Answers that say nothing: empty phrases, and the question in other words."""

import re
from collections.abc import Mapping

from lorewright.core.records import Example
from lorewright.curation.source import Source, Text, content, source_of
from lorewright.curation.turns import STRUCTURED_TASKS, answers, is_data, refuses
from lorewright.text.names import names
from lorewright.text.numbers import is_stated, numbers
from lorewright.text.stems import Families

_EMPTY = re.compile(
    r"\b(?:it |that |this )?(?:really |largely |mostly )?depends on (?:your|the|many|several|various|a number of"
    r"|what you)\b"
    r"[^.]{0,40}\b(?:needs?|requirements?|use cases?|case|situation|setup|factors|context|circumstances|project"
    r"|environment|want)\b"
    r"|\b(?:does|do) (?:exactly )?what (?:its|the|their) names? (?:suggests?|says?|implies|imply|is)\b|\bis named for\b"
    r"|\b(?:play|have)s? an? (?:crucial|key|important|vital|central|essential|significant|major) (?:role|part)\b"
    r"|\b(?:designed|built|made|engineered) (?:with|for|to be) [^.]{0,30}\b(?:ease of use|simplicity|flexib\w+"
    r"|in mind|reliab\w+)\b"
    r"|\b(?:a|the) (?:wide |large |broad |whole )?(?:variety|range|number|set|array|host) of "
    r"(?:useful |different |various |relevant |important |powerful |helpful )*"
    r"(?:features?|options?|settings?|metrics|tools?|ways|factors|purposes|functionalit\w+|capabilit\w+|benefits"
    r"|possibilities|scenarios)\b"
    r"|\b(?:best practices?|trade-?offs to consider|top priority|peace of mind|at all times|state[- ]of[- ]the[- ]art"
    r"|world[- ]class|in today's|cutting[- ]edge|seamless(?:ly)?|game[- ]chang\w+|power(?:ful)? and flexible"
    r"|robust and (?:flexible|reliable|scalable)|use case and requirements|smoothly and efficiently)\b"
    r"|\b(?:various|different|several|many|numerous|multiple) (?:different |various )?"
    r"(?:purposes|ways|scenarios|settings and values|aspects|factors|use cases|benefits|features|situations)\b"
    r"|\baccording to (?:your|their|the user's|individual) (?:needs|requirements|preferences)\b"
    r"|\b(?:take|takes|taking) (?:care of the rest|the (?:necessary|appropriate|required|relevant) (?:steps|measures"
    r"|actions))\b"
    r"|\bthe (?:necessary|appropriate|required|relevant|needed|usual|standard) (?:steps|measures|actions|cases|place"
    r"|parameters|settings|options"
    r"|values|procedures?|operations?|configuration)\b",
    re.IGNORECASE,
)
# What is said of any product.
_VACUOUS = """
    able according achieve action activities actually add advanced affect aim allow application apply approach
    appropriate area aspect available avoid aware basic behave behavior behaviour benefit best better bit build
    can capability care careful carefully case certain challenge challenging change characteristic choose
    choosing clear combine common commonly complex component concept concern condition confidence configure
    consider consideration consistent contain context contribute control convenient correct correctly create
    critical crucial customize deal define depend depending describe design desired detail determine developer
    development different difficult directly documentation documented do easily easy effective efficient
    efficiently element enable end enhance ensure environment especially essential everything example execute
    expect expected experience explain extent factor feature field file find fine flexible flexibility follow
    form function functionality functional further general generally get give goal good guarantee handle happen
    help helpful hence high holistic huge ideal idea identify impact implement implementation important improve
    include individual influence information input instance integrate intend intended interact internal involve
    issue keep key kind know large lead let level likely list logic logical long look lot main mainly make
    manage many manner matter mean meaning meet method might mind modern modify monitor name necessary need new
    normal note number object obtain offer often operate operation optimal optimize option order organization
    outcome output overall parameter part particular perform performance piece place play please point possible
    possibility potential power powerful practice practical precise prefer prepare present prevent principle
    problem process produce product proper properly property protect provide purpose put quality question range
    reason recommend refer reference related relate relevant reliable reliability remain represent require
    requirement resource respect respective responsible rest result return right robust role run safe scale
    scenario seamless section see select separate serve service set setting several show significant
    significantly simple simply simplify single situation size smooth smoothly solution solve something specific
    specify stable standard start state step straightforward structure style suitable support sure system take
    task team technical technique term test thing think thoroughly time together tool topic treat trade-off type
    typical typically understand unique use useful user usual usually value variety various vary version way
    well whole wide within work world write wichtig wichtiger bestandteil hilft dabei abläufe effizient
    gestalten verschiedene möglichkeiten bietet nützlich unternehmen funktion einstellung anforderungen
    bedürfnisse différentes possibilités adaptées besoins permet travailler manière optimale utile fonction
    dispose
"""
_VACUOUS_FAMILIES = Families(_VACUOUS.split())
_SAYS_NO_OR_YES = re.compile(
    r"^\W*(?:yes|no|ja|nein|oui|non|sí|да|нет|never|always|none|only|all|both|neither|nobody|nothing)\b|^[是不否能可没]",
    re.IGNORECASE,
)
_MOST_QUOTED = 0.2
_LEAST_WORDS, _LEAST_VACUOUS = 4, 0.6
_RESTATED = 0.9


def is_generic(example: Example, *, chunk_texts: Mapping[str, str]) -> str | None:
    """Want answers that say something of their subject: not that it depends, not the question in other words.

    An answer with a name or a number of its own passes. Another must not be an empty phrase, consist mostly of
    words that fit every product, or repeat the question.
    """
    if example.task in STRUCTURED_TASKS or is_data(example) or refuses(example):
        return None
    source = source_of(example, chunk_texts=chunk_texts, chunk_headings={})
    for text in answers(example):
        if _has_hard_content(text, source):
            continue
        own = [word for word in content(text) if not source.asked.families.hold(word)]
        quoted = sum(source.quoted.families.hold(word) for word in own)
        vacuous = sum(_VACUOUS_FAMILIES.hold(word) for word in own)
        if len(own) >= _LEAST_WORDS and quoted <= _MOST_QUOTED * len(own):
            if found := _EMPTY.search(text):
                return f"the answer is an empty phrase: {found[0].strip()[:60]!r}"
            if vacuous >= _LEAST_VACUOUS * len(own):
                return f"the answer would fit any product: {text.strip()[:60]!r}"
        if not own and _restates(text, source):
            return f"the answer only repeats the question: {text.strip()[:60]!r}"
    return None


def _has_hard_content(text: str, source: Source) -> bool:
    """Whether a text has names or numbers that its question has not."""
    return any(not source.asked.tokens.issuperset(one.parts) for one in names(text)) or any(
        not is_stated(one, source.asked.numbers) for one in numbers(text)
    )


def _restates(text: str, source: Source) -> bool:
    asked = content(source.asked.text)
    said = Text(text).families
    repeated = sum(said.hold(word) for word in asked)
    return (
        len(asked) >= _LEAST_WORDS
        and repeated >= _RESTATED * len(asked)
        and _SAYS_NO_OR_YES.match(text) is None
        and text.strip() not in source.quoted.text
    )
