"""`make bench`: speed and memory, as ratios within one run; medians of several."""
