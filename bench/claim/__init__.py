"""Claims per second: the application, its limit, and its peers, on one server in one run."""
