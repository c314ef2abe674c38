"""What of a page is its content: navigation, controls and decoration go, each with the lines where it stood."""

import re
from collections.abc import Callable, Iterator

from lorewright.parsing.html_source import Dropped
from lorewright.parsing.html_tree import HEADING, TOP_HEADING, Element, Page, Text, descendants, short_text_of

_CONTENT = frozenset({"article", "blockquote", "dd", "details", "figure", "li", "main", "section", "td"})
_HEADER_PARTS = frozenset({"details", "form", "ol", "ul"})
_NAVIGATION_ROLES = frozenset({"navigation", "menubar", "search", "doc-toc", "directory"})
_NAVIGATION = re.compile(
    r"[ _-](?:breadcrumbs?|crumbs|globaltoc|localtoc|menu|navbar|navheader|navfooter|navigation|nav|pager"
    r"|pagination|prev-next|prevnext|related|rellinks|sidebar|sidenav|sphinxsidebar\w*|toc|tocbox|contents|topbar"
    r"|skip|skiplink|index-nav|page-nav|nav-wrapper|share|social|search|searchbox)[ _-]"
)
_SURELY_NAVIGATION = re.compile(
    r"[ _-](?:breadcrumbs?|navbar|navheader|navfooter|pager|pagination|prev-next|prevnext|spirit-nav|help-popup"
    r"|theme-popup)[ _-]"
)
_COOKIES = re.compile(
    r"cookie[\w-]*(?:banner|consent|notice|bar|popup|message|policy-pop)|onetrust|cookiebot|cc-window| gdpr"
)
_EDIT = re.compile(
    r"(?:\W*)(?:edit (?:this )?page(?: on \w+)?|edit on (?:github|gitlab|bitbucket)|edit this \w+"
    r"|suggest (?:an )?edits?|improve this page|(?:view|show) (?:the )?(?:page )?source(?: code)?"
    r"|view page source|report an issue(?: with this page)?)\W*",
    re.IGNORECASE,
)
_SKIP = re.compile(r"\W*skip to (?:the )?(?:main |page )?(?:content|navigation|search)\W*", re.IGNORECASE)
_CONTROL = re.compile(
    r"\W*(?:show|hide|expand description|copy|copied|copy (?:code|to clipboard|item path)"
    r"|menu|search|toggle[\w ]*|close|expand(?: all)?"
    r"|collapse(?: all)?|light|dark|auto|theme|scroll to top|back to top)?\W*",
    re.IGNORECASE,
)
_ANCHOR_MARK = re.compile(r"[\s¶§#🔗⚓∞†\ufe0f]*|(?:perma)?link(?: to this \w+)?", re.IGNORECASE)
_SOURCE_LINK = re.compile(r"\s*\[?(?:source|src|view source)\]?\s*", re.IGNORECASE)
_LINE_NUMBERS = re.compile(
    r"[ _-](?:linenos?|linenodiv|line-numbers?(?:-rows)?|linenumbers?|linenums|lineno|lnt|ln|numbers|gutter(?:-line)?"
    r"|gl|blob-num|lines|src-line-numbers|line-number)[ _-]"
)
_MAIN_NAMES = re.compile(
    r" (?:content|main|main-content|page-content|document|body|bodywrapper|markdown-body|article-body|post-content"
    r"|entry-content|md-content|rst-content|theme-doc-markdown|documentation|doc-content) "
)
_MAIN_SHARE, _NAMED_SHARE, _LINK_SHARE = 0.5, 0.8, 0.5
_SHORT = 400
_LONGEST_NOTICE = 3000


def content_of(page: Page, dropped: Dropped) -> Element:
    """Return the element with a page's content, without boilerplate.

    When nothing would be left (a page that is nothing but navigation), only what is never text goes.
    """
    body = page.first("body") or page.elements[0]
    most = body.size // 2

    def boilerplate(element: Element, around: str) -> str:
        named = _named_boilerplate(element) if element.size <= most else ""
        return _boilerplate(element, around) or named

    if _drop(body, dropped, boilerplate, only_if_some_is_left=True):
        page.measure()
    else:
        _drop(body, dropped, _decoration, only_if_some_is_left=False)
        page.measure()
        return body
    main = _main(page, body)
    if main is not body:
        _note_outside(body, main, dropped)
    return main


Judge = Callable[[Element, str], str]
"""Says what boilerplate an element is, given that it stands in `content`, a titled page `header` or neither."""


def _drop(root: Element, dropped: Dropped, judge: Judge, *, only_if_some_is_left: bool) -> bool:
    """Take out what a judge names; say whether text is left, and if not and if asked, leave all in place."""
    found = list(_judged(root, judge))
    gone = sum(element.size for _, element, _ in found)
    if only_if_some_is_left and gone >= root.size and not _has_images(root):
        return False
    doomed: dict[int, set[int]] = {}
    for parent, element, what in found:
        doomed.setdefault(id(parent), set()).add(id(element))
        _note(element, what, dropped)
    for parent in {id(parent): parent for parent, _, _ in found}.values():
        parent.children = [child for child in parent.children if id(child) not in doomed[id(parent)]]
    return True


def _has_images(root: Element) -> bool:
    return any(
        isinstance(node, Element) and node.tag == "img" and node.attributes.get("alt")
        for node in descendants(root)
    )


