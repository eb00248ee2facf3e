"""The project's figures, each next to its limit and its peers in one run."""
