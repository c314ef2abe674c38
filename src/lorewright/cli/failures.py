"""From an exception to one message on standard error and an exit code."""

import os
import sys

import click

from lorewright.core import errors

# The part of docs/troubleshooting.md that helps with an error.
ANCHORS: dict[type[errors.LoreError], str] = {
    errors.AccountError: "account",
    errors.ConfigError: "settings",
    errors.NotFoundError: "not-found",
    errors.BusyError: "busy",
    errors.MissingDependencyError: "missing-extra",
    errors.StorageError: "disk",
    errors.SourceError: "sources",
    errors.ParseError: "rejected-documents",
    errors.ProviderError: "servers",
    errors.GenerationError: "generation",
    errors.InterruptedWorkError: "generation",
    errors.DatasetError: "dataset",
    errors.TrainingError: "training",
    errors.EvaluationError: "evaluation",
    errors.ExportError: "export",
}
EXIT_FAILED, EXIT_USAGE, EXIT_GATE, EXIT_BUG, EXIT_INTERRUPTED = 1, 2, 3, 70, 130


def guarded(command: click.Command) -> int:
    """Run a command line and return its exit code; nothing escapes as a traceback unless debugging."""
    try:
        command.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except (KeyboardInterrupt, click.Abort):
        _say("\nStopped. Finished work is kept; the same command goes on from there.")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except errors.InterruptedWorkError as stopped:
        _say(f"\n{stopped.message}")
        _say(f"{click.style(' next:', fg='cyan', bold=True)} {stopped.hint}")
        return EXIT_INTERRUPTED
    except errors.LoreError as error:
        _explain(error)
        return EXIT_USAGE if isinstance(error, errors.ConfigError) else EXIT_FAILED
    except Exception as error:  # noqa: BLE001 - reported, with how to see the traceback
        return _unexpected(error)
    return 0


def _explain(error: errors.LoreError) -> None:
    from lorewright.core.printable import printable

    _say(f"{click.style('error:', fg='red', bold=True)} {printable(error.message)}")
    if error.hint:
        _say(f"{click.style(' next:', fg='cyan', bold=True)} {printable(error.hint)}")
    anchor = next((ANCHORS[kind] for kind in type(error).__mro__ if kind in ANCHORS), "")
    if anchor:
        _say(click.style(f" more: docs/troubleshooting.md#{anchor}", dim=True))


def _unexpected(error: Exception) -> int:
    from lorewright.core.files import refusal

    storage = refusal(error, "writing")
    if storage is not None:
        _explain(storage)
        return EXIT_FAILED
    if "debug" in sys.argv:
        raise error
    _say(
        f"{click.style('error:', fg='red', bold=True)} this should not happen: {type(error).__name__}: {error}"
    )
    again = "run it again as `lore --log-level debug ...` and report the traceback"
    _say(f"{click.style(' next:', fg='cyan', bold=True)} {again}")
    return EXIT_BUG


def _say(line: str) -> None:
    click.echo(line, err=True)
