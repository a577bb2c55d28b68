"""The simulated child processes: programs that a suite supplies."""
