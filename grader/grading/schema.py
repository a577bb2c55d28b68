"""What the store holds, in one place, and how older stores become today's."""

from __future__ import annotations

APPLICATION_ID = 0x6B617461
"""`kata` in ASCII: tells our files from any other SQLite database."""

VERSION = 4
"""1 to 3 were never released, and nothing is made of them."""

SCHEMA = """
-- Facts of the whole store: 'secret', drawn once, from which every submission's seed is made, so that a
-- resumed run judges with the same, and nobody who knows some seeds knows another;
-- 'layout', the format of the latest intake, so that feedback can be named as its system wants it;
-- 'given roster' and the like, what a run was given, so that a later one which forgets it is told.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Everybody seen in a roster or a hand-in.
CREATE TABLE student (
    id      TEXT PRIMARY KEY,          -- the roster's id, else the learning system's
    name    TEXT NOT NULL DEFAULT '',
    email   TEXT NOT NULL DEFAULT '',
    section TEXT NOT NULL DEFAULT '',
    lms_id  TEXT NOT NULL DEFAULT '',  -- Canvas user, Moodle participant, GitHub login
    sis_id  TEXT NOT NULL DEFAULT '',
    login   TEXT NOT NULL DEFAULT ''
);

-- What was handed in, byte for byte and once however many hand in the same: with the seed and the
-- versions in `judgement` it makes every judgement reproducible from this file alone.
CREATE TABLE source (
    sha256 TEXT PRIMARY KEY,
    bytes  BLOB NOT NULL
);

-- The PATHs that were graded, absolute. Reading one again takes the place of what was read there before.
CREATE TABLE origin (
    id   INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE
);

-- Who handed in what, when. All of a student's attempts stay; a policy says which counts.
CREATE TABLE handin (
    id           INTEGER PRIMARY KEY,
    origin       INTEGER NOT NULL REFERENCES origin (id),
    student_id   TEXT NOT NULL REFERENCES student (id),
    slug         TEXT NOT NULL,          -- the kata
    sha256       TEXT NOT NULL REFERENCES source (sha256),
    format       TEXT NOT NULL,          -- how the PATH was read: in another nothing is taken away
    filename     TEXT NOT NULL,
    source_path  TEXT NOT NULL,          -- where it lay, for people to find it again
    submitted_at TEXT,                   -- ISO 8601; without a zone if the system gives none
    late         INTEGER NOT NULL,       -- the learning system's own flag
    stamp        REAL NOT NULL,          -- with `attempt` and `modified_ns`: newer is larger
    attempt      INTEGER NOT NULL,
    modified_ns  INTEGER NOT NULL,
    seen         INTEGER NOT NULL,       -- the reading in which it came, counted through the store
    gone         TEXT NOT NULL DEFAULT '' -- what is not '' is there no longer and never counts:
                 CHECK (gone IN ('', 'replaced', 'withdrawn')),
    UNIQUE (origin, student_id, slug, sha256, source_path)
);

-- Students of the roster who had handed in nothing when a PATH was last read with one.
CREATE TABLE awaited (
    origin     INTEGER NOT NULL REFERENCES origin (id),
    student_id TEXT NOT NULL REFERENCES student (id),
    PRIMARY KEY (origin, student_id)
);

-- One judgement, as the judge gave it; nothing here is ever rewritten by a policy.
CREATE TABLE judgement (
    id           INTEGER PRIMARY KEY,
    slug         TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    suite_digest TEXT NOT NULL,
    grader       TEXT NOT NULL,          -- the grader's version
    python       TEXT NOT NULL,
    seed         INTEGER NOT NULL,
    verdict      TEXT NOT NULL,
    points       REAL NOT NULL,
    max_points   REAL NOT NULL,
    isolation    TEXT NOT NULL,
    elapsed_wall_ms INTEGER NOT NULL,
    notice       TEXT NOT NULL,          -- why an instructor has to look at it, or nothing
    body         BLOB NOT NULL,          -- grader.records.Judgement as JSON; the columns repeat it
    UNIQUE (slug, sha256, suite_digest, grader, python, seed)
);

-- The katas that were graded, and what there is to be had in each, whoever has been judged.
CREATE TABLE graded (
    slug         TEXT PRIMARY KEY,
    suite_digest TEXT NOT NULL,
    points       REAL NOT NULL,
    named        INTEGER NOT NULL         -- a run named it (--kata): it counts though nobody hands it in
);

-- The judgement that stands for a source: the one of the latest run that had to do with it, which is
-- not always the newest row (going back to an older suite finds its old rows).
CREATE TABLE standing (
    slug      TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    judgement INTEGER NOT NULL REFERENCES judgement (id),
    PRIMARY KEY (slug, sha256)
);

-- What the latest intake of each PATH could not make sense of.
CREATE TABLE problem (
    origin     INTEGER NOT NULL REFERENCES origin (id),
    path       TEXT NOT NULL,
    why        TEXT NOT NULL,
    student_id TEXT NOT NULL,
    more       INTEGER NOT NULL           -- how many further problems this line stands for
);
"""

MIGRATIONS: dict[int, str] = {}
"""Version: the statements that make the next version of it."""
