"""Kata 12: a worker that can be cancelled at any instant, and as often as one likes.

Stage 1: a night. Stage 2: errors. Stage 3: cancelled. Stage 4: cancelled at any moment, again and again.
Exposures that ignore their cancellation are not swept.
"""

from grader.testing import assert_equal, check, points, seconds
from grader.testing.faults import MIDWAY, again, amount, cancel, caught, fail, slow, timeout, value
from grader.testing.sweep import stage, sweep

PLAIN = None | str | int | list[str] | Exception
"""What a target or a picture may be here."""


async def demo(net, rng):
    """The stub brings its own observatory; returns the best possible time in nanoseconds."""
    until_ctrl_c, saving, parking = 4.5, 1, 2
    return seconds(until_ctrl_c + saving + parking)


class Night:
    """One telescope's night: what its steps give, and what must be seen of them."""

    def __init__(self, run, count, failing=""):
        self.run, self.failing = run, failing
        self.targets = run.names("star", run.amount(count))
        self.pictures = [run.value() for _ in self.targets]
        if run.has("value"):
            self.targets[1] = self.pictures[1]
        *self.exposures_ms, self.save_ms, self.park_ms = run.lengths_ms(len(self.targets) + 2, low=400)
        kind = BaseException if run.has("cancel", "turn", "again") else OSError
        self.error = kind(f"no luck tonight ({run.rng.randrange(10**6)})")
        self.exposures = []

    def step(self, label, takes_ms, gives, given, *, is_protected):
        raises = self.error if label == self.failing else None
        return self.run.step(label, takes_ms, gives, given, raises=raises, is_protected=is_protected)

    async def expose(self, target: PLAIN):
        number = len(self.exposures)
        check(number < len(self.targets), "More exposures were made than there are targets.")
        self.exposures.append(target)
        takes_ms, picture = self.exposures_ms[number], self.pictures[number]
        return await self.step(f"exposure {number + 1}", takes_ms, picture, target, is_protected=False)

    async def save(self, pictures: list[PLAIN]):
        await self.step("save", self.save_ms, None, list(pictures), is_protected=True)

    async def park(self):
        await self.step("park", self.park_ms, None, None, is_protected=True)

    def assert_was(self, outcome):
        """Exposures one after another, then the clean-up, without a pause; each was given what it should."""
        self.run.assert_over()
        names = [step.participant for step in self.run.steps]
        count = len(self.exposures)
        due = [*(f"exposure {number + 1}" for number in range(count)), "save", "park"]
        check(names == due, f"The steps should be {', '.join(due)}; they were {', '.join(names) or 'none'}.")
        self.run.assert_in_a_row(outcome.at_ns)
        assert_equal(self.exposures, self.targets[:count], "The targets of the exposures")
        self.assert_ended_early_for_a_reason(self.run.steps[:count])
        self.assert_saved(self.run.steps[:count], self.run.steps[count].given)

    def assert_ended_early_for_a_reason(self, exposures):
        last = exposures[-1] if exposures else None
        is_whole = len(exposures) == len(self.targets)
        is_stopped = last is not None and last.ended_ns is not None and self.stop_ns <= last.ended_ns
        is_over = is_stopped or (last is not None and last.end == "failed")
        check(is_whole or is_over, f"Only {len(exposures)} of {len(self.targets)} targets were photographed.")
        early = all(step.end == "ended" for step in exposures[:-1])
        check(early, "Another target was photographed after an exposure that had failed or was cancelled.")
        late = [step.participant for step in exposures if step.began_ns > self.stop_ns]
        check(not late, f"{', '.join(late)} began after the cancellation.")

    @property
    def stop_ns(self):
        return self.run.stopped_ns if self.run.stopped_ns is not None else 10**18

    def assert_saved(self, exposures, saved):
        """All that has been taken; at the instant of a cancellation the last picture may be lost."""
        taken = sum(step.end == "ended" for step in exposures)
        if taken and exposures[taken - 1].ended_ns == self.stop_ns and len(saved) == taken - 1:
            taken -= 1
        assert_equal(saved, self.pictures[:taken], "What `save` is given")


async def one_night(run, count=3, failing=""):
    night = Night(run, count, failing)
    call = run.call("observe", night.targets, night.expose, night.save, night.park)
    async with run.kata.heartbeat():
        outcome = await run.outcome(call)
        run.assert_no_mistake(outcome)
        night.assert_was(outcome)
    if run.has("cancel", "", "turn") and failing != "save":
        run.assert_cancelled(outcome)
    if failing == "save" and run.stopped_ns is not None:
        check(outcome.kind != "returned", "It was cancelled and could not save, but it returned.")
    elif failing or run.has("fail"):
        await run.raises(call, run.error or night.error)
    else:
        await run.returns(call, night.pictures, what="The pictures")


@points(2)
@sweep(amount("0", "1", "twice", "300"), value("None", "0", "empty", "list", "error"))
async def test_a_whole_night(run):
    """Every target is photographed in turn, then the pictures are saved and the telescope is parked."""
    await one_night(run)


@sweep(again())
async def test_several_telescopes(run):
    """Nights know nothing of each other."""
    await one_night(run)


@stage(2)
@points(2)
@sweep(fail("OSError", "TimeoutError", "BaseException", "at-once"))
async def test_errors_come_out(run):
    """Whatever fails, the clean-up is done, and then the error comes out."""
    await one_night(run)


@stage(3)
@points(3)
@sweep(cancel())
async def test_cancelled(run):
    """Cancelled at any instant, the clean-up is done, all of it, and the cancellation goes on."""
    await one_night(run)


@stage(3)
@points(2)
@sweep(slow("", "fails", "twice"))
async def test_an_exposure_that_takes_a_while_to_stop(run):
    """The clean-up waits for an exposure that takes a while to stop."""
    await one_night(run)


@stage(3)
@sweep(timeout(), caught())
async def test_the_caller_counts_cancellations(run):
    """A caller's time-out remains one, and `Task.cancelling()` is what it was."""
    await one_night(run)


@stage(4)
@points(2)
@sweep(cancel("again", "often", "chased", "2-turns", "3-turns"))
async def test_cancelled_again(run):
    """Further cancellations, however many and whenever they come, do not disturb the clean-up."""
    await one_night(run, 2)


@stage(4)
@sweep(cancel("", "turn", MIDWAY, "again"))
async def test_cancelled_without_targets(run):
    """Without targets, too, a cancellation waits for the clean-up and goes on after it."""
    await one_night(run, 0)


@stage(4)
@sweep(cancel("", "turn", MIDWAY, "again", "chased"))
async def test_cancelled_after_a_failure(run):
    """After an exposure that failed, too, cancellations wait for the clean-up, and go on after it."""
    await one_night(run, 1, "exposure 1")


@stage(4)
@sweep(cancel("", MIDWAY, "chased"))
async def test_cancelled_and_not_saved(run):
    """If the saving fails in a cancelled night, the telescope is parked all the same."""
    await one_night(run, 1, "save")


@stage(4)
@sweep(again("beside"))
async def test_the_others_go_on(run):
    """Stopping one telescope does not disturb another."""
    await one_night(run)
