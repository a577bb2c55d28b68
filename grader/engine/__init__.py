"""Where judging runs: local processes, or a cluster."""
