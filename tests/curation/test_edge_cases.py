from lorewright.core.making import make_example
from lorewright.core.records import Example, Message
from lorewright.curation.edge_cases import EDGE, edge_cases


def example(question: str, answer: str) -> Example:
    return make_example(
        task="qa",
        messages=(Message(role="user", content=question), Message(role="assistant", content=answer)),
        evidence=(),
        origin="import",
    )


COMMON = [example(f"What is the default of option {'abcdefgh'[at]}?", "It is ten. " * 5) for at in range(8)]
LONG = example("What is the default of option a again?", "Words. " * 300)
SHORT = example("What is the default of option b again?", "Ten.")
RARE = example("Whence quixotic zephyrs?", "It is ten. " * 5)


def test_the_longest_the_shortest_and_the_rarest_are_set_aside_with_the_reason() -> None:
    chosen = edge_cases([*COMMON, LONG, SHORT, RARE], count=4, seed=0)
    why = {one.id: one.metadata[EDGE] for one in chosen}
    assert why[LONG.id] == "long answer: 2,100 characters"
    assert why[SHORT.id] == "short answer: 4 characters"
    assert why[RARE.id] == "rare words: quixotic, whence, zephyrs"
    assert "drawn at random" in why.values()


def test_each_is_set_aside_once_and_no_more_than_there_are() -> None:
    examples = [*COMMON, LONG, SHORT, RARE]
    chosen = edge_cases(examples, count=100, seed=0)
    assert sorted(one.id for one in chosen) == sorted(one.id for one in examples)
    assert edge_cases(examples, count=0, seed=0) == []
    assert edge_cases([], count=10, seed=0) == []


def test_the_same_are_set_aside_whatever_their_order() -> None:
    examples = [*COMMON, LONG, SHORT, RARE]
    one, other = (edge_cases(listed, count=6, seed=3) for listed in (examples, examples[::-1]))
    assert {(e.id, e.metadata[EDGE]) for e in one} == {(e.id, e.metadata[EDGE]) for e in other}
