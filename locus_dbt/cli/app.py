"""The command ``locus``: its commands, and how an error leaves the process.

Exit codes: 0 done, 1 an error (one line on stderr), 2 wrong usage, 3 something was rejected and ``--strict`` was given.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from locus_dbt.cli import (
    calibrate_command,
    certify_command,
    check_command,
    events_command,
    explain_command,
    images_command,
    init_command,
    new_image_command,
    openlineage_command,
    report_command,
    review_command,
    runs_command,
    scaffold_command,
    show_command,
    sql_command,
)
from locus_dbt.cli.failures import Stopped, describe_failure

app = typer.Typer(
    name="locus",
    help="Documents as tables you can trust: every cell leads back to page and box.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: the rich one costs a tenth of a second at every start
)

app.command("images")(images_command.images)
app.command("sql")(sql_command.sql)
app.command("run")(sql_command.run)
app.command("init")(init_command.init)
app.command("scaffold")(scaffold_command.scaffold)
app.command("new-image")(new_image_command.new_image)
app.command("explain")(explain_command.explain)
app.command("show")(show_command.show)
app.command("report")(report_command.report)
app.command("review")(review_command.review)
app.command("calibrate")(calibrate_command.calibrate)
app.command("runs")(runs_command.runs)
app.command("gc")(runs_command.gc)
app.command("events")(events_command.events)
app.command("openlineage")(openlineage_command.openlineage)
app.command("check")(check_command.check)
app.command("certify")(certify_command.certify)


def _version(wanted: bool) -> None:
    if wanted:
        from locus_dbt import __version__  # noqa: PLC0415 - said only when asked

        typer.echo(f"locus {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", help="Say the version and end.", callback=_version, is_eager=True),
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; every failure becomes one masked line on stderr and exit code 1."""
    try:
        app(args=None if arguments is None else list(arguments))
    except BrokenPipeError:
        sys.stderr.close()  # the reader (head, less) went away: nothing to say and no one to say it to
        sys.exit(1)
    except (KeyboardInterrupt, Stopped):
        sys.stderr.write("stopped; what is done is kept, the next run goes on from there\n")
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last place that can keep a secret out of the output
        sys.stderr.write(describe_failure(error) + "\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
