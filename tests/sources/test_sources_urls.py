import gzip
import itertools
import json
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.records import Rejection
from lorewright.sources.download import DownloadError, _decompressed
from lorewright.sources.urls import FetchedFile, fetch

if TYPE_CHECKING:
    from tests.sources.conftest import Serve, Server

PDF = b"%PDF-1.7\n" + b"x" * 500
PAGE = b"<!DOCTYPE html>\n<html><body><h1>Sign in</h1></body></html>"
KINDS = {".pdf": "pdf", ".html": "html", ".htm": "html", ".md": "markdown", ".txt": "text", ".rst": "rest"}


def _kind_of(path: str) -> str | None:
    return KINDS.get(Path(path).suffix.lower())


def _fetch(folder: Path, *urls: str, **changed: object) -> list[FetchedFile | Rejection]:
    usual = {"max_bytes": 10_000, "timeout_s": 5.0, "ask": "missing", "kind_of": _kind_of, "backoff_s": 0.0}
    return list(fetch(urls, source="web", cache_dir=folder / "cache", **{**usual, **changed}))  # type: ignore[arg-type]


def _one(folder: Path, url: str, **changed: object) -> FetchedFile:
    (found,) = _fetch(folder, url, **changed)
    assert isinstance(found, FetchedFile), found
    return found


def _reason(folder: Path, url: str, **changed: object) -> str:
    (found,) = _fetch(folder, url, **changed)
    assert isinstance(found, Rejection), found
    assert (found.record, found.filter) == ("document", "source")
    return found.reason


def _send(
    handler: BaseHTTPRequestHandler,
    body: bytes = b"",
    content_type: str = "",
    status: int = 200,
    **headers: str,
) -> None:
    handler.send_response(status)
    if content_type:
        handler.send_header("Content-Type", content_type)
    for name, value in {"Content_Length": str(len(body)), **headers}.items():
        if value:
            handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def _sends(*arguments: object, **named: object) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: _send(handler, *arguments, **named)  # type: ignore[arg-type]


def _host(server: "Server") -> str:
    return server.address.removeprefix("http://")


@pytest.mark.parametrize(
    ("path", "content_type", "body", "found", "kind"),
    [
        ("/a.pdf", "application/pdf", PDF, "a.pdf", "pdf"),
        ("/a.PDF", "application/octet-stream", PDF, "a.PDF", "pdf"),
        ("/pdf/2401.00001", "application/pdf;qs=0.001", PDF, "pdf/2401.00001.pdf", "pdf"),
        ("/dir/", "text/html; charset=utf-8", PAGE, "dir/index.html", "html"),
        ("", "text/html", PAGE, "index.html", "html"),
        ("/a.htm", "text/plain", PAGE, "a.htm", "html"),
        ("/page", "text/html", b"<p>Only a part of a page", "page.html", "html"),
        ("/page.php", "", PAGE, "page.php.html", "html"),
        ("/README.md", "text/plain", b'<h1 align="center">A</h1>', "README.md", "markdown"),
        ("/readme", "text/markdown", b"# A", "readme.md", "markdown"),
        ("/a.rst", "text/plain", b"A\n=", "a.rst", "rest"),
        ("/notes", "", b"some text", "notes.txt", "text"),
        ("/x/../b/./c.txt#part", "text/plain", b"some text", "b/c.txt", "text"),
    ],
)
def test_the_kind_is_agreed_on_and_told_by_the_path(
    tmp_path: Path, serve: "Serve", path: str, content_type: str, body: bytes, found: str, kind: str
) -> None:
    server = serve(_sends(body, content_type))
    document = _one(tmp_path, server.address + path)
    assert document.file.path == f"{_host(server)}/{found}"
    assert (document.kind, document.file.size, document.note) == (kind, len(body), "")
    assert document.file.file.read_bytes() == body


@pytest.mark.parametrize(
    ("path", "content_type", "body", "reason"),
    [
        (
            "/a.pdf",
            "text/html",
            PAGE,
            "an HTML page with the content type text/html, where .pdf was promised, perhaps a login or error page",
        ),
        ("/a.pdf", "application/pdf", PAGE, "an HTML page with the content type application/pdf"),
        ("/a.pdf", "application/pdf", b"nothing of the kind", "text with the content type application/pdf"),
        ("/a", "text/html", PDF, "a PDF with the content type text/html"),
        ("/a.pdf", "text/plain", PDF, "a PDF with the content type text/plain"),
        ("/a.md", "text/html", PAGE, "where .md was promised, perhaps a login"),
        ("/a", "text/plain", PAGE, "an HTML page with the content type text/plain"),
        ("/a", "image/png", b"\x89PNG\0", "binary data with the content type image/png, which is no PDF"),
        ("/a", "application/json", b"{}", "text with the content type application/json, which is no PDF"),
        ("/a.txt", "text/plain", b"a\0b", "binary data with the content type text/plain"),
        ("/a.txt", "text/plain", b" \n", "the server sent nothing"),
    ],
)
def test_what_contradicts_itself_or_is_no_document_is_rejected(
    tmp_path: Path, serve: "Serve", path: str, content_type: str, body: bytes, reason: str
) -> None:
    server = serve(_sends(body, content_type))
    assert reason in _reason(tmp_path, server.address + path)
    assert reason in _reason(tmp_path, server.address + path)
    assert len(server.requests) == 1


