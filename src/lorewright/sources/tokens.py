"""Access to private repositories: a token from the environment, handed to git so that nobody else sees it."""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from lorewright.core.errors import SourceError
from lorewright.sources.addresses import Credentials

_BY_HOST: Mapping[str, tuple[str, ...]] = {
    "github.com": ("GITHUB_TOKEN", "GH_TOKEN"),
    "gitlab.com": ("GITLAB_TOKEN",),
    "huggingface.co": ("HF_TOKEN",),
}
_OTHERWISE = ("LORE_GIT_TOKEN",)
_USERNAME, _PASSWORD = "LORE_GIT_USERNAME", "LORE_GIT_PASSWORD"
_ANSWER = f'printf \'username=%s\\npassword=%s\\n\' "${_USERNAME}" "${_PASSWORD}"'


def token_variables(url: str, token_env: str) -> tuple[str, ...]:
    """Return the names of the environment variables that may hold the token of a URL's host, first wins."""
    if token_env:
        return (token_env,)
    return _BY_HOST.get((urlsplit(url).hostname or "").removeprefix("www."), _OTHERWISE)


def token_of(url: str, token_env: str, username: str = "") -> Credentials | None:
    """Return the credentials that the environment holds for the host of an `http` or `https` URL.

    Args:
        url: Where a repository lies, without credentials.
        token_env: Name of the one variable to look at; empty for those that are usual for the host, which for
            a public host are read for `https` only.
        username: Who the token belongs to; empty where the host does not ask for that.

    Raises:
        SourceError: A variable holds a line break, so no token.
    """
    scheme, host = urlsplit(url).scheme, urlsplit(url).hostname or ""
    if scheme not in {"http", "https"} or (scheme == "http" and host in _BY_HOST and not token_env):
        return None
    for name in token_variables(url, token_env):
        token = os.environ.get(name, "").strip()
        if any(character in token for character in "\r\n\x00"):
            raise SourceError(f"{name} holds more than one line", hint=f"set {name} to the token alone")
        if token:
            return Credentials(username or ("oauth2" if "gitlab" in host else "x-access-token"), token)
    return None


def git_access(url: str, credentials: Credentials | None) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the options and the environment by which git answers when the host of a URL asks who calls.

    The options hold names only. Git asks the helper for this scheme, host and port alone, so a redirect elsewhere
    gets nothing; helpers of the user are left out, or they would store the token.
    """
    if credentials is None:
        return (), {}
    parts = urlsplit(url)
    helper = f'!f() {{ test "$1" = get && {_ANSWER}; }}; f'
    options = (
        *("-c", "credential.helper="),
        *("-c", f"credential.{parts.scheme}://{parts.netloc}.helper={helper}"),
    )
    return options, {_USERNAME: credentials.username, _PASSWORD: credentials.password}
