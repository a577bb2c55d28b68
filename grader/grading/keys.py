"""Under what a judgement is kept: all that it depends on, so that the same is known again."""

from __future__ import annotations

import hmac

from grader.records import CheckResult, Isolation, Judgement, Record, Verdict


class Key(Record, frozen=True):
    """All that a judgement depends on."""

    slug: str
    sha256: str
    suite_digest: str
    grader: str
    python: str
    seed: int

    @classmethod
    def of(cls, judgement: Judgement) -> Key:
        """The key that a judgement says of itself."""
        return cls(
            slug=judgement.slug,
            sha256=judgement.submission_sha256,
            suite_digest=judgement.suite_digest,
            grader=judgement.grader,
            python=judgement.python,
            seed=judgement.seed,
        )


SEED_BITS = 53
"""As many as any reader of JSON keeps exactly."""


def submission_seed(secret: bytes, slug: str, source: bytes) -> int:
    """The seed of one submission in a class with that secret.

    Whoever changes a character has another seed, so what a page shows of a rejected answer, the seed
    itself included, says nothing of what the next answer will be asked.
    """
    digest = hmac.digest(secret, slug.encode() + b"\0" + source, "sha256")
    return int.from_bytes(digest) >> 8 * len(digest) - SEED_BITS


def error_judgement(
    key: Key,
    number: int,
    title: str,
    why: str,
    *,
    verdict: Verdict = Verdict.JUDGE_ERROR,
    max_points: float = 0,
) -> Judgement:
    """A judgement of what no judge could get through.

    JUDGE_ERROR says that we failed: that is never the learner's, and the next run judges it again.
    """
    check = CheckResult(
        id="judge",
        title="The submission could be judged",
        verdict=verdict,
        points=0,
        max_points=max_points,
        rationale=why,
    )
    return Judgement(
        number=number,
        slug=key.slug,
        title=title,
        seed=key.seed,
        checks=(check,),
        isolation=Isolation.NONE,
        elapsed_wall_ms=0,
        python=key.python,
        grader=key.grader,
        suite_digest=key.suite_digest,
        submission_sha256=key.sha256,
        isolation_missing=("it was not judged",),
    )
