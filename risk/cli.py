"""The command ``frailty``: its subcommands, and how an error becomes a sentence and an exit code.

0 done, 2 wrong usage, 3 bad input data, 4 refused by a rule or gate, 5 a part of the environment is missing, 70 our
fault.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import sys
import traceback

import typer

from features.errors import FrailtyError, WrongUsage
from risk import commands, settings
from risk.console import words

app = typer.Typer(
    name="frailty",
    help="Who in a local area is at risk of an unplanned admission, why, and the few a team can help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def root() -> None:
    """Linked records in, a published list out."""
    # Before any predictor is declared: the area's own code sets. A setting that does not fit is said by the command that needs it.
    with contextlib.suppress(WrongUsage):
        settings.load()


for module in sorted(m.name for m in pkgutil.iter_modules(commands.__path__)):
    importlib.import_module(f"risk.commands.{module}").register(app)


def main() -> None:
    """Run the command line; exits with the code of what happened."""
    try:
        app()
    except FrailtyError as error:
        words.print(f"frailty: {error}", style="bold red" if words.is_terminal else "", markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        words.print("frailty: stopped; what was not finished left no trace")
        sys.exit(130)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        words.print(
            f"frailty: our fault: {type(error).__name__} in {where.name} "
            f"({where.filename.rsplit('/', 1)[-1]}:{where.lineno}); set FRAILTY_TRACE=1 for where it came from",
            markup=False,
        )
        if os.environ.get("FRAILTY_TRACE"):
            traceback.print_tb(error.__traceback__)  # never the message: a library's may quote a row
        sys.exit(70)
