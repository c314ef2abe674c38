"""The command `lore`: a table of commands that are imported when they are called."""

import sys
from difflib import get_close_matches
from importlib import import_module

import click

from lorewright import __version__

# command: (section, "module:attribute", one line of help). Nothing here is imported for `lore --help`.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "init": ("Start", "lorewright.cli.start:init", "Make a project of your documents and index them."),
    "demo": (
        "Start",
        "lorewright.cli.demo:demo",
        "See the whole road in minutes: no GPU, no key, no network.",
    ),
    "run": (
        "The road",
        "lorewright.cli.road:run",
        "Bring everything cheap up to date; --train does the rest.",
    ),
    "status": ("The road", "lorewright.cli.road:status", "What is up to date, what is stale and why."),
    "plan": ("The road", "lorewright.cli.road:plan", "What would run and how long it would take."),
    "show": ("The road", "lorewright.cli.inspect:show", "A run, document, chunk or example by its id."),
    "cat": ("The road", "lorewright.cli.inspect:cat", "Any table of a run as JSON lines."),
    "trace": ("The road", "lorewright.cli.inspect:trace", "An example back to the lines of its source."),
    "search": ("Ask", "lorewright.cli.ask:search", "The passages that fit some words best."),
    "ask": ("Ask", "lorewright.cli.ask:ask", "Answer a question from the documents, with sources."),
    "chat": ("Ask", "lorewright.cli.ask:chat", "Ask and follow up, with your model if there is one."),
    "mcp": ("Ask", "lorewright.cli.mcp:mcp", "Serve search and answers to agents (Model Context Protocol)."),
    "ingest": ("Stages", "lorewright.cli.stages:ingest", "Sources to documents."),
    "chunk": ("Stages", "lorewright.cli.stages:chunk", "Documents to passages."),
    "index": ("Stages", "lorewright.cli.stages:index", "Passages to an index, and how well it finds them."),
    "generate": ("Stages", "lorewright.cli.generate:generate", "Passages to candidate examples."),
    "curate": ("Stages", "lorewright.cli.curate:curate", "Candidates to examples worth keeping."),
    "review": ("Stages", "lorewright.cli.review:review", "People decide about examples."),
    "coverage": ("Stages", "lorewright.cli.curate:coverage", "What of the documents no example is about."),
    "dataset": (
        "Stages",
        "lorewright.cli.dataset:dataset",
        "Examples to train, validation and two test sets.",
    ),
    "train": ("Stages", "lorewright.cli.stages:train", "Dataset and base model to a trained model."),
    "evaluate": (
        "Stages",
        "lorewright.cli.evaluate:evaluate",
        "Is the model worth having? A verdict and a report.",
    ),
    "compare": (
        "Stages",
        "lorewright.cli.compare:compare",
        "Whether one version answers better than another.",
    ),
    "why": ("Stages", "lorewright.cli.why:why", "Why an answer is wrong: what each system saw and said."),
    "export": ("Stages", "lorewright.cli.stages:export", "Trained model to verified GGUF files."),
    "corpus": (
        "Stages",
        "lorewright.cli.corpus:corpus",
        "Passages as a Hugging Face dataset, to disk or pushed.",
    ),
    "gc": ("Housekeeping", "lorewright.cli.keep:gc", "Remove runs that nothing needs."),
    "forget": ("Housekeeping", "lorewright.cli.keep:forget", "Remove a document's records everywhere."),
    "doctor": ("Housekeeping", "lorewright.cli.keep:doctor", "Check this machine and this project."),
    "schema": ("Housekeeping", "lorewright.cli.keep:schema", "The JSON Schema of lore.toml."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return all names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][1].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command for one that is not there."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean `lore {near[0]}`?" if near else " `lore --help` lists all."
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, (section, _, help_line) in COMMANDS.items():
            sections.setdefault(section, []).append((name, help_line))
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl(rows)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="First steps: lore init ./docs, then lore ask 'your question', then lore plan.",
)
@click.option("-C", "--project", default=".", metavar="DIR", help="Work on the project in or above DIR.")
@click.option(
    "--log-level",
    default="error",
    metavar="LEVEL",
    help="What to print of the log: debug, info, warning or error. Each run keeps a log file of its own.",
)
@click.version_option(__version__, prog_name="lore")
@click.pass_context
def lore(context: click.Context, project: str, log_level: str) -> None:
    """Turn what you know into a small language model that you own, and see whether it is worth having."""
    context.obj = (project, log_level)


def main() -> None:
    """Run `lore`; every error is one message, the next command, and a non-zero exit."""
    from lorewright.cli.failures import guarded

    sys.exit(guarded(lore))
