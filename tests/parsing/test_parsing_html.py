"""HTML pages become Markdown-like text: content without boilerplate, each word on its source line."""

import re
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.errors import ParseError
from lorewright.core.records import Parsed
from lorewright.parsing.html import parse_html
from lorewright.parsing.html_source import declared_in_html
from lorewright.text.spans import Locator


def rendered(html: str) -> str:
    return parse_html(html).text


def kinds(html: str) -> list[tuple[str, str]]:
    return [(block.kind, block.title) for block in parse_html(html).blocks]


def dropped(parsed: Parsed) -> list[tuple[str, int, int]]:
    return [(entry["what"], entry["first"], entry["last"]) for entry in parsed.metadata.get("dropped", [])]


def lines_of_words(parsed: Parsed) -> dict[str, int]:
    locator = Locator(parsed.source_map, parsed.text)
    return {
        match[0]: locator.place(match.start(), match.end()).first
        for match in re.finditer(r"\w+", parsed.text)
    }


PAGE = """\
<!DOCTYPE html>
<!-- Licensed under the Apache License, Version 2.0 -->
<html><head><meta charset="utf-8"><title>Retrying a task &mdash; Widget 2.1 documentation</title>
<style>p { color: red }</style>
<script>var x = "<p>no</p>";</script></head>
<body>
<nav><a href="/">Home</a> <a href="/docs">Docs</a></nav>
<header><a href="/">Widget</a></header>
<main>
<h1>Retrying a task<a class="headerlink" href="#retrying">¶</a></h1>
<p>A task that <em>fails</em> runs
again; see <a href="limits.html">the limits</a> and <code>pkg.Task</code>.</p>
<h2 id="options">Options</h2>
<div class="highlight-python"><div class="highlight"><pre><span></span><span class="c"># not a heading</span>
<span class="k">def</span> <span class="nf">retry</span>():

    <span class="k">return</span> 3 &lt; 4
</pre></div></div>
<ul><li>one</li><li>two<ul><li>deep</li></ul></li></ul>
<table><thead><tr><th>Name</th><th>Default</th></tr></thead>
<tbody><tr><td>a|b</td><td>1<br>2</td></tr></tbody></table>
<dl><dt>retries</dt><dd><p>How often.</p></dd></dl>
<blockquote><p>Quoted.</p></blockquote>
<figure><img src="x.png" alt="A plot"><figcaption>Its caption.</figcaption></figure>
<details><summary>More</summary><p>Hidden.</p></details>
<p><a href="https://example.org/edit">Edit this page</a></p>
</main>
<footer>Copyright 2026</footer>
</body></html>
"""


def test_a_page_becomes_markdown_without_its_boilerplate() -> None:
    parsed = parse_html(PAGE)
    assert parsed.text == dedent(
        """\
        # Retrying a task

        A task that fails runs
        again; see the limits and `pkg.Task`.

        ## Options

        ```python
        # not a heading
        def retry():

            return 3 < 4
        ```

        - one
        - two
          - deep

        | Name | Default |
        | --- | --- |
        | a\\|b | 1 2 |

        retries
        :   How often.

        > Quoted.

        A plot

        Its caption.

        More

        Hidden."""
    )
    assert (parsed.kind, parsed.title, parsed.licence) == ("html", "Retrying a task", "Apache-2.0")


def test_blocks_tell_the_structure() -> None:
    assert [(block.kind, block.level, block.title) for block in parse_html(PAGE).blocks] == [
        ("heading", 1, "Retrying a task"),
        ("paragraph", 0, ""),
        ("heading", 2, "Options"),
        ("code", 0, ""),
        ("list", 0, ""),
        ("table", 0, ""),
        ("definition", 0, "retries"),
        ("quote", 0, ""),
        ("other", 0, ""),
        ("paragraph", 0, ""),
        ("paragraph", 0, ""),
        ("paragraph", 0, ""),
    ]


def test_what_is_dropped_is_listed_with_its_lines() -> None:
    assert dropped(parse_html(PAGE)) == [
        ("licence", 2, 2),
        ("style", 4, 4),
        ("script", 5, 5),
        ("navigation", 7, 7),
        ("header", 8, 8),
        ("heading link", 10, 10),
        ("edit link", 26, 26),
        ("footer", 28, 28),
    ]


