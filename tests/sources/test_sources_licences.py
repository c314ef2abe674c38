import importlib.metadata
import json
from pathlib import Path

import pytest

from lorewright.sources.licences import UNRECOGNISED, file_licence, folder_licence, nearest_licence
from lorewright.sources.package_metadata import spdx

MIT = """\
MIT License

Copyright (c) 2026 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.{more}

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
PLAIN_MIT = MIT.format(more="")
APACHE = Path(__file__).parents[2] / "LICENSE"


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "name", ["LICENSE", "LICENCE.md", "license.txt", "COPYING", "COPYING.rst", "LICENSE-MIT"]
)
def test_a_licence_file_is_known_by_its_text_under_every_usual_name(tmp_path: Path, name: str) -> None:
    _write(tmp_path / name, PLAIN_MIT)
    assert folder_licence(tmp_path, root=tmp_path) == "MIT"


def test_a_licence_is_recognised_with_text_before_and_after(tmp_path: Path) -> None:
    preface = "The project is licensed under the terms of the MIT license, reproduced below.\n\n= = =\n\n"
    assert (
        file_licence(_write(tmp_path / "a", preface + PLAIN_MIT + "\n\nBundled parts: x, y, z.\n")) == "MIT"
    )
    apache = APACHE.read_text("utf-8")
    assert file_licence(
        _write(tmp_path / "b", f"{apache}\n\nThis product bundles Whisk, under the ISC license.\n")
    ) == ("Apache-2.0")


def test_a_notice_names_its_licence(tmp_path: Path) -> None:
    notice = 'Copyright 2026 A. Licensed under the Apache License, Version 2.0 (the "License"); you may not use ...'
    assert file_licence(_write(tmp_path / "LICENSE", notice)) == "Apache-2.0"


@pytest.mark.parametrize(
    "text",
    [
        MIT.format(more=" The Software shall be used for Good, not Evil."),
        MIT.format(more=" It may not be used for training."),
        PLAIN_MIT + "\n“Commons Clause” License Condition v1.0\n",
        "All rights reserved.\n",
        "These data are freely available for research or academic work. Cite the paper where applicable.\n",
        "A modified version of the Apache License 2.0 with the following additional conditions: pay us.\n",
    ],
)
def test_words_that_are_no_known_licence_are_told_apart_from_silence(tmp_path: Path, text: str) -> None:
    _write(tmp_path / "LICENSE", text)
    assert folder_licence(tmp_path, root=tmp_path) == UNRECOGNISED


def test_nothing_stated_is_empty(tmp_path: Path) -> None:
    _write(tmp_path / "README.md", "MIT")
    _write(tmp_path / "licensing.md", PLAIN_MIT)
    assert folder_licence(tmp_path, root=tmp_path) == ""


def test_an_spdx_tag_counts_first(tmp_path: Path) -> None:
    _write(tmp_path / "LICENSE", "SPDX-License-Identifier: MPL-2.0 AND MIT\n\nsee below")
    assert folder_licence(tmp_path, root=tmp_path) == "MPL-2.0 AND MIT"


def test_several_licence_files_all_count_unless_metadata_states_the_choice(tmp_path: Path) -> None:
    _write(tmp_path / "LICENSE-MIT", PLAIN_MIT)
    _write(tmp_path / "LICENSE-APACHE", APACHE.read_text("utf-8"))
    _write(tmp_path / "LICENSE-THIRD-PARTY.txt", "many")
    assert folder_licence(tmp_path, root=tmp_path) == "Apache-2.0 AND MIT"
    _write(tmp_path / "Cargo.toml", '[package]\nname = "x"\nlicense = "MIT/Apache-2.0"\n')
    assert folder_licence(tmp_path, root=tmp_path) == "MIT OR Apache-2.0"


@pytest.mark.parametrize(
    ("name", "content", "licence"),
    [
        ("pyproject.toml", '[project]\nlicense = "apache-2.0"\n', "Apache-2.0"),
        ("pyproject.toml", '[project]\nlicense = {text = "MIT License"}\n', "MIT"),
        ("pyproject.toml", '[project]\nlicense = {file = "LICENSE"}\n', ""),
        ("pyproject.toml", '[tool.poetry]\nlicense = "GPL-3.0-or-later"\n', "GPL-3.0-or-later"),
        ("package.json", '{"license": "(MIT OR Apache-2.0)"}', "(MIT OR Apache-2.0)"),
        ("package.json", '{"license": {"type": "ISC"}}', "ISC"),
        ("package.json", '{"licenses": [{"type": "MIT"}, {"type": "ISC"}]}', "MIT OR ISC"),
        ("package.json", '{"license": "SEE LICENSE IN x.txt"}', ""),
        ("package.json", "[1]", ""),
        ("Cargo.toml", '[workspace.package]\nlicense = "MIT"\n[package]\nlicense.workspace = true\n', "MIT"),
        ("setup.cfg", "[metadata]\nlicense = Apache License, Version 2.0\n", "Apache-2.0"),
        ("setup.cfg", "[metadata\n", ""),
        ("setup.cfg", "[metadata]\nlicense = Proprietary\n", ""),
    ],
)
def test_package_metadata_states_it_where_no_file_does(
    tmp_path: Path, name: str, content: str, licence: str
) -> None:
    _write(tmp_path / name, content)
    assert folder_licence(tmp_path, root=tmp_path) == licence


def test_the_nearest_statement_on_the_way_up_counts_even_an_unknown_one(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    _write(tmp_path / "LICENSE", "SPDX-License-Identifier: ISC")
    _write(root / "LICENSE", PLAIN_MIT)
    _write(root / "package.json", json.dumps({"license": "MIT"}))
    _write(root / "vendor/lib/LICENSE", "SPDX-License-Identifier: Zlib")
    _write(root / "data/LICENSE", "ask us first")
    places = {
        "docs/a.md": "MIT",
        "vendor/lib/docs/b.md": "Zlib",
        "data/c/d.md": UNRECOGNISED,
        "vendor/e.md": "MIT",
    }
    for place, licence in places.items():
        assert nearest_licence(root)(_write(root / place, "x")) == licence


def test_a_link_that_leaves_the_repository_states_nothing(tmp_path: Path) -> None:
    _write(tmp_path / "outside/LICENSE", PLAIN_MIT)
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo/LICENSE").symlink_to("../outside/LICENSE")
    assert folder_licence(tmp_path / "repo", root=tmp_path / "repo") == ""


def test_the_licences_of_installed_packages_agree_with_what_they_declare() -> None:
    """A declared expression may name bundled parts beside the package's own licence."""
    agreed = 0
    for distribution in importlib.metadata.distributions():
        declared = (distribution.metadata.get_all("License-Expression") or [""])[0]
        for file in distribution.files or ():
            own = file.parts[0].endswith(".dist-info") and file.name in {
                "LICENSE",
                "LICENSE.txt",
                "LICENSE.md",
            }
            if declared and own and len(file.parts) <= 3:
                found = file_licence(Path(str(file.locate())))
                assert found in declared, f"{distribution.name}: {found}, declared {declared}"
                agreed += bool(found)
    assert agreed >= 20


@pytest.mark.parametrize(
    ("stated", "licence"), [("mit", "MIT"), ("Apache 2.0", "Apache-2.0"), ("BSD", ""), ("", ""), ("A OR", "")]
)
def test_only_expressions_of_spdx_come_out(stated: str, licence: str) -> None:
    assert spdx(stated) == licence