def test_text_in_a_told_encoding_is_kept_in_utf8(tmp_path: Path, serve: "Serve") -> None:
    server = serve(_sends("Größe".encode("latin-1"), "text/plain; charset=iso-8859-1"))
    assert _one(tmp_path, f"{server.address}/a.txt").file.file.read_bytes().decode("utf-8-sig") == "Größe"


def test_a_copy_is_asked_about_by_its_validators_and_only_on_refresh(tmp_path: Path, serve: "Serve") -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        same = handler.headers.get("If-None-Match") == '"1"'
        _send(
            handler,
            b"" if same else PDF,
            "application/pdf",
            304 if same else 200,
            ETag='"1"',
            Last_Modified="then",
        )

    server = serve(answer)
    first = _one(tmp_path, f"{server.address}/a.pdf")
    assert _one(tmp_path, f"{server.address}/a.pdf") == first
    assert len(server.requests) == 1
    assert _one(tmp_path, f"{server.address}/a.pdf", ask="all") == first
    assert server.requests[1].headers["if-modified-since"] == "then"
    server.answer = _sends(PDF + b"new", "application/pdf")
    second = _one(tmp_path, f"{server.address}/a.pdf", ask="all")
    assert second.file.file.read_bytes() == PDF + b"new"
    assert not first.file.file.exists()
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_a_copy_is_used_with_a_note_while_the_server_is_down(tmp_path: Path, serve: "Serve") -> None:
    server = serve(_sends(b"text", "text/plain"))
    url = f"{server.address}/a.txt"
    first = _one(tmp_path, url)
    server.answer = _sends(b"", status=503)
    again = _one(tmp_path, url, ask="all")
    assert again.file == first.file
    assert "a.txt: the server answered 503 Service Unavailable; the copy of 20" in again.note
    assert len(server.requests) == 4


def test_what_is_gone_is_rejected_and_its_copy_with_it(tmp_path: Path, serve: "Serve") -> None:
    server = serve(_sends(b"text", "text/plain"))
    url = f"{server.address}/a.txt"
    first = _one(tmp_path, url)
    server.answer = _sends(b"", status=404)
    assert _reason(tmp_path, url, ask="all") == "the server answered 404 Not Found"
    assert _reason(tmp_path, url) == "the server answered 404 Not Found"
    assert not first.file.file.exists()
    server.answer = _sends(b"text", "text/plain")
    assert _one(tmp_path, url, ask="all").file == first.file


def test_a_damaged_cache_is_fetched_anew(tmp_path: Path, serve: "Serve") -> None:
    server = serve(_sends(b"text", "text/plain"))
    url = f"{server.address}/a.txt"
    for damage in (b"", b"{", b"[]", b'{"x": 1}'):
        assert _one(tmp_path, url).file.file.read_bytes() == b"text"
        next((tmp_path / "cache").glob("*.json")).write_bytes(damage)
    _one(tmp_path, url).file.file.write_bytes(b"te")
    assert _one(tmp_path, url).file.file.read_bytes() == b"text"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(tmp_path: Path, serve: "Serve", status: int) -> None:
    answers = itertools.chain([_sends(status=status, Retry_After="0")] * 2, itertools.repeat(_sends(PDF)))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        next(answers)(handler)

    server = serve(answer)
    assert _one(tmp_path, f"{server.address}/a.pdf").file.size == len(PDF)
    assert len(server.requests) == 3


def test_a_failure_that_may_pass_is_not_remembered_without_a_copy(tmp_path: Path, serve: "Serve") -> None:
    server = serve(_sends(status=500))
    assert _reason(tmp_path, f"{server.address}/a.pdf") == "the server answered 500 Internal Server Error"
    assert len(server.requests) == 3
    server.answer = _sends(PDF)
    assert _one(tmp_path, f"{server.address}/a.pdf")


def test_no_server_at_all_is_a_rejection_and_the_others_go_on(tmp_path: Path, serve: "Serve") -> None:
    server = serve(_sends(PDF))
    found = _fetch(tmp_path, "http://127.0.0.1:1/a.pdf", f"{server.address}/b.pdf")
    assert isinstance(found[0], Rejection)
    assert "the server cannot be reached: " in found[0].reason
    assert isinstance(found[1], FetchedFile)