def test_every_word_of_a_page_is_on_its_line() -> None:
    found = lines_of_words(parse_html(PAGE))
    expected = {"fails": 11, "again": 12, "Task": 12, "def": 15, "return": 17, "deep": 19, "Default": 20}
    assert {word: found[word] for word in expected} == expected
    assert found["caption"] == 24


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a&amp;b &lt;c&gt; &copy; &#x41;&nbsp;x</p>", "a&b <c> © A x"),
        ("<p>soft&shy;hyphen zero\u200bwidth</p>", "softhyphen zerowidth"),
        ("<p>one<br>two</p>", "one\ntwo"),
        ("one<br><br>two", "one\n\ntwo"),
        ("<p>a<b>b</b>c <i> d </i> e</p>", "abc d e"),
        ("<p>2<sup>32</sup> and note<sup>1</sup></p>", "2^32 and note1"),
        ("<p><q>said</q> <code>a`b</code><tt>c</tt></p>", '"said" ``a`b```c`'),
        ("<p>see <code> spaced </code> here</p>", "see `spaced` here"),
        ("<h2><code>run</code> it</h2>x", "## run it\n\nx"),
        ("<ol start=3><li>c<li value=7>g</ol>", "3. c\n7. g"),
        ("<ol type=a><li>x<li>y</ol>", "a. x\nb. y"),
        ("<ul><li><p>one</p><p>two</p></li></ul>", "- one\n\n  two"),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n    - b"),
        ("<ul><li>x<pre>  a\n\n  b</pre></ul>", "- x\n\n  ```\n    a\n\n    b\n  ```"),
        ("<dl><dt>a<dt>b<dd>x<dd>y</dl>", "a\nb\n:   x\n\n:   y"),
        ("<dl><div><dt>a</dt><dd>x</dd></div></dl>", "a\n:   x"),
        ("<dl><dt>alone</dl>", "alone"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<ul><li><h3>Card</h3><p>text</p></li></ul>", "### Card\n\ntext"),
        ("<a href=x><div>block in a link</div></a>", "block in a link"),
        ("<select><option>one<option>two</select>", "one\n\ntwo"),
        ("<textarea>typed <b></textarea>", "typed <b>"),
        ("<svg><text>A</text>\n<text>B</text></svg>", "A B"),
        ('<p>so <script type="math/tex">x^2 < 3</script></p>', "so $x^2 < 3$"),
        ("<xmp><b>raw</b></xmp>", "```\n<b>raw</b>\n```"),
    ],
)
def test_markup_keeps_its_text(html: str, expected: str) -> None:
    assert rendered(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<pre><code class="language-js">let a\n</code></pre>', "```js\nlet a\n```"),
        ('<pre class="sourceCode python"><code>x</code></pre>', "```python\nx\n```"),
        ('<div class="highlight highlight-source-shell"><pre>ls</pre></div>', "```shell\nls\n```"),
        ('<div data-lang="go"><pre>x</pre></div>', "```go\nx\n```"),
        ('<div class="highlight-default"><pre>x</pre></div>', "```\nx\n```"),
        ("<pre>\n  a\n\n\tb  \n</pre>", "```\n  a\n\n\tb\n```"),
        ("<pre>a<br>b<div>c</div><div>d</div></pre>", "```\na\nb\nc\nd\n```"),
        ("<pre>```\nx\n````</pre>", "`````\n```\nx\n````\n`````"),
        (
            '<pre><code class="language-js">a\n1</code><code class="language-ts">b\n2</code></pre>',
            "```js\na\n1\n```\n\n```ts\nb\n2\n```",
        ),
        (
            '<table class="highlighttable"><td class="linenos"><pre>1\n2</pre></td><td><pre>a\n  b</pre></td></table>',
            "```\na\n  b\n```",
        ),
        (
            '<pre><table><tr><td class="hljs-ln-numbers">1<td>a<tr><td class="hljs-ln-numbers">2<td>  b</table></pre>',
            "```\na\n  b\n```",
        ),
        ('<pre><span class="linenos">1</span>a\n<span class="linenos">2</span>b</pre>', "```\na\nb\n```"),
        ('<pre><a href="#1" id="1">1</a>fn a() {\n<a href="#2" id="2">2</a>}</pre>', "```\nfn a() {\n}\n```"),
    ],
)
def test_code_is_kept_to_the_character(html: str, expected: str) -> None:
    assert rendered(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<table><tr><th>a<th>b<tr><td rowspan=2>x<td>1<tr><td>2</table>",
            "| a | b |\n| --- | --- |\n| x | 1 |\n| x | 2 |",
        ),
        (
            "<table><tr><th colspan=2>ab<th>c<tr><td>1<td>2<td>3</table>",
            "| ab |  | c |\n| --- | --- | --- |\n| 1 | 2 | 3 |",
        ),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "|   |   |\n| --- | --- |\n| a | b |\n| c |  |"),
        (
            "<table><caption>Sizes</caption><tr><th>a<tr><td><ul><li>x<li>y</ul></table>",
            "Sizes\n\n| a |\n| --- |\n| - x - y |",
        ),
        ("<table><tr><td><h1>Page</h1><td><p>text</table>", "# Page\n\ntext"),
        ("<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>", "a\n\nb\n\nc\n\nd"),
        (
            "<table><tr><td>outer<td><table><tr><th>in<tr><td>1</table></table>",
            "outer\n\n| in |\n| --- |\n| 1 |",
        ),
        (
            "<table>stray<tr><td>a<td>b<tr><td>c<td>d</table>",
            "stray\n\n|   |   |\n| --- | --- |\n| a | b |\n| c | d |",
        ),
    ],
)
def test_tables_keep_every_cell(html: str, expected: str) -> None:
    assert rendered(html) == expected


