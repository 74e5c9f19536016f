"""Models of the Hub without the Hub: a small server that answers as it does, and tests of all that can go wrong."""