def _judged(root: Element, judge: Judge) -> Iterator[tuple[Element, Element, str]]:
    """Yield the outermost elements that are not content, each with its parent and what it is."""
    waiting = [(root, "")]
    while waiting:
        parent, around = waiting.pop()
        for child in parent.children:
            if isinstance(child, Element):
                what = judge(child, around)
                if what:
                    yield parent, child, what
                elif child.children:
                    waiting.append((child, around or _region(child)))


def _region(element: Element) -> str:
    if element.tag in _CONTENT:
        return "content"
    return "header" if element.tag == "header" else ""


def _note(element: Element, what: str, dropped: Dropped) -> None:
    texts = [node for node in descendants(element) if isinstance(node, Text) and node.text.strip()]
    _note_texts(texts, what, dropped)


def _note_texts(texts: list[Text], what: str, dropped: Dropped) -> None:
    if texts:
        lasts = (text.line + text.text.rstrip().count("\n") for text in texts)
        dropped.add(what, min(text.line for text in texts), max(lasts))


def _boilerplate(element: Element, around: str) -> str:
    if around == "header" and element.tag in _HEADER_PARTS and not element.holds & HEADING:
        return "header"
    return _decoration(element, around) or _landmark(element, around)


def _decoration(element: Element, _: str) -> str:
    """Say what an element is that is no text of its own: marks of links, controls, numbers of lines."""
    tag = element.tag
    if tag == "a":
        return _link(element)
    if tag in {"button", "summary"} and _CONTROL.fullmatch(short_text_of(element)):
        return "control"
    if tag == "template":
        return "template"
    if tag == "noscript" and "javascript" in short_text_of(element).lower():
        return "noscript"
    names = element.names
    if names and " katex-html " in names and element.attributes.get("aria-hidden") == "true":
        return "formula for display"
    if names and _LINE_NUMBERS.search(names) and _only_numbers(element):
        return "line numbers"
    return ""


def _only_numbers(element: Element) -> bool:
    texts = (node.text for node in descendants(element) if isinstance(node, Text))
    words = [word for text in texts for word in text.split()]
    return bool(words) and all(word.isdecimal() for word in words)


def _link(element: Element) -> str:
    text, names = short_text_of(element), element.names
    if not text:
        return ""
    own_page = (element.attributes.get("href") or "").startswith("#")
    if own_page and text.strip() and _ANCHOR_MARK.fullmatch(text):
        return "heading link"
    if own_page and text.isdecimal() and element.attributes["href"] == f"#{element.attributes.get('id')}":
        return "line numbers"
    if " headerlink " in names:
        return "heading link"
    if _EDIT.fullmatch(text):
        return "edit link"
    if _SKIP.fullmatch(text):
        return "navigation"
    if (" viewcode-link " in names or " src " in names or " viewcode-back " in names) and (
        " viewcode-back " in names or _SOURCE_LINK.fullmatch(text)
    ):
        return "source link"
    return ""


def _landmark(element: Element, around: str) -> str:
    """Say what part of the page an element declares itself to be."""
    tag, role = element.tag, element.attributes.get("role") or ""
    inside = around == "content"
    if tag == "nav" or role in _NAVIGATION_ROLES:
        return "navigation" if _linked(element) or element.size <= _SHORT else ""
    if tag == "header" or role == "banner":
        return "" if inside or element.holds & TOP_HEADING else "header"
    if role == "contentinfo" or (tag == "footer" and (not inside or _linked(element))):
        return "footer"
    if tag == "aside" or role == "complementary":
        named = _NAVIGATION.search(element.names) and element.size <= _SHORT
        return "aside" if not inside or _linked(element) or named else ""
    return ""


def _named_boilerplate(element: Element) -> str:
    """Say what an element is called, where its text is mostly links or short enough to believe the name."""
    names = element.names
    if not names or element.tag in {"main", "body", "html", "article"}:
        return ""
    if _COOKIES.search(names) and element.size <= _LONGEST_NOTICE:
        return "cookie notice"
    if _NAVIGATION.search(names) and element.size and _linked(element):
        return "navigation"
    if _SURELY_NAVIGATION.search(names) and element.size <= _SHORT:
        return "navigation"
    return ""


def _linked(element: Element) -> bool:
    return element.linked >= _LINK_SHARE * element.size


def _main(page: Page, body: Element) -> Element:
    """Return the element that holds most of the text and says that it is the content; else the body."""
    needs_title = body.holds & TOP_HEADING
    for element in page.elements:
        told = element.tag == "main" or element.attributes.get("role") == "main"
        named = element.tag == "article" or (element.names and _MAIN_NAMES.search(element.names))
        share = _MAIN_SHARE if told else _NAMED_SHARE
        large = element.size > 0 and element.size >= share * body.size
        if (told or named) and large and (not needs_title or element.holds & HEADING):
            return element
    return body


def _note_outside(body: Element, main: Element, dropped: Dropped) -> None:
    """Note the lines before and after the main content where text stands."""
    before: list[Text] = []
    after: list[Text] = []
    current = before
    waiting = [iter(body.children)]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
        elif node is main:
            current = after
        elif isinstance(node, Element):
            waiting.append(iter(node.children))
        elif node.text.strip():
            current.append(node)
    for texts in (before, after):
        _note_texts(texts, "outside the main content", dropped)
