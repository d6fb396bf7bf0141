/* What was collected, kept: see results.h.
 *
 * results_save_collection(): all rows of the account are read (keep), each transaction finds its row (match),
 * and what has none is inserted (save). */
#include "src/results.h"

#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "scrapers/record.h"
#include "src/account.h"
#include "src/identity.h"
#include "src/products.h"
#include "src/store.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

enum {
	TWINS_MAX = 1000,  /* that look the same, on one day */
	BEGINNING_MIN = 4, /* letters that tell one merchant from another */
};

enum status { PENDING, COMPLETED, VANISHED };
static const char *const status_names[] = { "pending", "completed", "vanished" };

/* A row of transactions. */
struct kept {
	struct transaction t;
	char *number;
	char print[PRINT_SIZE];
	char *anomalies;  /* NULL: none */
	enum status status;
	bool was_pending;
	bool taken;       /* this run has it */
	bool completes;   /* and as completed */
	bool absorbed;    /* and as pending still */
};

/* A transaction of the collection. */
struct found {
	struct transaction *t;
	const char *number;
	char print[PRINT_SIZE];
	struct kept *kept;        /* NULL: it is new */
	const struct found *same; /* listed before, too */
};

struct saving {
	struct store *store;
	const struct site_account *account;
	struct collection *collection;
	struct kept *kept;
	size_t kept_count;
	struct kept **by_identifier; /* those that have one, by card and identifier */
	size_t identified;
	struct found *found;
	size_t found_count;
	int64_t run, now;
	int64_t new_rows;
};

/* ---- rows ---- */

#define ROW_COLUMNS "t.id, t.number, identifier, t.status, was_pending, local_date || 'T' || local_time, original_minor," \
	" original_symbol, charged_minor, charged_symbol, t.description, local_processed_date || 'T' || local_processed_time," \
	" memo, category, normal, credit, installment, installments, first_seen"

static void read_transaction(struct rows *rows, struct transaction *t)
{
	*t = (struct transaction){
		.id = xstrdup(rows_text(rows, 0)),
		.identifier = copy_of(rows_text(rows, 2)),
		.pending = !strcmp(rows_text(rows, 3), status_names[PENDING]),
		.original_minor = rows_int(rows, 6),
		.original_currency = xstrdup(rows_text(rows, 7)),
		.charged_minor = rows_int(rows, 8),
		.charged_currency = copy_of(rows_text(rows, 9)),
		.description = xstrdup(rows_text(rows, 10)),
		.memo = xstrdup(rows_text(rows, 12)),
		.category = copy_of(rows_text(rows, 13)),
		.normal = rows_int(rows, 14) != 0,
		.credit = rows_int(rows, 15) != 0,
		.number = (int)rows_int(rows, 16),
		.total = (int)rows_int(rows, 17),
		.first_seen = rows_int(rows, 18),
	};
	(void)value_time(rows_text(rows, 5), &t->bought);   /* we wrote them */
	(void)value_time(rows_text(rows, 11), &t->debited);
}

static void read_kept(struct rows *rows, struct kept *k)
{
	*k = (struct kept){ .number = xstrdup(rows_text(rows, 1)), .anomalies = copy_of(rows_text(rows, 19)),
		.was_pending = rows_int(rows, 4) != 0 };
	read_transaction(rows, &k->t);
	identity_print(&k->t, k->print);
	while (strcmp(status_names[k->status], rows_text(rows, 3)) != 0)
		k->status++;
}

static int by_identifier(const void *a, const void *b)
{
	const struct kept *one = *(struct kept *const *)a, *other = *(struct kept *const *)b;
	const int order = strcmp(one->number, other->number);

	return order ? order : strcmp(one->t.identifier, other->t.identifier);
}

static bool read_all_kept(struct saving *s, struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(s->store, "SELECT " ROW_COLUMNS ", anomalies FROM transactions t"
		" WHERE platform = ? AND account = ? ORDER BY t.rowid", ACCOUNT_SQL(s->account), &why);
	size_t room = 0;

	while (rows && rows_next(rows, &why)) {
		if (s->kept_count == room) {
			room = room ? room * 2 : 256;
			s->kept = xrealloc(s->kept, room * sizeof *s->kept);
		}
		read_kept(rows, &s->kept[s->kept_count++]);
	}
	s->by_identifier = xcalloc(s->kept_count + 1, sizeof *s->by_identifier);
	for (size_t i = 0; i < s->kept_count; i++)
		if (s->kept[i].t.identifier)
			s->by_identifier[s->identified++] = &s->kept[i];
	qsort(s->by_identifier, s->identified, sizeof *s->by_identifier, by_identifier);
	if (why.code && err)
		*err = why;
	return !why.code;
}

