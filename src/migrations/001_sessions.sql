-- What a person has set, and what is saved between runs.  Moments are seconds since 1970.

CREATE TABLE integration_sessions (
	id INTEGER PRIMARY KEY,
	platform TEXT NOT NULL,
	account TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('active', 'expired', 'needs_reconnect', 'error', 'not_connected')),
	state BLOB,             -- sealed
	key_id TEXT,
	cookie_count INTEGER NOT NULL DEFAULT 0,
	expires_at INTEGER,
	last_used_at INTEGER,
	last_error TEXT,
	last_url TEXT,
	fingerprint TEXT,       -- of the browser: {userAgent, locale, timezone}
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	UNIQUE (platform, account)
);

CREATE TABLE secrets (
	platform TEXT NOT NULL,
	account TEXT NOT NULL,
	field TEXT NOT NULL,
	value BLOB NOT NULL,    -- sealed: the value itself, or where it is to be had
	key_id TEXT NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (platform, account, field)
);

CREATE TABLE accounts (
	platform TEXT NOT NULL,
	account TEXT NOT NULL,
	parked TEXT,            -- why; NULL: it is not
	parked_at INTEGER,
	parked_for TEXT,        -- the credentials' fingerprint
	login_day INTEGER NOT NULL DEFAULT 0, -- days since 1970
	logins INTEGER NOT NULL DEFAULT 0,    -- on that day
	full_browser INTEGER NOT NULL DEFAULT 0, -- the site does not take the small one
	PRIMARY KEY (platform, account)
);

CREATE TABLE locks (
	platform TEXT NOT NULL,
	account TEXT NOT NULL,
	pid INTEGER NOT NULL,
	started INTEGER NOT NULL, -- the process, in clock ticks since the machine's start: a pid alone is used again
	boot TEXT NOT NULL,
	PRIMARY KEY (platform, account)
);

CREATE TABLE runs (
	id INTEGER PRIMARY KEY,
	platform TEXT NOT NULL,
	account TEXT NOT NULL,
	started_at INTEGER NOT NULL,
	ended_at INTEGER,
	pid INTEGER NOT NULL,
	pid_started INTEGER NOT NULL,
	tier TEXT,              -- direct, restored or login: the last one tried
	exit_code INTEGER,
	error_type TEXT,
	error TEXT,
	rows_seen INTEGER NOT NULL DEFAULT 0,
	rows_new INTEGER NOT NULL DEFAULT 0,
	logins INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX runs_by_account ON runs (platform, account, id);
