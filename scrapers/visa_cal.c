/* Visa Cal: sign in through the frame on the home page, take the token, ask the API for each card's
 * months.  A card that cannot be read costs nobody but itself.  The token outlives the browser: with it the
 * API alone does, and the site's pages take it as a sign-in. */
#include "scrapers/scrape.h"

#include "cdp/embed.h"

#include <string.h>

enum {
	SIGN_IN_MS = 45000,
	AFTER_CODE_MS = 30000,
	DATA_MS = 20000,
	LOOK_MS = 500,
	MONTHS_BACK = 18, /* what the site keeps */
	MONTHS_MAX = 40,
	CARDS_MAX = 60,
	STATUS_OK = 1,
	STATUS_NONE = 96, /* "there are none" */
};

EMBED(selectors_visa_cal, "selectors/visa_cal.json");

static const char zone[] = RECORD_ZONE;

/* ---- signing in ---- */

enum { DASHBOARD, TUTORIAL, CODE, METHOD };

static const struct scrape_outcome outcomes[] = {
	[DASHBOARD] = { .url = "dashboard" },
	[TUTORIAL] = { .url = "tutorial" },
	[CODE] = { .challenge = CHALLENGE_CODE },
	[METHOD] = { .challenge = CHALLENGE_METHOD },
	{ .target = "login.blocked", .error = ERR_ACCOUNT, .words = "Visa Cal has blocked this account" },
	{ .target = "login.refused", .error = ERR_REFUSED, .words = "Visa Cal refused these credentials" },
	{ .target = "login.change_password", .error = ERR_PASSWORD, .words = "Visa Cal wants a new password to be chosen first" },
	{ .target = "site.rejected", .error = ERR_BLOCKED, .words = "Visa Cal's firewall rejected the request" },
	{ .request = "login", .error = ERR_REFUSED, .words = "Visa Cal refused the form of these credentials" },
};
enum { OUTCOMES = sizeof outcomes / sizeof *outcomes };

static bool open_login(struct scrape *s)
{
	enum { LOGIN_BUTTON };
	static const struct scrape_outcome home[] = {
		[LOGIN_BUTTON] = { .target = "home.login" },
		{ .target = "site.rejected", .error = ERR_BLOCKED, .words = "Visa Cal's firewall rejected the request" },
	};

	return scrape_open(s, "home")
		&& scrape_race(s, home, 2, DATA_MS) == LOGIN_BUTTON
		&& scrape_click(s, "home.login")
		&& scrape_wait(s, "home.frame");
}

static bool fill_password(struct scrape *s)
{
	return scrape_click(s, "login.regular")
		&& scrape_type_credential(s, "login.user", "username")
		&& scrape_type_credential(s, "login.password", "password")
		&& scrape_submit(s, "login.submit");
}

static bool fill_quick(struct scrape *s)
{
	return scrape_click(s, "login.quick")
		&& scrape_type_credential(s, "quick.id", "id")
		&& scrape_type_credential(s, "quick.last4", "last4")
		&& scrape_submit(s, "quick.submit");
}

static bool sign_in(struct scrape *s)
{
	scrape_step(s, "opening the login");
	if (!open_login(s))
		return false;
	scrape_step(s, "signing in");
	if (!(scrape_options(s)->quick ? fill_quick(s) : fill_password(s)))
		return false;

	int outcome = scrape_race(s, outcomes, OUTCOMES, SIGN_IN_MS);
	if (outcome == CODE || outcome == METHOD)
		outcome = scrape_enter_code(s, outcomes, OUTCOMES, AFTER_CODE_MS);
	return outcome == DASHBOARD || (outcome == TUTORIAL && scrape_click(s, "tutorial.close"));
}