/* ---- what is listed ---- */

static int by_looks(const void *a, const void *b)
{
	const struct found *one = *(struct found *const *)a, *other = *(struct found *const *)b;
	const char *given = identity_given(one->t), *others = identity_given(other->t);
	int order = strcmp(one->number, other->number);

	if (!order)
		order = strcmp(given ? given : "", others ? others : "");
	if (!order)
		order = strcmp(one->print, other->print);
	return order ? order : (one > other) - (one < other);
}

/* Sites list a transaction in two places. */
static void mark_listed_twice(struct saving *s)
{
	struct found **order = xcalloc(s->found_count + 1, sizeof *order);

	for (size_t i = 0; i < s->found_count; i++)
		order[i] = &s->found[i];
	qsort(order, s->found_count, sizeof *order, by_looks);
	for (size_t i = 1; i < s->found_count; i++) {
		const struct found *before = order[i - 1];
		const char *given = identity_given(order[i]->t), *others = identity_given(before->t);
		if (given && others && !strcmp(given, others) && !strcmp(order[i]->number, before->number)
				&& !strcmp(order[i]->print, before->print))
			order[i]->same = before->same ? before->same : before;
	}
	free(order);
}

static void list_found(struct saving *s)
{
	size_t count = 0;

	for (size_t i = 0; i < s->collection->count; i++)
		count += s->collection->accounts[i].count;
	s->found = xcalloc(count + 1, sizeof *s->found);
	for (size_t i = 0; i < s->collection->count; i++) {
		const struct account *a = &s->collection->accounts[i];
		for (size_t k = 0; k < a->count; k++) {
			struct found *f = &s->found[s->found_count++];
			*f = (struct found){ .t = &a->list[k], .number = a->number };
			identity_print(f->t, f->print);
		}
	}
	mark_listed_twice(s);
}

/* ---- which row is whose ---- */

/* How much two must be alike, the most first. */
enum likeness {
	LOOKS_THE_SAME, /* print and print, both completed */
	SAME_DAY,
	NEXT_DAY,       /* a purchase around midnight */
	SAME_BEGINNING, /* pending ones have their merchants cut, or cities behind them */
	LIKENESSES,
};

/* Small letters, single spaces. */
static char *plain(const char *text)
{
	struct buf out = { 0 };

	for (; *text; text++) {
		if (!isspace((unsigned char)*text))
			buf_putc(&out, isascii(*text) ? (char)tolower((unsigned char)*text) : *text);
		else if (out.size && out.data[out.size - 1] != ' ')
			buf_putc(&out, ' ');
	}
	if (out.size && out.data[out.size - 1] == ' ')
		out.data[--out.size] = '\0';
	return buf_take(&out);
}

static bool merchants_alike(const char *one, const char *other, enum likeness likeness)
{
	AUTO(text) char *a = plain(one);
	AUTO(text) char *b = plain(other);
	const size_t a_size = strlen(a), b_size = strlen(b), size = a_size < b_size ? a_size : b_size;

	if (likeness != SAME_BEGINNING)
		return !strcmp(a, b);
	return size >= BEGINNING_MIN && !memcmp(a, b, size);
}

static long day_number(struct value_time t)
{
	struct tm tm = { .tm_year = t.year - 1900, .tm_mon = t.month - 1, .tm_mday = t.day };

	return (long)(timegm(&tm) / (24 * 60 * 60));
}

/* A pending purchase in installments is its first. */
static bool alike(const struct found *f, const struct kept *k, enum likeness likeness)
{
	const struct transaction *a = f->t, *b = &k->t;

	if (strcmp(f->number, k->number) != 0 || a->original_minor != b->original_minor
			|| (a->number != b->number && (a->number > 1 || b->number > 1))
			|| labs(day_number(a->bought) - day_number(b->bought)) > (likeness == NEXT_DAY))
		return false;
	return !strcmp(value_currency(a->original_currency), value_currency(b->original_currency))
		&& merchants_alike(a->description, b->description, likeness);
}

static bool may_be(const struct found *f, const struct kept *k, enum likeness likeness)
{
	if (k->taken || k->t.identifier || (f->t->pending && k->status == COMPLETED))
		return false;
	if (likeness == LOOKS_THE_SAME)
		return !f->t->pending && k->status == COMPLETED && !strcmp(f->number, k->number) && !strcmp(f->print, k->print);
	return alike(f, k, likeness);
}

