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

-- Where results go after a run, and where a person is called.
CREATE TABLE deliveries (
	name TEXT PRIMARY KEY,
	platform TEXT NOT NULL,             -- whose: '' of all sites
	kind TEXT NOT NULL,                 -- src/delivery.h
	results INTEGER NOT NULL,           -- it wants what was collected, …
	needs INTEGER NOT NULL,             -- … and to hear when a person is needed
	format TEXT,                        -- of what is collected; NULL: the kind's own
	new_only INTEGER NOT NULL,
	value BLOB NOT NULL,                -- sealed JSON: where, and with which secret
	key_id TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	last_at INTEGER,
	last_error TEXT                     -- NULL: the last one arrived
);

-- Up to which run each has what it wants: what did not arrive goes with the next.
CREATE TABLE delivered (
	delivery TEXT NOT NULL REFERENCES deliveries (name) ON DELETE CASCADE,
	platform TEXT NOT NULL,
	account TEXT NOT NULL,
	run INTEGER NOT NULL,
	PRIMARY KEY (delivery, platform, account)
);

-- The server that runs, for links to it.
CREATE TABLE servers (
	url TEXT PRIMARY KEY,
	token_file TEXT,
	pid INTEGER NOT NULL,
	pid_started INTEGER NOT NULL
);

-- Who may pull what was collected, as SimpleFIN has it (www.simplefin.org/protocol.html).  Of tokens only hashes.
CREATE TABLE simplefin (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	platform TEXT,                      -- NULL: all
	claim TEXT UNIQUE,                  -- SHA-256 of the claim's token; NULL: it was claimed
	password TEXT,                      -- SHA-256; NULL: not claimed yet
	created_at INTEGER NOT NULL,
	claim_until INTEGER NOT NULL,
	claimed_at INTEGER,
	used_at INTEGER
);
