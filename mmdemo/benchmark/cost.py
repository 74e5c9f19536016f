"""What so many visitors a second need, from figures that were measured and prices that you give: arithmetic alone.

    python -m mmdemo.benchmark.cost --answers 16 --cores 2 --core-hour 0.04 --photo-kb 400 --gb 0.09

    machines = visitors * questions / (answers * share)      an hour costs machines * price + gigabytes sent * price

It is a straight line, and holds while pages are added side by side. What ends it: every fresh photo is one forward of
the image tower, whoever asks (texts and repeated photos cost hardly anything); a photo travels to one page and stays
there, so a page that is full cannot lend its visitors to another; and the network, not the processor, once
`megabits` is what the machine's line carries. Read next: `visitors.py`, which measures `answers`.
"""

import argparse
import math
from dataclasses import dataclass

VISITORS = (1, 10, 1000)
SECONDS = 3600


@dataclass(frozen=True)
class Measured:
    """One machine, as `python -m mmdemo.benchmark.visitors` finds it.

    Args:
        answers: a second at once, of photos that differ.
        cores: that it had; 1 for a GPU.
        share: of that which may be used, so that nobody waits long: at 1 the line grows without end.
        photo_kb: of an upload as it arrives.
        questions: that a visitor asks a second while there.
    """

    answers: float
    cores: int
    share: float = 0.6
    photo_kb: float = 400.0
    questions: float = 1.0


@dataclass(frozen=True)
class Need:
    """What some visitors a second take.

    Args:
        visitors: a second.
        cores: whole ones.
        pages: processes, each on a machine like the measured one.
        megabits: of photos arriving, a second.
        hour: price of an hour, in the currency of the prices given.
    """

    visitors: int
    cores: int
    pages: int
    megabits: float
    hour: float


def need(visitors: int, measured: Measured, core_hour: float, gigabyte: float) -> Need:
    """Cores, pages, network and price of an hour. core_hour, gigabyte: list prices."""
    pages = math.ceil(visitors * measured.questions / (measured.answers * measured.share))
    bits = 8000 * visitors * measured.questions * measured.photo_kb
    cores = pages * measured.cores
    return Need(visitors, cores, pages, bits / 1e6, cores * core_hour + bits * SECONDS / 8e9 * gigabyte)


def report(needs: list[Need]) -> str:
    """A row for each number of visitors, for people."""
    lines = ["visitors a second   pages   cores   Mbit/s in   an hour"]
    lines += [f"{n.visitors:17}{n.pages:8}{n.cores:8}{n.megabits:12.1f}{n.hour:10.2f}" for n in needs]
    return "\n".join(lines)


def main() -> None:
    """Read the command line, multiply, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=float, required=True, help="a second, measured by mmdemo.benchmark.visitors")
    parser.add_argument("--cores", type=int, required=True, help="of the machine that was measured; 1 for a GPU")
    parser.add_argument("--core-hour", type=float, required=True, help="list price of one core (or GPU) for an hour")
    parser.add_argument("--gb", type=float, default=0.0, help="list price of a gigabyte that arrives")
    parser.add_argument("--share", type=float, default=Measured.share, help="of the answers that may be used up")
    parser.add_argument("--photo-kb", type=float, default=Measured.photo_kb, help="size of an upload")
    parser.add_argument("--questions", type=float, default=Measured.questions, help="a visitor a second")
    parser.add_argument("--visitors", type=int, nargs="+", default=VISITORS)
    args = parser.parse_args()
    measured = Measured(args.answers, args.cores, args.share, args.photo_kb, args.questions)
    print(report([need(visitors, measured, args.core_hour, args.gb) for visitors in args.visitors]))


if __name__ == "__main__":
    main()