def test_methods_follow_their_class() -> None:
    page = (
        '<dl class="py class"><dt>class Task</dt><dd><p>Work.</p><dl class="py method"><dt>run()</dt>'
        '<dd><p>Do it.</p><dl class="field-list"><dt>Returns</dt><dd>x</dd></dl></dd></dl></dd></dl>'
    )
    assert kinds(page) == [("definition", "class Task"), ("definition", "run()")]
    assert "Returns" in rendered(page)


@pytest.mark.parametrize(
    ("boilerplate", "what"),
    [
        ("<nav><a href=a>go</a></nav>", "navigation"),
        ('<div role="navigation"><a href=a>go</a></div>', "navigation"),
        ('<div class="sphinxsidebar"><ul><li><a href=a>go</a></ul></div>', "navigation"),
        ('<div class="breadcrumbs"><a href=a>go</a> » here</div>', "navigation"),
        ('<a href="#main">Skip to content</a>', "navigation"),
        ("<header><span>go</span></header>", "header"),
        ("<footer>go</footer>", "footer"),
        ("<aside>go</aside>", "aside"),
        ('<div id="cookie-banner">We use cookies go</div>', "cookie notice"),
        ('<a href="https://x/edit">Edit on GitHub</a>', "edit link"),
        ('<a href="#x">#</a>', "heading link"),
        ("<button>Copy code</button>", "control"),
        ("<noscript>Please enable JavaScript to go</noscript>", "noscript"),
        ("<template><p>go</p></template>", "template"),
        ("<!-- go -->", "comment"),
        ('<a class="reference viewcode-link" href="m.html">[source]</a>', "source link"),
    ],
)
def test_boilerplate_goes_and_is_listed(boilerplate: str, what: str) -> None:
    parsed = parse_html(f"<body>\n{boilerplate}\n<p>The text of this page goes on for a while.</p>\n</body>")
    assert parsed.text == "The text of this page goes on for a while."
    assert dropped(parsed) == [(what, 2, 2)]


@pytest.mark.parametrize(
    "kept",
    [
        '<aside class="admonition note"><p>Mind this.</p></aside>',
        '<div class="sidebar"><p>A sidebar with words of its own.</p></div>',
        "<article><header><p>By somebody</p></header></article>",
        '<div class="cookie-settings">How cookies are set.</div>',
        '<p>Footnote <a href="#fn1">1</a></p>',
        "<button>What is a task?</button>",
        "<noscript>Words for all.</noscript>",
        "<div hidden>Second tab.</div>",
        "<iframe><p>Fallback.</p></iframe>",
        "<blockquote><footer>Its author</footer></blockquote>",
    ],
)
def test_what_may_be_content_is_kept(kept: str) -> None:
    parsed = parse_html(f"<main><p>Some text.</p>{kept}</main>")
    words = re.findall(r"[\w]+", re.sub(r"<[^>]*>", " ", kept))
    assert set(words) <= set(re.findall(r"\w+", parsed.text))
    assert not dropped(parsed)


def test_a_page_of_nothing_but_navigation_keeps_it() -> None:
    parsed = parse_html("<nav><ul><li><a href=a>One</a><li><a href=b>Two</a></ul></nav>")
    assert parsed.text == "- One\n- Two"


def test_text_beside_the_main_content_is_listed() -> None:
    parsed = parse_html("<p>before</p>\n<main><h1>T</h1>words that are most of the page</main>\n<p>after</p>")
    assert parsed.text == "# T\n\nwords that are most of the page"
    assert dropped(parsed) == [("outside the main content", 1, 1), ("outside the main content", 3, 3)]


