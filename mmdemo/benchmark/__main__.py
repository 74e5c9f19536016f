"""`python -m mmdemo.benchmark`: see the package."""

from mmdemo.benchmark import main

if __name__ == "__main__":
    main()
