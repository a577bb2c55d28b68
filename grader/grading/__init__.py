"""A class: store, register, plan, policies, marks, the run."""
