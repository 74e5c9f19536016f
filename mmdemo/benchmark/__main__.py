"""`python -m mmdemo.benchmark`: see the package."""

from mmdemo.benchmark.command import main

if __name__ == "__main__":
    main()
