"""The licence that package metadata states: pyproject.toml, package.json, Cargo.toml, setup.cfg."""

import configparser
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

_MAX_BYTES = 2_000_000
_SPELLINGS = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "apache software license 2.0": "Apache-2.0",
    "mit license": "MIT",
    "the mit license": "MIT",
    "bsd 2-clause": "BSD-2-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd-3": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "isc license": "ISC",
    "gplv2": "GPL-2.0",
    "gplv3": "GPL-3.0",
    "gplv3+": "GPL-3.0-or-later",
    "mpl 2.0": "MPL-2.0",
}


def stated_licence(folder: Path) -> str:
    """Return the SPDX expression that a folder's package metadata states, the first of the files that states one.

    Empty when none does, or only in words that name no licence of SPDX.
    """
    for name, reader in _READERS.items():
        file = folder / name
        try:
            if not file.is_file() or file.stat().st_size > _MAX_BYTES:
                continue
            stated = reader(file.read_text("utf-8"))
        except (OSError, ValueError, TypeError, AttributeError, RecursionError, configparser.Error):
            continue
        if isinstance(stated, str) and (expression := spdx(stated)):
            return expression
    return ""


def spdx(stated: str) -> str:
    """Return a licence's SPDX expression in SPDX's own spelling; empty when the words name none."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    words = " ".join(stated.replace(",", " ").split())
    usual = _SPELLINGS.get(words.lower(), words)
    try:
        return str(canonicalize_license_expression(re.sub(r"\s*/\s*", " OR ", usual)))
    except InvalidLicenseExpression:
        return ""


def _from_pyproject(text: str) -> Any:
    tree = tomllib.loads(text)
    stated = tree.get("project", {}).get("license") or tree.get("tool", {}).get("poetry", {}).get("license")
    return stated.get("text") if isinstance(stated, dict) else stated


def _from_package(text: str) -> Any:
    tree = json.loads(text)
    stated = tree.get("license") or tree.get("licenses")
    if isinstance(stated, list):
        return " OR ".join(str(one["type"] if isinstance(one, dict) else one) for one in stated)
    return stated.get("type") if isinstance(stated, dict) else stated


def _from_cargo(text: str) -> Any:
    tree = tomllib.loads(text)
    shared = tree.get("workspace", {}).get("package", {}).get("license")
    stated = tree.get("package", {}).get("license")
    return stated if isinstance(stated, str) else shared


def _from_setup(text: str) -> Any:
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return parser.get("metadata", "license", fallback="")


_READERS: dict[str, Callable[[str], Any]] = {
    "pyproject.toml": _from_pyproject,
    "package.json": _from_package,
    "Cargo.toml": _from_cargo,
    "setup.cfg": _from_setup,
}