static void take(struct found *f, struct kept *k)
{
	f->kept = k;
	k->taken = true;
	k->completes = !f->t->pending;
}

static void match_open(struct saving *s, struct found *f, enum likeness likeness)
{
	struct kept *best = NULL;

	for (size_t i = 0; i < s->kept_count; i++) {
		struct kept *k = &s->kept[i];
		if (!may_be(f, k, likeness))
			continue;
		const bool is_twin = !strcmp(f->print, k->print);
		if (!best || is_twin)
			best = k;
		if (is_twin)
			break;
	}
	if (best)
		take(f, best);
}

/* By the site's identifier.  An identifier may stand for all installments, and even for two purchases: the
 * row that looks the same comes first, then, when not EXACT, the one whose installment it is. */
static void match_identifier(struct saving *s, struct found *f, bool exact)
{
	struct kept wanted = { .number = (char *)f->number, .t.identifier = (char *)identity_given(f->t) };
	const struct kept *key = &wanted;
	size_t low = 0, high = s->identified;

	if (!wanted.t.identifier || f->t->pending)
		return;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (by_identifier(&s->by_identifier[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < s->identified && !f->kept && !by_identifier(&s->by_identifier[low], &key); low++) {
		struct kept *k = s->by_identifier[low];
		if (!k->taken && (exact ? !strcmp(k->print, f->print)
				: k->t.number == f->t->number && k->t.total == f->t->total))
			take(f, k);
	}
}

/* The site lists as pending what it has completed. */
static void absorb(struct saving *s, struct found *f)
{
	for (size_t i = 0; i < s->kept_count && !f->kept; i++) {
		struct kept *k = &s->kept[i];
		if (k->was_pending && !k->absorbed && (k->status == COMPLETED || k->completes) && alike(f, k, SAME_DAY)) {
			f->kept = k;
			k->absorbed = true;
		}
	}
}

static void match(struct saving *s)
{
	struct found *const end = s->found + s->found_count;

	for (int exact = 1; exact >= 0; exact--)
		for (struct found *f = s->found; f < end; f++)
			if (!f->kept && !f->same)
				match_identifier(s, f, exact);
	for (enum likeness likeness = LOOKS_THE_SAME; likeness < LIKENESSES; likeness++)
		for (int pending = 0; pending < 2; pending++)
			for (struct found *f = s->found; f < end; f++)
				if (!f->kept && !f->same && f->t->pending == pending)
					match_open(s, f, likeness);
	for (struct found *f = s->found; f < end; f++)
		if (!f->kept && f->t->pending)
			absorb(s, f);
}

/* ---- writing ---- */

static void time_text(struct value_time t, char out[16])
{
	(void)snprintf(out, 16, "%02u:%02u:%02u", (unsigned)t.hour % 100, (unsigned)t.minute % 100, (unsigned)t.second % 100);
}

static const char insert_sql[] =
	"INSERT OR IGNORE INTO transactions (platform, account, id, number, identifier, status, local_date, local_time, instant,"
	" original_minor, original_currency, original_symbol, charged_minor, charged_currency, charged_symbol, description,"
	" local_processed_date, local_processed_time, processed_instant, memo, category, normal, credit, installment, installments,"
	" first_seen, updated_at, was_pending, id_scheme, first_run)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,"
	" ?25, ?26, ?26, ?6 = 'pending', ?27, ?28)";

static const char update_sql[] =
	"UPDATE transactions SET identifier = ?5, status = ?6, local_date = ?7, local_time = ?8, instant = ?9, original_minor = ?10,"
	" original_currency = ?11, original_symbol = ?12, charged_minor = ?13, charged_currency = ?14, charged_symbol = ?15,"
	" description = ?16, local_processed_date = ?17, local_processed_time = ?18, processed_instant = ?19, memo = ?20,"
	" category = ?21, normal = ?22, credit = ?23, installment = ?24, installments = ?25, updated_at = ?26"
	" WHERE platform = ?1 AND account = ?2 AND id = ?3";

/* T as the row ID, by one of the two statements above. */
static bool write_row(struct saving *s, const char *sql, const char *id, const char *number, const struct transaction *t,
	struct error *err)
{
	const struct sql_value end = { .kind = SQL_END };
	char date[16], clock[16], processed_date[16], processed_clock[16];

	value_date_text(t->bought, date);
	time_text(t->bought, clock);
	value_date_text(t->debited, processed_date);
	time_text(t->debited, processed_clock);
	const struct sql_value values[] = {
		SQL_TEXT(s->account->site->name), SQL_TEXT(s->account->name), SQL_TEXT(id), SQL_TEXT(number),
		SQL_TEXT(t->pending ? NULL : identity_given(t)), SQL_TEXT(status_names[t->pending ? PENDING : COMPLETED]),
		SQL_TEXT(date), SQL_TEXT(clock), SQL_INT(value_instant(t->bought, RECORD_ZONE)),
		SQL_INT(t->original_minor), SQL_TEXT(value_currency(t->original_currency)), SQL_TEXT(t->original_currency),
		SQL_INT(t->charged_minor), SQL_TEXT(t->charged_currency ? value_currency(t->charged_currency) : NULL),
		SQL_TEXT(t->charged_currency), SQL_TEXT(t->description),
		SQL_TEXT(processed_date), SQL_TEXT(processed_clock), SQL_INT(value_instant(t->debited, RECORD_ZONE)),
		SQL_TEXT(t->memo), SQL_TEXT(t->category), SQL_INT(t->normal), SQL_INT(t->credit), SQL_INT(t->number), SQL_INT(t->total),
		SQL_INT(s->now), sql == insert_sql ? SQL_INT(IDENTITY_SCHEME) : end, SQL_INT(s->run), end,
	};

	return store_do(s->store, sql, values, err);
}

static bool insert(struct saving *s, struct found *f, struct error *err)
{
	for (int twin = 1; twin <= TWINS_MAX; twin++) {
		AUTO(text) char *id = identity_text(s->account->site->name, f->number, f->t, twin);
		if (!write_row(s, insert_sql, id, f->number, f->t, err))
			return false;
		if (!store_changed(s->store))
			continue; /* the id is another's */
		free(f->t->id);
		f->t->id = TAKE(id);
		f->t->first_seen = s->now;
		s->new_rows++;
		return true;
	}
	return fail(err, ERR_LIMIT, "card %s: more than %d transactions look like %s", f->number, TWINS_MAX, f->t->id);
}

/* A difference that is noted already says nothing new. */
static bool is_noted(const cJSON *list, const char *field, const char *seen)
{
	const cJSON *one, *last = NULL;

	cJSON_ArrayForEach (one, list)
		if (!strcmp(json_str(one, "field"), field))
			last = one;
	return last && !strcmp(json_str(last, "seen"), seen);
}

static void note(const struct saving *s, cJSON *list, const char *field, const char *kept, const char *seen)
{
	char at[32];

	if (!strcmp(kept, seen) || is_noted(list, field, seen))
		return;
	value_instant_text(s->now, at);
	json_add(list, JSON_NODE(NULL, json_object(JSON_STR("at", at), JSON_STR("field", field), JSON_STR("kept", kept),
		JSON_STR("seen", seen))));
}

static char *money_text(int64_t minor, const char *symbol)
{
	const uint64_t size = (uint64_t)(minor < 0 ? -minor : minor);

	return xasprintf("%s%llu.%02llu %s", minor < 0 ? "-" : "", (unsigned long long)size / 100, (unsigned long long)size % 100,
		symbol ? value_currency(symbol) : "");
}

static bool note_anomalies(struct saving *s, const struct kept *k, const struct transaction *t, struct error *err)
{
	AUTO(json) cJSON *list = k->anomalies ? json_parse(k->anomalies, strlen(k->anomalies), NULL) : cJSON_CreateArray();
	char kept_date[16], date[16];
	AUTO(text) char *kept_original = money_text(k->t.original_minor, k->t.original_currency);
	AUTO(text) char *original = money_text(t->original_minor, t->original_currency);
	AUTO(text) char *kept_charged = money_text(k->t.charged_minor, k->t.charged_currency);
	AUTO(text) char *charged = money_text(t->charged_minor, t->charged_currency);
	const int before = cJSON_GetArraySize(list);

	value_date_text(k->t.bought, kept_date);
	value_date_text(t->bought, date);
	note(s, list, "localDate", kept_date, date);
	note(s, list, "originalAmount", kept_original, original);
	note(s, list, "chargedAmount", kept_charged, charged);
	note(s, list, "description", k->t.description, t->description);
	if (cJSON_GetArraySize(list) == before)
		return true;
	AUTO(text) char *text = json_print(list);
	return store_do(s->store, "UPDATE transactions SET anomalies = ?4, updated_at = ?5 WHERE platform = ?1 AND account = ?2"
		" AND id = ?3", SQL(SQL_TEXT(s->account->site->name), SQL_TEXT(s->account->name), SQL_TEXT(k->t.id), SQL_TEXT(text),
			SQL_INT(s->now)), err);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_moment(struct value_time a, struct value_time b)
{
	return day_number(a) == day_number(b) && a.hour == b.hour && a.minute == b.minute && a.second == b.second;
}

/* T with what completed stays with: who it is, when, how much. */
static struct transaction frozen(const struct kept *k, const struct transaction *t)
{
	struct transaction merged = *t;

	if (k->status != COMPLETED)
		return merged;
	merged.identifier = k->t.identifier ? k->t.identifier : t->identifier;
	merged.bought = k->t.bought;
	merged.description = k->t.description;
	merged.original_minor = k->t.original_minor;
	merged.original_currency = k->t.original_currency;
	if (k->t.charged_currency) {
		merged.charged_minor = k->t.charged_minor;
		merged.charged_currency = k->t.charged_currency;
	}
	return merged;
}

static bool is_as_kept(const struct kept *k, const struct transaction *t)
{
	const struct transaction *b = &k->t;

	return k->status == (t->pending ? PENDING : COMPLETED) && same_text(b->identifier, t->pending ? NULL : identity_given(t))
		&& same_moment(b->bought, t->bought) && same_moment(b->debited, t->debited) && same_text(b->description, t->description)
		&& b->original_minor == t->original_minor && same_text(b->original_currency, t->original_currency)
		&& b->charged_minor == t->charged_minor && same_text(b->charged_currency, t->charged_currency)
		&& same_text(b->memo, t->memo) && same_text(b->category, t->category) && b->normal == t->normal
		&& b->credit == t->credit && b->number == t->number && b->total == t->total;
}

static bool update(struct saving *s, struct found *f, struct error *err)
{
	const struct kept *k = f->kept;
	const struct transaction merged = frozen(k, f->t);

	free(f->t->id);
	f->t->id = xstrdup(k->t.id);
	f->t->first_seen = k->t.first_seen;
	if (f->t->pending && (k->status == COMPLETED || k->absorbed))
		return true;
	return (k->status != COMPLETED || note_anomalies(s, k, f->t, err))
		&& (is_as_kept(k, &merged) || write_row(s, update_sql, k->t.id, k->number, &merged, err));
}

/* Whether all that the card has since the first day is here. */
static bool is_whole(const struct collection *c, const char *number)
{
	bool there = false;

	for (size_t i = 0; i < c->count; i++) {
		if (strcmp(c->accounts[i].number, number) != 0)
			continue;
		if (c->accounts[i].problem)
			return false;
		there = true;
	}
	return there && c->first.year;
}

static bool mark_vanished(struct saving *s, struct error *err)
{
	const long first = day_number(s->collection->first);
	bool ok = true;

	for (size_t i = 0; i < s->kept_count && ok; i++) {
		const struct kept *k = &s->kept[i];
		if (k->status == PENDING && !k->taken && is_whole(s->collection, k->number) && day_number(k->t.bought) >= first)
			ok = store_do(s->store, "UPDATE transactions SET status = 'vanished', updated_at = ?4 WHERE platform = ?1"
				" AND account = ?2 AND id = ?3", SQL(SQL_TEXT(s->account->site->name), SQL_TEXT(s->account->name),
					SQL_TEXT(k->t.id), SQL_INT(s->now)), err);
	}
	return ok;
}

static bool save_card(struct saving *s, const struct account *a, struct error *err)
{
	return store_do(s->store,
		"INSERT INTO cards (platform, account, number, description, status, balance_minor, balance_at)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, iif(?6 IS NULL, NULL, ?7)) ON CONFLICT (platform, account, number) DO UPDATE SET"
		" description = coalesce(?4, description), status = ?5, balance_minor = coalesce(?6, balance_minor),"
		" balance_at = iif(?6 IS NULL OR ?6 IS balance_minor, balance_at, ?7)",
		SQL(SQL_TEXT(s->account->site->name), SQL_TEXT(s->account->name), SQL_TEXT(a->number), SQL_TEXT(a->description),
			SQL_TEXT(a->status), a->has_balance ? SQL_INT(a->balance_minor) : SQL_NULL, SQL_INT(s->now)), err);
}

static bool save(struct saving *s, struct error *err)
{
	bool ok = true;

	for (size_t i = 0; i < s->collection->count && ok; i++)
		ok = save_card(s, &s->collection->accounts[i], err);
	for (size_t i = 0; i < s->found_count && ok; i++)
		if (!s->found[i].same)
			ok = s->found[i].kept ? update(s, &s->found[i], err) : insert(s, &s->found[i], err);
	for (size_t i = 0; i < s->found_count && ok; i++) {
		const struct found *same = s->found[i].same;
		if (!same)
			continue;
		free(s->found[i].t->id);
		s->found[i].t->id = xstrdup(same->t->id);
		s->found[i].t->first_seen = same->t->first_seen;
	}
	return ok && mark_vanished(s, err);
}

static void saving_clear(struct saving *s)
{
	for (size_t i = 0; i < s->kept_count; i++) {
		transaction_clear(&s->kept[i].t);
		free(s->kept[i].number);
		free(s->kept[i].anomalies);
	}
	free(s->kept);
	free(s->by_identifier);
	free(s->found);
}

bool results_save_collection(struct store *store, const struct site_account *account, int64_t run,
	struct collection *collection, int64_t *new_rows, struct error *err)
{
	struct saving s = { .store = store, .account = account, .collection = collection, .run = run, .now = time(NULL) };
	bool ok = store_begin(store, err) && read_all_kept(&s, err);

	if (ok) {
		list_found(&s);
		match(&s);
	}
	ok = ok && save(&s, err) && products_save(store, account, run, collection, &s.new_rows, err) && store_commit(store, err);
	if (ok)
		*new_rows = s.new_rows;
	else
		store_rollback(store);
	saving_clear(&s);
	return ok;
}

/* ---- reading ---- */

/* The card's account in the collection: the last one, or one more. */
static struct account *account_of(struct collection *c, struct rows *rows)
{
	const char *owner = rows_text(rows, 19), *number = rows_text(rows, 1);
	struct account *last = c->count ? &c->accounts[c->count - 1] : NULL;

	if (last && !strcmp(last->number, number) && !strcmp(last->owner, owner))
		return last;
	struct account *a = collection_add(c, number);
	a->owner = xstrdup(owner);
	a->description = copy_of(rows_text(rows, 20));
	a->status = copy_of(rows_text(rows, 21));
	a->has_balance = !rows_is_null(rows, 22);
	a->balance_minor = rows_int(rows, 22);
	return a;
}

bool results_read(struct store *store, const struct results_query *q, struct collection *out, struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store,
		"SELECT " ROW_COLUMNS ", t.account, c.description, c.status, c.balance_minor"
		" FROM transactions t LEFT JOIN cards c USING (platform, account, number)"
		" WHERE (?1 IS NULL OR platform = ?1) AND (?2 IS NULL OR account = ?2) AND (?3 IS NULL OR number = ?3)"
		" AND (?4 IS NULL OR local_date >= ?4) AND (?5 IS NULL OR local_date <= ?5)"
		" AND (t.status = 'completed' OR (?6 AND t.status = 'pending')) AND (?7 = 0 OR first_run = ?7)"
		" AND first_run > ?8"
		" AND (?2 IS NOT NULL OR NOT EXISTS (SELECT 1 FROM transactions o WHERE o.platform = t.platform AND o.id = t.id"
		" AND o.status = t.status AND o.account < t.account))"
		" ORDER BY platform, account, number, local_date, instant, id",
		SQL(SQL_TEXT(q->site), SQL_TEXT(q->account), SQL_TEXT(q->number), SQL_TEXT(q->since), SQL_TEXT(q->until),
			SQL_INT(q->pending), SQL_INT(q->run), SQL_INT(q->after)), &why);

	while (rows && rows_next(rows, &why))
		read_transaction(rows, account_add(account_of(out, rows)));
	if (!why.code && !q->number)
		(void)products_read(store, q, out, &why);
	if (why.code && err)
		*err = why;
	return !why.code;
}

const struct site *results_site(struct store *store, struct error *err)
{
	struct error why = { 0 };
	AUTO(rows) struct rows *rows = store_ask(store, "SELECT min(platform), count(DISTINCT platform) FROM"
		" (SELECT platform FROM transactions UNION SELECT platform FROM products)", NULL, &why);
	const struct site *site = NULL;

	if (rows && rows_next(rows, &why) && rows_int(rows, 1) > 1)
		fail(&why, ERR_INPUT, "there are several sites: say which");
	else if (rows && !why.code && !rows_is_null(rows, 0))
		site = site_find(rows_text(rows, 0));
	if (why.code && err)
		*err = why;
	return site;
}
