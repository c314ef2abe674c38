import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.errors import SourceError
from lorewright.sources.addresses import public_url, repository_name, split_credentials

SEGMENT = st.text("abcdefghgit.-_", min_size=1, max_size=12).filter(lambda text: text.strip(".") == text)


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("https://github.com/apache/airflow", "apache/airflow"),
        ("https://github.com/apache/airflow.git/", "apache/airflow"),
        ("https://user:secret@host:8443/group/sub/legit.git", "group/sub/legit"),
        ("ssh://git@host:22/owner/name.git", "owner/name"),
        ("git@github.com:owner/name.git", "owner/name"),
        ("git@host:name.git.git", "name.git"),
        ("https://host/owner/widget", "owner/widget"),
        ("https://huggingface.co/datasets/owner/name", "datasets/owner/name"),
        ("https://host/owner/a%20b.git?x=1#y", "owner/a b"),
        ("https://host/", "host"),
        ("/srv/git/digit.git", "digit"),
        ("/srv/work/project/.git", "project"),
        ("file:///srv/git/guide.git", "guide"),
    ],
)
def test_a_repository_is_called_by_its_owner_and_name_or_its_folder(location: str, name: str) -> None:
    assert repository_name(location) == name


@given(owner=SEGMENT, name=SEGMENT)
def test_exactly_one_git_suffix_is_removed_in_every_spelling(owner: str, name: str) -> None:
    for location in (
        f"https://h/{owner}/{name}.git",
        f"git@h:{owner}/{name}.git",
        f"ssh://git@h/{owner}/{name}.git",
    ):
        assert repository_name(location) == f"{owner}/{name}"


def test_credentials_are_taken_out_of_a_url_and_decoded() -> None:
    url, credentials = split_credentials("https://some%40one:p%2Fw@host:8443/a/b@c")
    assert url == "https://host:8443/a/b@c"
    assert credentials is not None
    assert (credentials.username, credentials.password) == ("some@one", "p/w")
    assert "p/w" not in repr(credentials)
    assert split_credentials("https://host/@scope/name") == ("https://host/@scope/name", None)


def test_the_login_name_of_ssh_stays_and_a_password_there_is_dropped() -> None:
    assert split_credentials("ssh://git:secret@host/a") == ("ssh://git@host/a", None)


@pytest.mark.parametrize(
    "url", ["https://user:secr/et@host/a", "https:///a", "https://u:secret@", "http://[::1/a"]
)
def test_a_url_without_a_valid_host_is_an_error_that_shows_nothing_of_it(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        split_credentials(url)
    assert "secr" not in caught.value.message + caught.value.hint


def test_messages_are_shown_without_the_credentials_in_them() -> None:
    assert public_url("fatal: 'https://a:b@h/x' and http://t@i/y") == "fatal: 'https://h/x' and http://i/y"