def _unfinished(handler: BaseHTTPRequestHandler, body: bytes, **headers: str) -> None:
    _send(handler, body, "application/pdf", 200, **headers)
    handler.close_connection = True


def test_a_body_cut_short_is_rejected_however_it_is_sent(tmp_path: Path, serve: "Serve") -> None:
    server = serve(lambda handler: _unfinished(handler, PDF, Content_Length="5000"))
    assert _reason(tmp_path, f"{server.address}/a.pdf") == "the connection broke before the end"
    assert len(server.requests) == 3
    chunk = b"%x\r\n%s\r\n" % (len(PDF), PDF)
    server.answer = lambda handler: _unfinished(
        handler, chunk, Content_Length="", Transfer_Encoding="chunked"
    )
    assert _reason(tmp_path, f"{server.address}/a.pdf") == "the connection broke before the end"
    cut = gzip.compress(PDF + bytes(range(256)))[:-20]
    server.answer = _sends(cut, "application/pdf", Content_Encoding="gzip")
    assert _reason(tmp_path, f"{server.address}/a.pdf") == "the compressed body stops before its end"
    assert not [file for file in tmp_path.glob("cache/*") if file.suffix != ".json"]


def test_a_slow_body_ends_at_the_time_limit(tmp_path: Path, serve: "Serve") -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        _send(handler, PDF[:9], Content_Length="5000")
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.02)

    server = serve(drip)
    reason = _reason(tmp_path, f"{server.address}/a.pdf", timeout_s=0.3, max_bytes=10**9)
    assert reason == "the download was not finished within 0.3 s"


def test_a_silent_server_is_waited_for_once(tmp_path: Path, serve: "Serve") -> None:
    done = threading.Event()
    server = serve(lambda handler: (done.wait(5), None)[1])
    assert (
        _reason(tmp_path, f"{server.address}/a.pdf", timeout_s=0.2)
        == "the server did not answer within 0.2 s"
    )
    done.set()
    assert len(server.requests) == 1


@pytest.mark.parametrize("length", ["10001", ""])
def test_a_body_over_the_limit_is_rejected_with_or_without_its_length_told(
    tmp_path: Path, serve: "Serve", length: str
) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        _unfinished(handler, b"%PDF-" + b"x" * 9_996, Content_Length=length)

    server = serve(answer)
    assert "more than the limit of 10,000" in _reason(tmp_path, f"{server.address}/a.pdf")
    assert len(server.requests) == 1


def test_a_copy_over_a_lowered_limit_is_rejected(tmp_path: Path, serve: "Serve") -> None:
    server = serve(_sends(PDF))
    assert _one(tmp_path, f"{server.address}/a.pdf")
    assert (
        _reason(tmp_path, f"{server.address}/a.pdf", max_bytes=100) == "509 bytes, more than the limit of 100"
    )


