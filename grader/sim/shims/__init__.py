"""What replaces the standard library: each module is named after the one that it replaces."""