/* The pages find the token of the saved session, or send to the home page. */
static bool resume(struct scrape *s)
{
	static const struct scrape_outcome opened[] = {
		[DASHBOARD] = { .url = "dashboard" },
		[TUTORIAL] = { .url = "tutorial" },
		{ .request = "init", .error = ERR_SIGNED_OUT, .words = "Visa Cal no longer takes the saved session" },
		{ .url = "signed_out", .error = ERR_SIGNED_OUT, .words = "Visa Cal asks to sign in again" },
		{ .target = "home.login", .error = ERR_SIGNED_OUT, .words = "Visa Cal asks to sign in again" },
		{ .target = "site.rejected", .error = ERR_BLOCKED, .words = "Visa Cal's firewall rejected the request" },
	};

	scrape_step(s, "opening the saved session");
	if (!scrape_open(s, "app"))
		return false;
	const int outcome = scrape_race(s, opened, sizeof opened / sizeof *opened, DATA_MS);
	return outcome == DASHBOARD || (outcome == TUTORIAL && scrape_click(s, "tutorial.close"));
}

/* ---- reading ---- */

struct months {
	struct value_time first, last; /* "since", and the last month to ask for */
	int count;
};

static struct months months_of(const struct scrape_options *o)
{
	const struct value_time now = value_now(zone);
	struct months m = { .first = value_add_months(now, -MONTHS_BACK), .last = value_add_months(now, o->future_months) };
	struct value_time since;

	m.first.day++; /* as the site's own page counts; one past a month's end is the next one's first */
	m.first.hour = m.first.minute = m.first.second = 0;
	if (value_time(o->since, &since) && value_instant(since, zone) > value_instant(m.first, zone))
		m.first = since;
	m.count = (m.last.year - m.first.year) * 12 + m.last.month - m.first.month + 1;
	if (m.count > MONTHS_MAX)
		m.count = MONTHS_MAX;
	if (m.count < 0)
		m.count = 0;
	return m;
}

static char *month_body(const char *card, struct value_time month)
{
	AUTO(text) char *number = xasprintf("%d", month.month);
	AUTO(text) char *year = xasprintf("%d", month.year);
	AUTO(json) cJSON *body = json_object(JSON_STR("cardUniqueId", card), JSON_STR("month", number), JSON_STR("year", year));

	return json_print(body);
}

static char *text_at(const cJSON *json, const char *path)
{
	const char *text = json_str(json, path);

	return text && *text ? xstrdup(text) : NULL;
}

static char *joined(const cJSON *list)
{
	struct buf text = { 0 };
	const cJSON *one;

	cJSON_ArrayForEach(one, list)
		if (cJSON_IsString(one))
			buf_printf(&text, "%s%s", text.size ? "," : "", one->valuestring);
	return buf_take(&text);
}

/* One transaction as the site has it.  False when it lacks what every one has. */
static bool read_transaction(const cJSON *json, struct transaction *t)
{
	const char *debited = json_str(json, "debCrdDate"), *type = json_str(json, "trnTypeCode");
	double amount, charged;
	int64_t number = 0, total = 0;

	t->pending = !debited;
	if (!json_num(json, "trnAmt", &amount) || !json_num(json, t->pending ? "trnAmt" : "amtBeforeConvAndIndex", &charged)
			|| !value_time(json_str(json, "trnPurchaseDate"), &t->bought) || !type
			|| !value_minor(amount, &t->original_minor) || !value_minor(charged, &t->charged_minor)
			|| (debited && !value_time(debited, &t->debited)))
		return false;
	t->credit = !strcmp(type, "6");
	t->normal = !strcmp(type, "5") || !strcmp(type, "9");
	if (!t->credit)
		t->original_minor = -t->original_minor;
	t->charged_minor = t->credit ? llabs(t->charged_minor) : -t->charged_minor;
	if (json_int(json, t->pending ? "numberOfPayments" : "numOfPayments", &total) && total > 0 && total < 1000) {
		t->total = (int)total;
		t->number = !t->pending && json_int(json, "curPaymentNum", &number) && number > 0 && number < 1000 ? (int)number : 1;
		t->bought = value_add_months(t->bought, t->number - 1);
	}
	if (t->pending)
		t->debited = t->bought;
	t->identifier = t->pending ? NULL : text_at(json, "trnIntId");
	t->description = xstrdup(json_str(json, "merchantName") ? json_str(json, "merchantName") : "");
	t->memo = joined(json_list(json, "transTypeCommentDetails"));
	t->category = text_at(json, "branchCodeDesc");
	t->original_currency = xstrdup(json_str(json, "trnCurrencySymbol") ? json_str(json, "trnCurrencySymbol") : "");
	t->charged_currency = t->pending ? NULL : text_at(json, "debCrdCurrencySymbol");
	return true;
}