def test_a_small_main_element_is_not_taken_for_the_page() -> None:
    assert rendered(f"<main>x</main><p>{'word ' * 20}</p>").startswith("x")


@pytest.mark.parametrize(
    ("title", "heading", "expected"),
    [
        ("Limits | Widget Docs", "Limits", "Limits"),
        ("Limits — Widget 1.2 documentation", "", "Limits"),
        ("Assert | Widget v2 Documentation", "Widget v2 documentation", "Assert"),
        ("Black - and white", "", "Black - and white"),
        ("", "Only here", "Only here"),
        ("Told", "", "Told"),
        ("", "", ""),
    ],
)
def test_the_title_is_the_page_s_and_not_the_site_s(title: str, heading: str, expected: str) -> None:
    parsed = parse_html(f"<title>{title}</title><h1>{heading}</h1><p>text</p><svg><title>icon</title></svg>")
    assert parsed.title == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>one<p>two<div>three", "one\n\ntwo\n\nthree"),
        ("plain words", "plain words"),
        ("<b>open <p>then", "open\n\nthen"),
        ("a < b and c > d", "a < b and c > d"),
        ("<p>x</p></body></html><p>late</p>", "x\n\nlate"),
        (
            '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>a<br/>b</p></body></html>',
            "a\nb",
        ),
        ('<title/><script src="x.js"/><p><a name="y"/>kept</p>', "kept"),
        ("<p><![CDATA[a < b]]></p>", "a < b"),
        ("<p>a<!-- c -->b<!--->c</p>", "abc"),
        ("<frameset><noframes><p>Words</p></noframes></frameset>", "Words"),
        ("<p>x <plaintext>a <b>", "x\n\n```\na <b>\n```"),
        ("<p title='a > b'>x</p>", "x"),
        ("<table><tr><td>cell<p>unclosed", "cell\n\nunclosed"),
        ("\ud800<p>x\x0by</p>", "x y"),
    ],
)
def test_broken_markup_keeps_its_text(html: str, expected: str) -> None:
    assert rendered(html) == expected


def test_an_unfinished_tag_is_listed() -> None:
    assert dropped(parse_html('<p>x</p>\n<a href="never closed\nwords')) == [("unfinished tag", 2, 3)]


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("<body></body>", "holds no text"),
        ("<script>draw()</script><div id=root></div>", "no text without its scripts"),
        ("<frameset><frame src='a.html'><frame src=b.html></frameset>", r"frames: a\.html, b\.html"),
        ("<!-- only a comment -->", "holds no text"),
    ],
)
def test_a_page_without_text_is_refused_with_the_reason(html: str, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        parse_html(html)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 10_000 + "deep" + "</div>" * 10_000,
        "<ul><li>" * 3000 + "deep",
        "<blockquote>" * 3000 + "deep",
        "<dl><dd>" * 3000 + "deep",
        "<table><tr><td>" * 3000 + "deep",
        "<span>" * 10_000 + "deep",
        "".join(f"<code id={n}><p>" for n in range(3000)) + "deep",
        "".join(f"<font size={n}><p>" for n in range(3000)) + "deep",
        "<a " * 50_000 + ">deep",
        "<table><tr><td rowspan=65000 colspan=1000>" + "<tr><td>x" * 2000 + "</table>deep",
    ],
)
def test_runaway_markup_is_read(html: str) -> None:
    assert "deep" in rendered(html)


def test_a_page_in_one_long_line_is_read() -> None:
    parsed = parse_html("<p>" + "some <b>words</b> " * 100_000 + "</p>")
    assert parsed.text.count("words") == 100_000
    assert parsed.source_map.numbers == (1,)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'<meta charset="windows-1251">', "cp1251"),
        (b"<meta http-equiv=Content-Type content='text/html; charset=iso-8859-1'>", "cp1252"),
        (b'<?xml version="1.0" encoding="Shift_JIS"?><html>', "shift_jis"),
        (b"<meta charset=nonsense>", None),
        (b"<p>charset=utf-8</p>", None),
    ],
)
def test_the_declared_encoding_is_found(head: bytes, expected: str | None) -> None:
    assert declared_in_html(head) == expected