def test_a_gzip_bomb_is_rejected_in_bounded_memory(tmp_path: Path, serve: "Serve") -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()
    server = serve(_sends(bomb, "application/pdf", Content_Encoding="gzip"))
    tracemalloc.start()
    reason = _reason(tmp_path, f"{server.address}/a.pdf", max_bytes=1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reason == "more than the limit of 1,000,000 bytes"
    assert peak < 20_000_000


@given(pieces=st.lists(st.binary(max_size=2000), max_size=5), repeat=st.integers(1, 300))
def test_compressed_bodies_come_out_whole(pieces: list[bytes], repeat: int) -> None:
    body = b"".join(piece * repeat for piece in pieces)
    packed = b"".join(gzip.compress(piece * repeat) for piece in pieces)
    parts = [packed[at : at + 700] for at in range(0, len(packed), 700)]
    response = httpx2.Response(200, headers={"Content-Encoding": "gzip"}, content=iter(parts))
    if packed:
        assert b"".join(_decompressed(response)) == body


def test_an_encoding_that_was_not_asked_for_is_rejected(tmp_path: Path, serve: "Serve") -> None:
    server = serve(_sends(PDF, Content_Encoding="br"))
    assert "'br', which was not asked for" in _reason(tmp_path, f"{server.address}/a.pdf")
    server.answer = _sends(PDF, Content_Encoding="gzip")
    assert _reason(tmp_path, f"{server.address}/b.pdf") == "the body is no valid gzip stream"


def test_redirects_are_followed_a_few_times_and_only_to_http(tmp_path: Path, serve: "Serve") -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        targets = {
            "/moved": "/a.pdf",
            "/loop": "/loop",
            "/file": "file:///etc/passwd",
            "/ftp": "ftp://h/a.pdf",
        }
        if handler.path in targets:
            _send(handler, status=302, Location=targets[handler.path])
        else:
            _send(handler, PDF, "application/pdf")

    server = serve(answer)
    assert _one(tmp_path, f"{server.address}/moved").file.path == f"{_host(server)}/moved.pdf"
    assert _reason(tmp_path, f"{server.address}/loop") == "more than 5 redirects"
    assert _reason(tmp_path, f"{server.address}/file") == "a redirect from http to file is not followed"
    assert _reason(tmp_path, f"{server.address}/ftp") == "a redirect from http to ftp is not followed"


def test_credentials_reach_their_host_alone_and_are_never_shown(tmp_path: Path, serve: "Serve") -> None:
    other = serve(_sends(PDF))
    target = other.address.replace("127.0.0.1", "localhost") + "/x.pdf"
    server = serve(_sends(status=302, Location=target))
    url = server.address.replace("://", "://someone:s3cret@") + "/a.pdf?signature=s3cret"
    found = _one(tmp_path, url)
    assert server.authorizations == ["Basic c29tZW9uZTpzM2NyZXQ="]
    assert other.authorizations == [""]
    assert "s3cret" not in repr(found)
    server.answer = _sends(status=503)
    assert "s3cret" not in _one(tmp_path, url, ask="all").note
    server.answer = _sends(status=403)
    assert "s3cret" not in repr(_fetch(tmp_path, url, ask="all"))
    for file in (tmp_path / "cache").iterdir():
        assert b"s3cret" not in file.read_bytes()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://u:s3cret@h/a.pdf", "ftp:// is no http or https address"),
        ("file:///etc/passwd", "file:// is no http or https address"),
        ("paper.pdf", "it is no http or https address"),
        ("http://u:s3c/ret@h/a.pdf", "an address that begins with http:// has no valid host"),
        ("http:///a.pdf", "an address that begins with http:// has no valid host"),
        ("http://h/a b.pdf", "an address holds no spaces; write %20"),
        ("http://h/\ud800.pdf", "an address holds no spaces; write %20"),
    ],
)
def test_what_is_no_web_address_is_rejected_without_a_request(tmp_path: Path, url: str, reason: str) -> None:
    (found,) = _fetch(tmp_path, url)
    assert isinstance(found, Rejection)
    assert found.reason == reason
    assert "s3c" not in repr(found)
    assert json.loads(found.model_dump_json())


def test_queries_make_documents_of_their_own_and_an_address_counts_once(
    tmp_path: Path, serve: "Serve"
) -> None:
    server = serve(_sends(PDF, "application/pdf"))
    found = _fetch(tmp_path, *(f"{server.address}/get.pdf{end}" for end in ("?id=1", "?id=2", "?id=1", "#a")))
    paths = [entry.file.path for entry in found if isinstance(entry, FetchedFile)]
    assert len(set(paths)) == 3
    assert all(path.startswith(f"{_host(server)}/get") and path.endswith(".pdf") for path in paths)
    (again,) = (entry for entry in found if isinstance(entry, Rejection))
    assert again.reason == "the same address stands in the list twice"
    assert again.name.removeprefix("web/") not in paths


def test_a_kind_that_no_parser_reads_is_rejected_by_name(tmp_path: Path, serve: "Serve") -> None:
    server = serve(_sends(PAGE, "text/html"))
    reason = _reason(tmp_path, f"{server.address}/", kind_of=lambda _path: None)
    assert reason == "no parser reads .html documents"


@given(rest=st.text())
def test_no_address_is_fatal(tmp_path_factory: pytest.TempPathFactory, rest: str) -> None:
    refused = mock.patch("lorewright.sources.urls.download", side_effect=DownloadError("no", passing=True))
    with refused:
        found = _fetch(tmp_path_factory.getbasetemp(), rest, f"http://{rest}", f"https://127.0.0.1/{rest}")
    assert all(isinstance(entry, Rejection) and entry.name.isprintable() for entry in found)


def test_without_asking_no_connection_is_opened_and_what_failed_is_told_again(
    tmp_path: Path, serve: "Serve"
) -> None:
    server = serve(_sends(b"", "text/plain", status=503))
    url = f"{server.address}/a.pdf"
    assert _reason(tmp_path, url, ask="nothing") == "it was not fetched yet: lore ingest"
    assert server.requests == []
    told = _reason(tmp_path, url)
    assert "503" in told
    asked = len(server.requests)
    assert _reason(tmp_path, url, ask="nothing") == told
    assert len(server.requests) == asked
    server.answer = _sends(PDF, "application/pdf")
    assert _one(tmp_path, url).kind == "pdf"
