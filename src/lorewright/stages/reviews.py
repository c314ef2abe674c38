"""review: the decisions of people as they stand now → reviews.parquet, which curate reads."""

from collections import Counter

from lorewright.core.assessments import Review
from lorewright.core.context import Context
from lorewright.core.making import turns_of
from lorewright.core.records import Metadata, Run
from lorewright.core.settings import Section
from lorewright.core.stage import Outside, Stage
from lorewright.core.workspace import Workspace
from lorewright.curation.reviewing import settled
from lorewright.stages.settings import Settings
from lorewright.store.database import Database
from lorewright.store.reviews import all_decisions

REVIEWS = "reviews.parquet"


class Part(Section):
    """What review takes from the settings tree: nothing."""


def select(_settings: Settings) -> Part:
    """Return review's part of the tree."""
    return Part()


def current_reviews(workspace: Workspace) -> dict[str, Review]:
    """Return what people decided, by the key of an example's own words; nothing is loaded where nobody ever decided.

    Raises:
        ConfigError: The database is something else, is broken, or was written by a newer version.
        StorageError: The disk or the server refuses.
    """
    database = Database(workspace.root)
    return settled(all_decisions(database)) if database.exists() else {}


def fingerprint(_part: Part, workspace: Workspace) -> Outside:
    """Return what decides: the decisions that stand, without who took them and when."""
    reviews = current_reviews(workspace)
    content = [
        [one.key, one.decision, turns_of(one.messages), one.note]
        for one in sorted(reviews.values(), key=lambda one: one.key)
    ]
    return Outside(content or None, reviews)


def run(_part: Part, context: Context) -> Metadata:
    """Write the decisions that the fingerprint found."""
    reviews: dict[str, Review] = context.found
    context.write(REVIEWS, (reviews[key] for key in sorted(reviews)), Review)
    counted = Counter(one.decision for one in reviews.values())
    return {"decisions": len(reviews), "by_decision": dict(counted.most_common())}


def summary(run: Run) -> str:
    """Return one line for people."""
    counted = run.metrics["by_decision"]
    if not counted:
        return "nobody has reviewed an example yet"
    decided = ", ".join(f"{count:,} {decision}" for decision, count in counted.items())
    return f"{run.metrics['decisions']:,} decisions of people ({decided})"


STAGE = Stage(
    name="review", version=1, settings=Part, run=run, needs=lambda _part: {}, fingerprint=fingerprint
)