class _Words:
    """Draws words that occur once, and keeps count."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.count = 0

    def text(self) -> str:
        words = []
        for _ in range(self._draw(st.integers(1, 4))):
            self.count += 1
            words.append(f"w{self.count}x")
        return self._draw(st.sampled_from([" ", "\n", "  \n ", "<br>", "<!-- \n -->\n"])).join(words)

    def gap(self) -> str:
        return self._draw(st.sampled_from(["", " ", "\n", "\n\n  ", "<!-- c\nc -->", "<script>\n</script>"]))


def _inline(words: _Words, draw: st.DrawFn) -> str:
    form = draw(
        st.sampled_from(
            ["{}", "<b>{}</b>", "<code>{}</code>", "<a\n href='x'>{}</a>", "<img alt='{}'>", "&#10;{}"]
        )
    )
    return form.format(re.sub("<.*?>", " ", words.text(), flags=re.DOTALL) if "img" in form else words.text())


def _block(words: _Words, draw: st.DrawFn, depth: int) -> str:
    def inner() -> str:
        if depth > 2 or draw(st.booleans()):
            return " ".join(_inline(words, draw) for _ in range(draw(st.integers(1, 3))))
        return _block(words, draw, depth + 1)

    name = draw(
        st.sampled_from(["p", "div", "h2", "ul", "dl", "table", "pre", "blockquote", "section", "details"])
    )
    gap = words.gap
    if name in {"p", "h2", "pre"}:
        return f"<{name}\nid=a>{gap()}{_inline(words, draw)}{gap()}</{name}>"
    if name == "ul":
        return f"<ul>{gap()}<li>{inner()}{gap()}<li>{inner()}</ul>"
    if name == "dl":
        return f"<dl>{gap()}<dt>{_inline(words, draw)}</dt>{gap()}<dd>{inner()}</dd></dl>"
    if name == "table":
        cells = [f"<td>{gap()}{inner()}</td>{gap()}" for _ in range(4)]
        return f"<table>{gap()}<tr>{cells[0]}{cells[1]}</tr>{gap()}<tr>{cells[2]}{cells[3]}</tr></table>"
    return f"<{name}>{gap()}{inner()} {gap()}{inner()}</{name}>"


@st.composite
def _pages(draw: st.DrawFn) -> str:
    words = _Words(draw)
    return words.gap().join(_block(words, draw, 0) for _ in range(draw(st.integers(1, 4))))


@settings(deadline=None, max_examples=120)
@given(_pages())
def test_every_word_is_kept_once_in_order_and_on_its_line(html: str) -> None:
    parsed = parse_html(html)
    expected = {match[0]: html.count("\n", 0, match.start()) + 1 for match in re.finditer(r"w\d+x", html)}
    assert re.findall(r"w\d+x", parsed.text) == list(expected)
    found = lines_of_words(parsed)
    assert {word: found[word] for word in expected} == expected


_SHREDS = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<div>",
            "</div>",
            "<b>",
            "</b>",
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<ul>",
            "<li>",
        ),
        *(
            "<pre>",
            "</pre>",
            "<code>",
            "</code>",
            "<a href='",
            "'>",
            "<!--",
            "-->",
            "<script>",
            "</script>",
            "<h1>",
        ),
        *(
            "<svg>",
            "</svg>",
            "<![CDATA[",
            "]]>",
            "<template>",
            "</template>",
            "<frameset>",
            "<title>",
            "<dl>",
        ),
        *(
            "<dt>",
            "<dd>",
            "<br>",
            "<img alt=x>",
            "&amp;",
            "&#10;",
            "&",
            "<",
            ">",
            '"',
            "\n",
            " ",
            "é 漢字",
            "word",
        ),
        *(
            "<select>",
            "<option>",
            "<textarea>",
            "<nav>",
            "<main>",
            "<math>",
            "<sup>",
            "2",
            "<q>",
            "</body>",
            "<td ",
        ),
    ]
)


@settings(deadline=None, max_examples=200)
@given(st.lists(_SHREDS, min_size=1, max_size=25).map("".join) | st.text(max_size=60))
def test_whatever_is_read_is_covered_by_blocks_with_lines_of_the_file(html: str) -> None:
    try:
        parsed = parse_html(html)
    except ParseError:
        return
    position = 0
    for block in parsed.blocks:
        assert not parsed.text[position : block.start].strip()
        assert block.start <= block.body <= block.end
        inside = parsed.text[block.start : block.end]
        assert inside.strip()
        assert inside == inside.rstrip()
        position = block.end
    assert position == len(parsed.text)
    assert list(parsed.source_map.offsets) == sorted(set(parsed.source_map.offsets))
    locator = Locator(parsed.source_map, parsed.text)
    last = html.count("\n") + 1
    assert all(1 <= locator.place(offset, offset + 1).first <= last for offset in range(len(parsed.text)))
