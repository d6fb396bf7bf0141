-- What was learned of forms.  Nothing that was submitted is in it.  Moments are seconds since 1970.

CREATE TABLE form_patterns (
	id TEXT PRIMARY KEY,    -- "form:", "graphql:", "json-rpc:" or "server-action:", the host, and when it was learned
	domain TEXT NOT NULL,
	form_url TEXT NOT NULL, -- without what was made for one visit
	form_selector TEXT NOT NULL, -- as it was given; "": none
	names TEXT NOT NULL,    -- of the fields and files, in order, with commas between
	pattern TEXT NOT NULL,  -- JSON: src/form_learn.h
	learned_at INTEGER NOT NULL,
	times_used INTEGER NOT NULL DEFAULT 0,
	times_failed INTEGER NOT NULL DEFAULT 0,
	failed_in_row INTEGER NOT NULL DEFAULT 0,
	last_used INTEGER,
	UNIQUE (form_url, form_selector, names)
);

CREATE TABLE form_limits (
	form_url TEXT PRIMARY KEY,
	until INTEGER NOT NULL  -- before that the site wants no more
);