/* What one card's reading needs and gathers. */
struct card {
	const char *id, *last4;
	struct account *account;
	const struct months *months;
	int unreadable;
};

static void take_list(struct card *card, const cJSON *list)
{
	const int64_t since = value_instant(card->months->first, zone);
	const cJSON *one;

	cJSON_ArrayForEach(one, list) {
		struct transaction *t = account_add(card->account);
		const bool readable = read_transaction(one, t);
		if (!readable)
			card->unreadable++;
		if (!readable || value_instant(t->bought, zone) < since)
			account_drop(card->account);
	}
}

static void take_debits(struct card *card, const cJSON *days)
{
	const cJSON *day;

	cJSON_ArrayForEach(day, days)
		take_list(card, json_list(day, "transactions"));
}

/* The account's problem is the first one met; it stays readable for a person. */
static void note_problem(struct scrape *s, struct card *card, const char *what)
{
	collection_warn(scrape_result(s), "card %s: %s", card->last4, what);
	if (!card->account->problem)
		card->account->problem = xstrdup(what);
}

/* The API's answer to one call; NULL when there is nothing to take, with the problem noted. */
static cJSON *envelope(struct scrape *s, struct card *card, const struct fetch *f, const char *what, bool *signed_out)
{
	struct error why = { 0 };
	AUTO(json) cJSON *json = scrape_reply(f, &why);
	int64_t status = 0;

	if (!json) {
		*signed_out = *signed_out || why.code == ERR_SIGNED_OUT || why.code == ERR_BLOCKED;
		if (*signed_out)
			scrape_fail_as(s, &why);
		AUTO(text) char *words = xasprintf("%s: %s", what, why.text);
		note_problem(s, card, words);
		return NULL;
	}
	if (json_int(json, "statusCode", &status) && status == STATUS_OK)
		return TAKE(json);
	if (status != STATUS_NONE) {
		const char *title = json_str(json, "title");
		AUTO(text) char *words = xasprintf("%s: the site says \"%s\"", what, title ? title : "");
		note_problem(s, card, words);
	}
	return NULL;
}

static void take_pending(struct card *card, const cJSON *reply)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, json_list(reply, "result.cardsList"))
		take_list(card, json_list(one, "authDetalisList"));
}

/* All months' regular debits come first, then all immediate ones, as the npm package has them. */
static void take_months(struct card *card, cJSON *const *replies, int count)
{
	static const char *const parts[] = { "debitDates", "immidiateDebits.debitDays" };

	for (size_t part = 0; part < 2; part++) {
		for (int i = 0; i < count; i++) {
			const cJSON *bank;
			cJSON_ArrayForEach(bank, json_list(replies[i], "result.bankAccounts"))
				take_debits(card, json_list(bank, parts[part]));
		}
	}
}

static const char *const *api_headers(struct scrape *s, const char *authorization, char *texts[5], const char *out[6])
{
	const char *origin = scrape_text(s, "api.origin");

	texts[0] = xasprintf("Authorization: %s", authorization);
	texts[1] = xasprintf("X-Site-Id: %s", scrape_text(s, "api.site_id"));
	texts[2] = xstrdup("Content-Type: application/json");
	texts[3] = xasprintf("Origin: %s", origin);
	texts[4] = xasprintf("Referer: %s/", origin);
	for (int i = 0; i < 5; i++)
		out[i] = texts[i];
	out[5] = NULL;
	return out;
}

