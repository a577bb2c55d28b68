"""The simulated disk: a small tree of files that a suite supplies, with a cost for each operation."""
