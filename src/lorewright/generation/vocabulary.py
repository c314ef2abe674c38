"""Word lists: which words are verbs of technical headings, which terms speak about the document."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


VERBS = _words(
    """
    access add adjust allow analyze apply assign attach authenticate author avoid backup bind browse
    build bypass cache call cancel capture change check choose clean clone collect combine compare
    compile compute configure connect contribute control convert copy create customize debug declare
    define delete deploy describe develop disable discover display download embed enable encode execute
    expand explore export extend extract fetch filter find fix format generate get handle host implement
    import improve include increase inspect install integrate interact invoke join launch limit list load
    log maintain make manage map measure merge migrate mix modify monitor move name obtain open optimize
    organize override package parse pass perform pin plan play prepare prevent print process profile
    provide publish pull push put query read reduce register release reload remove rename render replace
    report reproduce request require reset resolve restart restore retrieve return reuse review rotate
    run save scale schedule search select send serve set share show sign skip sort specify split start
    stop store stream structure submit support suppress switch sync test trace track train transform
    troubleshoot tune understand undo uninstall unlock unpack update upgrade upload use validate verify
    view visualize wait work wrap write
    """
)
"""Verbs that open headings, in their base form."""

DOUBLED = _words(
    """
    begin cancel control debug embed get log map pin plan put run set skip split stop submit wrap
    """
)
"""Verbs that double their last letter before "ing"."""

ALSO_NOUNS = _words(
    """
    access author backup build cache call change check contact control copy display download export
    filter fix format handle host import include join launch limit list load log map merge name package
    pass plan play process profile query release report request reset restart return review run scale
    schedule search set show sign sort split start stop store stream structure support switch test trace
    track train update upgrade upload use view work
    """
)
"""Verbs that open noun phrases as often ("Query planning")."""

GERUND_NOUNS = _words(
    """
    bind cache compute format index log map match mix monitor name package plan pool print process query schedule
    serve share store stream structure support test train
    """
)
"""Verbs whose "-ing" opens noun phrases as often ("Computing Element")."""

DETERMINERS = _words(
    """
    a all an any custom from in it multiple new one our the them these this to up with your
    """
)
"""What may follow a verb and not a noun at the beginning of a heading."""

BOOKKEEPING = _words(
    """
    abstract address author authors contact copyright date e.g example field i.e licence license
    maintainer maintainers nosearch note notes organization orphan revision status tip title tocdepth
    type version warning
    """
)
"""Terms of field lists that speak about the document."""
