-- What happens, for whoever watches, and what people are asked.  Moments of events are milliseconds since 1970.

CREATE TABLE run_events (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- the id of the server's event stream
	run INTEGER,            -- NULL: of no run
	at INTEGER NOT NULL,
	name TEXT NOT NULL,
	data TEXT NOT NULL      -- JSON, without anything secret
);
CREATE INDEX run_events_by_run ON run_events (run, id);

CREATE TABLE otp_requests (
	id TEXT PRIMARY KEY,
	run INTEGER NOT NULL,
	platform TEXT NOT NULL,
	account TEXT NOT NULL,
	request TEXT NOT NULL,  -- JSON: what is asked; never what is answered
	status TEXT NOT NULL CHECK (status IN ('pending', 'answered', 'accepted', 'rejected', 'expired', 'cancelled', 'timeout', 'gone')),
	created_at INTEGER NOT NULL, -- seconds since 1970
	expires_at INTEGER NOT NULL,
	pid INTEGER NOT NULL,   -- who waits for the answer, …
	pid_started INTEGER NOT NULL,
	channel TEXT NOT NULL   -- … and where (src/channel.h)
);
CREATE INDEX otp_requests_pending ON otp_requests (status) WHERE status = 'pending';
