"""Trains everything again, by one command.

    python -m mmdemo.training plan
    python -m mmdemo.training run --out RUN [--data DATA] [--only NAME ...]
    python -m mmdemo.training prose

`plan` says of each step whether it is fresh, stale (and because of what), missing or unknown. `run` does what is stale
or missing, in order, each step in a process of its own, and goes on where it stopped when it is given again.
`prose` writes the sentences of `prose/` into the cards anew, after one was reworded; figures and weights stay.
Read next: `chain.py`.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from mmdemo.checkpoints import folders
from mmdemo.errors import MMDemoError
from mmdemo.loading import WEIGHTS
from mmdemo.training import cards, chain


def launch(step: chain.Step, out: Path, data: Path | None) -> int:
    """One recipe in a process of its own, from the repository's folder; its exit code."""
    command = [sys.executable, *step.command(out, data)]
    print("+", " ".join(command[1:]), flush=True)
    return subprocess.run(command, cwd=WEIGHTS.parent, check=False).returncode


def main(given: list[str] | None = None) -> int:
    """Read the command line; 0 when all went well, 1 with a message when a step failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("plan", help="how every step stands")
    commands.add_parser("prose", help="write the cards' sentences anew")
    running = commands.add_parser("run", help="do what is stale or missing")
    running.add_argument("--out", type=Path, required=True, help="folder of checkpoints, logs and features")
    running.add_argument("--data", type=Path, help="folder of photos and texts")
    running.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these steps alone, unknown ones too")
    args = parser.parse_args(given)
    if args.command == "plan":
        for step, state in chain.plan():
            print(f"{state.word:8} {' + '.join(step.folders):22} {state.why}".rstrip())
        return 0
    if args.command == "prose":
        for folder in folders():
            cards.write_prose(folder)
        return 0
    out, data = args.out.resolve(), args.data and args.data.resolve()
    try:
        chain.run(lambda step: launch(step, out, data), only=args.only)
    except MMDemoError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
