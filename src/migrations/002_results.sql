-- What was collected.  Money is hundredths; currencies are ISO 4217; moments are seconds since 1970 beside
-- the calendar's day where the site is.

CREATE TABLE transactions (
	platform TEXT NOT NULL,
	account TEXT NOT NULL,
	id TEXT NOT NULL,       -- src/identity.h; never changes
	id_scheme INTEGER NOT NULL,
	number TEXT NOT NULL,   -- the card
	identifier TEXT,        -- the site's own; NULL: none yet
	status TEXT NOT NULL CHECK (status IN ('pending', 'completed', 'vanished')),
	was_pending INTEGER NOT NULL,
	local_date TEXT NOT NULL,           -- YYYY-MM-DD; from here to description: as first seen completed
	local_time TEXT NOT NULL,           -- HH:MM:SS
	instant INTEGER NOT NULL,
	original_minor INTEGER NOT NULL,    -- expenses are negative
	original_currency TEXT NOT NULL,
	original_symbol TEXT NOT NULL,      -- as the site writes it
	charged_minor INTEGER NOT NULL,
	charged_currency TEXT,              -- NULL: not known yet
	charged_symbol TEXT,
	description TEXT NOT NULL,
	local_processed_date TEXT NOT NULL, -- from here on: as last seen
	local_processed_time TEXT NOT NULL,
	processed_instant INTEGER NOT NULL,
	memo TEXT NOT NULL,
	category TEXT,
	normal INTEGER NOT NULL,            -- as israeli-bank-scrapers counts
	credit INTEGER NOT NULL,            -- money that came back
	installment INTEGER NOT NULL,       -- 0: none
	installments INTEGER NOT NULL,
	anomalies TEXT,         -- what the site says otherwise now: [{at, field, kept, seen}]
	first_seen INTEGER NOT NULL,
	first_run INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (platform, account, id)
);
CREATE INDEX transactions_by_date ON transactions (platform, account, number, local_date);

CREATE TABLE cards (
	platform TEXT NOT NULL,
	account TEXT NOT NULL,
	number TEXT NOT NULL,
	description TEXT,
	status TEXT,            -- as the site says it; NULL: fine
	balance_minor INTEGER,  -- NULL: not known
	balance_at INTEGER,     -- when it last changed
	PRIMARY KEY (platform, account, number)
);

CREATE TABLE products (
	platform TEXT NOT NULL,
	account TEXT NOT NULL,
	id TEXT NOT NULL,       -- the site's own
	ucode TEXT,
	name TEXT,
	producer TEXT,
	producer_ucode TEXT,
	category TEXT,
	format TEXT,
	language TEXT,
	url TEXT,
	checkout_url TEXT,
	description TEXT,
	subscription INTEGER NOT NULL,
	price_minor INTEGER,    -- from here to rating: NULL when it was never known
	currency TEXT,
	commission_percent REAL,
	commission_minor INTEGER,
	commission_currency TEXT,
	temperature REAL,
	blueprint REAL,
	rating REAL,
	answers INTEGER NOT NULL,
	problem TEXT,           -- why not everything was there; NULL: it was
	first_seen INTEGER NOT NULL,
	first_run INTEGER NOT NULL,
	last_seen INTEGER NOT NULL,
	PRIMARY KEY (platform, account, id)
);

CREATE TABLE product_prices (
	platform TEXT NOT NULL,
	account TEXT NOT NULL,
	product TEXT NOT NULL,
	seen_at INTEGER NOT NULL, -- a row only when something is not as in the one before
	price_minor INTEGER,
	currency TEXT,
	commission_percent REAL,
	commission_minor INTEGER,
	commission_currency TEXT,
	temperature REAL,
	PRIMARY KEY (platform, account, product, seen_at),
	FOREIGN KEY (platform, account, product) REFERENCES products (platform, account, id) ON DELETE CASCADE
);
