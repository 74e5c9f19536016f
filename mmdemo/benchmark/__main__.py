"""`python -m mmdemo.benchmark`: see the package."""

from mmdemo.benchmark import main

main()