/* The whole of one card.  False when going on makes no sense. */
static bool read_card(struct scrape *s, struct card *card, const char *const *headers)
{
	const int months = card->months->count;
	struct fetch *calls = xcalloc((size_t)months + 1, sizeof *calls);
	cJSON **replies = xcalloc((size_t)months + 1, sizeof *replies);
	bool signed_out = false;

	calls[0] = (struct fetch){ .url = scrape_text(s, "api.pending"), .headers = headers,
		.body = xasprintf("{\"cardUniqueIDArray\":[\"%s\"]}", card->id) };
	for (int i = 0; i < months; i++)
		calls[i + 1] = (struct fetch){ .url = scrape_text(s, "api.month"), .headers = headers,
			.body = month_body(card->id, value_add_months(card->months->last, -i)) };
	const bool asked = scrape_fetch(s, calls, (size_t)months + 1);

	for (int i = 0; asked && i <= months; i++) {
		const struct value_time m = value_add_months(card->months->last, 1 - i);
		AUTO(text) char *what = i ? xasprintf("%04d-%02d", m.year, m.month) : xstrdup("pending");
		replies[i] = envelope(s, card, &calls[i], what, &signed_out);
		fetch_clear(&calls[i]);
	}
	take_pending(card, replies[0]);
	take_months(card, replies + 1, months);
	if (card->unreadable)
		collection_warn(scrape_result(s), "card %s: %d transactions could not be read", card->last4, card->unreadable);
	for (int i = 0; i <= months; i++) {
		cJSON_Delete(replies[i]);
		if (!asked)
			fetch_clear(&calls[i]);
	}
	free(replies);
	free(calls);
	return asked && !signed_out;
}

static void take_frames(struct scrape *s, const cJSON *cards, const char *const *headers)
{
	struct fetch call = { .url = scrape_text(s, "api.frames"), .headers = headers };
	AUTO(json) cJSON *body = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(body, "cardsForFrameData");
	const cJSON *card, *frame;

	cJSON_ArrayForEach(card, cards)
		json_add(list, JSON_NODE(NULL, json_object(JSON_STR("cardUniqueId", json_str(card, "cardUniqueId")))));
	call.body = json_print(body);
	AUTO(json) cJSON *reply = scrape_fetch(s, &call, 1) ? scrape_reply(&call, NULL) : NULL;
	fetch_clear(&call);
	/* The bank's figures win over the issuer's. */
	static const char *const issuers[] = { "result.calIssuedCards.cardLevelFrames", "result.bankIssuedCards.cardLevelFrames" };
	for (size_t i = 0; i < 2; i++) {
		cJSON_ArrayForEach(frame, json_list(reply, issuers[i])) {
			int at = 0;
			cJSON_ArrayForEach(card, cards) {
				const char *id = json_str(card, "cardUniqueId"), *other = json_str(frame, "cardUniqueId");
				double debit;
				struct account *a = at < (int)scrape_result(s)->count ? &scrape_result(s)->accounts[at] : NULL;
				at++;
				if (a && id && other && !strcmp(id, other) && json_num(frame, "nextTotalDebit", &debit)
						&& value_minor(-debit, &a->balance_minor))
					a->has_balance = true;
			}
		}
	}
}

static bool is_out_of_use(const cJSON *json)
{
	const char *display = json_str(json, "statusForDisplay");

	return display && *display && cJSON_IsFalse(json_at(json, "isCardWithActivity"));
}

static bool read_cards(struct scrape *s, const cJSON *cards, const char *const *headers)
{
	const struct months months = months_of(scrape_options(s));
	struct collection *all = scrape_result(s);
	const cJSON *json;

	all->first = months.first;
	cJSON_ArrayForEach(json, cards) {
		struct card card = { .id = json_str(json, "cardUniqueId"), .last4 = json_str(json, "last4Digits"), .months = &months };
		if (!card.id || !card.last4)
			return scrape_fail(s, ERR_LAYOUT, "card %zu has no cardUniqueId or last4Digits", all->count + 1);
		card.account = collection_add(all, card.last4);
		card.account->description = text_at(json, "companyDescription");
		if (is_out_of_use(json)) {
			card.account->status = text_at(json, "statusForDisplay");
			AUTO(text) char *words = xasprintf("not read: %s", card.account->status);
			note_problem(s, &card, words);
		} else if (!read_card(s, &card, headers)) {
			return false;
		}
		if (card.account->problem)
			all->failed++;
	}
	return true;
}

