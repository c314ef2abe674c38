"""Words that name no subject, in headings and in questions."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GENERIC = _words(
    """
    about abstract advanced api architecture arguments attributes background basic basics classes command
    commands compatibility concept concepts configuration contents default defaults definition
    definitions dependencies description details docs documentation example examples faq features fields
    functions general getting getting-started goal goals guide guides home how implementation index
    information input install installation installing interface intro introduction it limitations line
    main methodology methods misc miscellaneous more motivation new note notes of options other output
    overview parameters preface prerequisites project properties purpose quick quick-start quickstart
    readme reference requirements result results returns scope settings setup start started summary
    support syntax table terminology tips troubleshooting tutorial type types usage use user value values
    welcome why works
    """
)
"""Words that alone name no subject."""

ASKING = _words(
    """
    a about all am an and any are as at be been by can could did do does explain describe for from give had has have
    how i if in into is it its list many me mean means might much must my name need of on one or our possible provide
    purpose role she should some summarise summarize tell that the their them there these they this those to used
    using via was we were what when where which who whom whose why will with would you your he his her happens happen
    work works way ways thing things function method class code module file parameter argument option command value
    main key important different return default called call
    """
)
"""Words of questions that name no subject, besides those of `GENERIC`."""
