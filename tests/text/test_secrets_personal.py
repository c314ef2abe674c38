import pytest

from lorewright.text.masking import mask
from lorewright.text.personal import find_personal


def masked(text: str) -> str:
    return mask(text, find_personal(text)).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to jane.doe@acme.io.", "Write to [email]."),
        ("Jane <jane+news@mail.acme.co.uk>, Tom <tom@acme.io>", "Jane <[email]>, Tom <[email]>"),
        ("[us](mailto:team@acme.io)", "[us](mailto:[email])"),
        ("__email__ = 'jane@acme.io'", "__email__ = '[email]'"),
        ("Ünal: ünal@acme.io", "Ünal: [email]"),
        ("/home/jdoe/src/app.py", "/home/[user]/src/app.py"),
        ("open('/home/jane.doe/x')", "open('/home/[user]/x')"),
        ("file:///Users/jdoe/x", "file:///Users/[user]/x"),
        ("cd /Users/jdoe && ls", "cd /Users/[user] && ls"),
        (r"C:\Users\jdoe\AppData", r"C:\Users\[user]\AppData"),
        (r'"C:\\Users\\jdoe\\x"', r'"C:\\Users\\[user]\\x"'),
        ("c:/users/jdoe/x", "c:/users/[user]/x"),
        ("cp ~jdoe/notes .", "cp ~[user]/notes ."),
        ("https://www.acme.io/~jdoe/", "https://www.acme.io/~[user]/"),
    ],
)
def test_names_are_hidden_and_the_rest_stays_readable(text: str, expected: str) -> None:
    assert masked(text) == expected
    assert masked(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "git clone git@github.com:acme/app.git",
        "ssh://git@git.acme.io/app.git",
        "user@example.com, someone@example.org, x@test.example",
        "npm install lodash@4.17.21",
        "uses: actions/checkout@v4",
        "@pytest.fixture",
        "the temp dir\n@pytest.fixture\ndef it():",
        "icon@2x.png",
        "systemctl status getty@tty1.service",
        "postgres://acme:pass@db.acme.io/x",
        "a @ b.com",
        "/home/user/app",
        "/home/ubuntu/app",
        "/home/runner/work/app",
        "/Users/Shared/x",
        "cern.ch/home/vo.lhcb/x",
        "~/.config/app",
        "~=1.2 and ~foo",
        ":class:`~airflow.models.DAG`",
        "HEAD~1/x",
        "the delta (~r/x)",
        "/homepage/jdoe",
        "/api/users/jdoe",
    ],
)
def test_logins_examples_and_decorators_stay(text: str) -> None:
    assert masked(text) == text
