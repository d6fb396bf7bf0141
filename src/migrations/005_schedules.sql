-- When accounts are collected by themselves, and what became of it.  Moments are seconds since 1970.

CREATE TABLE schedules (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- a number is never given again: due_runs of a schedule that is gone are
	platform TEXT NOT NULL,
	account TEXT NOT NULL,
	cron TEXT NOT NULL,                 -- src/cron.h
	zone TEXT NOT NULL,                 -- IANA
	jitter_s INTEGER NOT NULL,          -- started up to so much later, so that not all the world comes at once
	catch_up_s INTEGER NOT NULL,        -- so late one that was missed is still started; -1: however late
	quiet_from INTEGER,                 -- minutes of the day, on the zone's clock: no code is asked for then; NULL: always
	quiet_to INTEGER,
	attempts_max INTEGER NOT NULL,
	words TEXT NOT NULL,                -- of the command line, besides: a JSON array
	paused INTEGER NOT NULL DEFAULT 0,
	next_at INTEGER NOT NULL,           -- the first due time that is still to be looked at
	created_at INTEGER NOT NULL
);

-- A row is the one start of a due time: who wants to start it has to write it.
CREATE TABLE due_runs (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	schedule INTEGER NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
	due_at INTEGER NOT NULL,
	start_at INTEGER NOT NULL,          -- with jitter, and after a failure that may pass
	status TEXT NOT NULL CHECK (status IN ('waiting', 'claimed', 'running', 'done', 'failed', 'skipped')),
	missed INTEGER NOT NULL DEFAULT 0,  -- earlier ones that it stands for
	attempts INTEGER NOT NULL DEFAULT 0,
	no_login INTEGER NOT NULL DEFAULT 0, -- started in quiet hours
	started_at INTEGER,
	pid INTEGER,                        -- of who claimed it, and then of the run
	pid_started INTEGER,
	run INTEGER,                        -- runs.id, of the last attempt
	exit_code INTEGER,
	why TEXT,
	ended_at INTEGER,
	UNIQUE (schedule, due_at)
);
CREATE INDEX due_runs_open ON due_runs (status, start_at) WHERE status IN ('waiting', 'claimed', 'running');
