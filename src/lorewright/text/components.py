"""Members that are linked, directly or through others: a forest in a list of parents, `list(range(n))` at first."""


def root(parents: list[int], member: int) -> int:
    """Return the smallest member that the given one is joined with, and shorten the way to it."""
    while parents[member] != member:
        parents[member] = parents[parents[member]]
        member = parents[member]
    return member


def join(parents: list[int], one: int, other: int) -> None:
    """Link two members and all that they are linked with."""
    first, second = sorted((root(parents, one), root(parents, other)))
    parents[second] = first