static char *find_token(struct scrape *s)
{
	char *seen = scrape_request_header(s, "sso", "authorization");

	if (seen)
		return seen;
	AUTO(json) cJSON *module = scrape_session_item(s, "auth-module", "auth.calConnectToken", DATA_MS);
	const char *token = json_str(module, "auth.calConnectToken");
	return token ? xasprintf("CALAuthScheme %s", token) : NULL;
}

static bool read_all(struct scrape *s, const cJSON *cards, const char *authorization)
{
	char *texts[5];
	const char *headers[6];

	if (!cards || cJSON_GetArraySize(cards) > CARDS_MAX)
		return scrape_fail(s, ERR_LAYOUT, "the list of cards is missing, or has more than %d", CARDS_MAX);
	(void)api_headers(s, authorization, texts, headers);
	scrape_step(s, "reading transactions");
	const bool ok = read_cards(s, cards, headers);
	if (ok)
		take_frames(s, cards, headers);
	for (int i = 0; i < 5; i++)
		free(texts[i]);
	return ok;
}

static bool collect(struct scrape *s)
{
	scrape_step(s, "reading the cards");
	AUTO(json) cJSON *init = scrape_session_item(s, "init", "result.cards", DATA_MS);
	AUTO(text) char *token = init ? find_token(s) : NULL;

	if (!init || !token)
		return false;
	scrape_release_page(s);
	return read_all(s, json_list(init, "result.cards"), token);
}

/* The cards as the API has them now; NULL with the reason in the scrape. */
static cJSON *ask_cards(struct scrape *s, const char *authorization)
{
	char *texts[5];
	const char *headers[6];
	struct error why = { 0 };
	int64_t status = 0;
	struct fetch call = { .url = scrape_text(s, "api.init"), .body = xstrdup("{\"tokenGuid\":\"\"}"),
		.headers = api_headers(s, authorization, texts, headers) };

	cJSON *init = scrape_fetch(s, &call, 1) ? scrape_reply(&call, &why) : NULL;
	if (why.code)
		scrape_fail_as(s, &why);
	fetch_clear(&call);
	for (int i = 0; i < 5; i++)
		free(texts[i]);
	if (!init || (json_int(init, "statusCode", &status) && status == STATUS_OK))
		return init;
	cJSON_Delete(init);
	scrape_fail(s, ERR_SIGNED_OUT, "Visa Cal no longer takes the saved token (status %d)", (int)status);
	return NULL;
}

static bool direct(struct scrape *s)
{
	const char *saved = scrape_saved_item(s, "sessionStorage", "auth-module");
	AUTO(json) cJSON *module = saved ? json_parse(saved, strlen(saved), NULL) : NULL;
	const char *token = json_str(module, "auth.calConnectToken");

	if (!saved)
		return false;
	if (!token || !*token)
		return scrape_fail(s, ERR_LAYOUT, "the saved session has no token");
	scrape_step(s, "asking with the saved session");
	AUTO(text) char *authorization = xasprintf("CALAuthScheme %s", token);
	AUTO(json) cJSON *init = ask_cards(s, authorization);
	return init && read_all(s, json_list(init, "result.cards"), authorization);
}

/* The page has been given the token, and the API takes it. */
static bool is_signed_in(struct scrape *s)
{
	if (!scrape_at(s, "dashboard") && !scrape_at(s, "tutorial"))
		return scrape_fail(s, ERR_SIGNED_OUT, "the page does not show the dashboard");
	AUTO(json) cJSON *module = scrape_session_item(s, "auth-module", "auth.calConnectToken", LOOK_MS);
	if (!module)
		return scrape_fail(s, ERR_SIGNED_OUT, "the page has no token");
	AUTO(text) char *authorization = xasprintf("CALAuthScheme %s", json_str(module, "auth.calConnectToken"));
	AUTO(json) cJSON *init = ask_cards(s, authorization);
	return init != NULL;
}

const struct site visa_cal = {
	.name = "visa-cal",
	.title = "Visa Cal",
	.selectors = selectors_visa_cal,
	.fields = (const char *const[]){ "username", "password", NULL },
	.quick_fields = (const char *const[]){ "id", "last4", NULL },
	.direct = direct,
	.resume = resume,
	.sign_in = sign_in,
	.collect = collect,
	.is_signed_in = is_signed_in,
};
