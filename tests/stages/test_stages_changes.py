"""What happened to files since the run before: each in one class, nothing counted twice."""

from hypothesis import given
from hypothesis import strategies as st

from lorewright.core.records import FileState
from lorewright.stages.changes import KINDS_OF_CHANGE, compared


def state(path: str, digest: str, *, source: str = "s") -> FileState:
    return FileState(
        source=source, path=path, kind="text", digest=digest, bytes=1, outcome="read", change="unchanged"
    )


def test_each_kind_of_change_is_told() -> None:
    before = [state("kept", "1"), state("edited", "2"), state("old name", "3"), state("gone", "4")]
    now = [state("kept", "1"), state("edited", "2b"), state("new name", "3"), state("new", "5")]
    files, counts = compared(now, before)
    assert [file.change for file in files] == ["unchanged", "modified", "renamed", "added"]
    assert files[2].before == "old name"
    assert counts == {"added": 1, "modified": 1, "renamed": 1, "deleted": 1, "unchanged": 1}


def test_a_copy_of_a_file_that_is_still_there_is_added_not_renamed() -> None:
    files, counts = compared([state("a", "1"), state("b", "1")], [state("a", "1")])
    assert [file.change for file in files] == ["unchanged", "added"]
    assert counts["renamed"] == counts["deleted"] == 0


def test_a_file_that_moves_to_another_source_is_renamed_and_its_own_source_goes_first() -> None:
    before = [state("a", "1", source="one"), state("b", "1", source="two")]
    files, counts = compared([state("c", "1", source="two"), state("d", "1", source="three")], before)
    assert [file.before for file in files] == ["b", "one/a"]
    assert counts["renamed"] == 2


def test_rejected_files_without_a_digest_are_never_taken_for_renames() -> None:
    _, counts = compared([state("b", "")], [state("a", "")])
    assert (counts["added"], counts["deleted"], counts["renamed"]) == (1, 1, 0)


_files = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["", "1", "2", "3"]), max_size=8)


@given(before=_files, now=_files)
def test_every_file_of_both_runs_is_counted_once(before: dict[str, str], now: dict[str, str]) -> None:
    old = [state(path, digest) for path, digest in before.items()]
    files, counts = compared([state(path, digest) for path, digest in now.items()], old)
    assert set(counts) == set(KINDS_OF_CHANGE)
    assert sum(counts.values()) - counts["deleted"] == len(now)
    assert counts["unchanged"] + counts["modified"] + counts["renamed"] + counts["deleted"] == len(before)
    origins = [file.before for file in files if file.before]
    assert len(origins) == len(set(origins))
    assert all(before[path] == now[file.path] for file in files if (path := file.before))
