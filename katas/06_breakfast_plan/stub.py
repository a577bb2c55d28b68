"""Kata 6: eight steps to a breakfast.

This version works, but it does one step after another: while the kettle boils, nobody sets the table.
"""

import time


def make(plan, perform):
    """Perform every step of a plan. Returns what each step gave, in the order of the plan.

    `plan` maps each step to the steps that it needs; those stand before it in the plan.
    `perform(step, parts)` performs one step, where `parts` are what the steps it needs have given.
    """
    made = {}
    for step, needs in plan.items():
        parts = [made[need] for need in needs]
        made[step] = perform(step, parts)
    return made


BREAKFAST = {
    "boil water": [],
    "set table": [],
    "slice bread": [],
    "brew tea": ["boil water"],
    "boil egg": ["boil water"],
    "toast bread": ["slice bread"],
    "butter toast": ["toast bread"],
    "serve": ["set table", "brew tea", "boil egg", "butter toast"],
}
MINUTES = {
    "boil water": 3,
    "set table": 2,
    "slice bread": 1,
    "brew tea": 4,
    "boil egg": 5,
    "toast bread": 3,
    "butter toast": 1,
    "serve": 1,
}


def cook(step, parts):
    """One step in our kitchen, where a minute passes as quickly as a second elsewhere."""
    time.sleep(MINUTES[step])
    print(f"{step}: done")
    return f"{step} ({', '.join(parts)})" if parts else step


def main():
    breakfast = make(BREAKFAST, cook)
    print(breakfast["serve"])


if __name__ == "__main__":
    main()
