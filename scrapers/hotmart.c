/* Hotmart: sign in at its CAS, take the token that the app keeps, ask the market's API for the list and for
 * each product's details.  Where the API is not as we know it, the market's pages are read instead.  The token
 * lasts two days; the session behind it gives the app another one without a word, once it is opened. */
#include "scrapers/scrape.h"

#include "cdp/embed.h"

#include <string.h>

EMBED(selectors_hotmart, "selectors/hotmart.json");

enum {
	PAGE_MS = 30000,
	SIGN_IN_MS = 45000,
	AFTER_CODE_MS = 30000,
	LOOK_MS = 500,
	ROWS = 100,       /* a page of the list; the API gives up to 200 */
	PAGES_MAX = 500,  /* of the list: beyond this its count is wrong */
	CARDS_PAGES_MAX = 100,
};

/* ---- signing in ---- */

enum { MARKET, CODE, METHOD };

static const struct scrape_outcome outcomes[] = {
	[MARKET] = { .target = "market.shown" },
	[CODE] = { .challenge = CHALLENGE_CODE },
	[METHOD] = { .challenge = CHALLENGE_METHOD },
	{ .target = "login.captcha", .error = ERR_BLOCKED, .words = "Hotmart asks for a captcha" },
	{ .target = "login.blocked", .error = ERR_ACCOUNT, .words = "Hotmart has blocked this account" },
	{ .target = "login.refused", .error = ERR_REFUSED, .words = "Hotmart refused this e-mail and password" },
	{ .request = "login", .error = ERR_REFUSED, .words = "Hotmart refused this e-mail and password" },
};
enum { OUTCOMES = sizeof outcomes / sizeof *outcomes };

/* Who is signed in at the CAS comes to the market at once, and everybody else to its form.  The market's
 * frame is drawn before the token is tried, so what counts is what stands in it. */
static int open_market(struct scrape *s)
{
	enum { OPEN, FORM };
	static const struct scrape_outcome opened[] = {
		[OPEN] = { .target = "market.shown" },
		[FORM] = { .target = "login.user" },
		{ .target = "login.blocked", .error = ERR_ACCOUNT, .words = "Hotmart has blocked this account" },
	};

	return scrape_open(s, "market") ? scrape_race(s, opened, 3, PAGE_MS) : -1;
}

static bool resume(struct scrape *s)
{
	scrape_step(s, "opening the saved session");
	const int outcome = open_market(s);
	if (outcome > 0)
		return scrape_fail(s, ERR_SIGNED_OUT, "Hotmart asks to sign in again");
	return outcome == 0;
}

static bool fill_form(struct scrape *s)
{
	return scrape_dismiss(s, "cookies.accept")
		&& scrape_type_credential(s, "login.user", "email")
		&& scrape_type_credential(s, "login.password", "password")
		&& scrape_click(s, "login.submit");
}

static bool sign_in(struct scrape *s)
{
	scrape_step(s, "opening the login");
	const int opened = open_market(s);
	if (opened <= 0)
		return opened == 0;
	/* Without this some people are asked to confirm by e-mail instead of by password. */
	if (!scrape_open_again(s, "passwordless=false") || !scrape_wait(s, "login.user"))
		return false;
	scrape_step(s, "signing in");
	if (!fill_form(s))
		return false;

	int outcome = scrape_race(s, outcomes, OUTCOMES, SIGN_IN_MS);
	if (outcome == CODE || outcome == METHOD)
		outcome = scrape_enter_code(s, outcomes, OUTCOMES, AFTER_CODE_MS);
	return outcome == MARKET;
}

/* ---- the API ---- */

struct api {
	char *authorization, *origin, *referer;
	const char *headers[5];
	bool can_renew; /* there is a page, and it has not been asked for another token yet */
};

static void auto_api(struct api *api)
{
	free(api->authorization);
	free(api->origin);
	free(api->referer);
}

static void api_use(struct scrape *s, struct api *api, const char *token)
{
	auto_api(api);
	api->authorization = xasprintf("Authorization: Bearer %s", token);
	api->origin = xasprintf("Origin: %s", scrape_text(s, "api.origin"));
	api->referer = xasprintf("Referer: %s/", scrape_text(s, "api.origin"));
	memcpy(api->headers, (const char *[]){ api->authorization, "Content-Type: application/json", api->origin, api->referer,
		NULL }, sizeof api->headers);
}

/* The token died while we asked: the app gets another one, once, if its session lives. */
static bool renew(struct scrape *s, struct api *api)
{
	if (!api->can_renew)
		return scrape_fail(s, ERR_SIGNED_OUT, "Hotmart no longer takes the token");
	api->can_renew = false;
	if (!resume(s))
		return false;
	AUTO(text) char *token = scrape_local_item(s, "token", PAGE_MS);
	if (token)
		api_use(s, api, token);
	return token != NULL;
}

static char *search_body(struct scrape *s, int page)
{
	AUTO(json) cJSON *body = json_object(JSON_INT("page", page), JSON_INT("rows", ROWS),
		JSON_STR("userLocale", scrape_text(s, "api.locale")), JSON_STR("name", "hottest"),
		JSON_STR("query", scrape_options(s)->search), JSON_BOOL("hasSendEvent", false));

	return json_print(body);
}

/* One page of the list; NULL with the reason in the scrape. */
static cJSON *ask_page(struct scrape *s, struct api *api, int page)
{
	for (;;) {
		struct error why = { 0 };
		struct fetch call = { .url = scrape_text(s, "api.search"), .body = search_body(s, page), .headers = api->headers };
		cJSON *reply = scrape_fetch(s, &call, 1) ? scrape_reply(&call, &why) : NULL;
		fetch_clear(&call);
		if (reply || !why.code)
			return reply;
		scrape_fail_as(s, &why);
		if (why.code != ERR_SIGNED_OUT || !renew(s, api))
			return NULL;
	}
}

/* ---- products ---- */

static char *text_at(const cJSON *json, const char *path)
{
	const char *text = json_str(json, path);

	return text && *text ? xstrdup(text) : NULL;
}

/* An identifier, which is a number as long as it is short. */
static char *id_at(const cJSON *json, const char *path)
{
	int64_t number;

	return json_int(json, path, &number) ? xasprintf("%lld", (long long)number) : text_at(json, path);
}

static double number_at(const cJSON *json, const char *path)
{
	double number;

	return json_num(json, path, &number) ? number : PRODUCT_UNKNOWN;
}

static bool read_money(const cJSON *json, const char *path, struct money *out)
{
	AUTO(text) char *value = xasprintf("%s.value", path);
	AUTO(text) char *currency = xasprintf("%s.currency", path);
	double amount;

	if (!json_num(json, value, &amount) || !value_minor(amount, &out->minor))
		return false;
	out->currency = text_at(json, currency);
	return true;
}

/* One product of the list.  False when it lacks what every one has. */
static bool read_product(const cJSON *item, struct product *p)
{
	p->id = id_at(item, "product.id");
	p->name = value_line(json_str(item, "product.name"));
	if (!p->id || !p->name)
		return false;
	p->ucode = text_at(item, "product.ucode");
	p->producer = text_at(item, "producer.name");
	p->producer_ucode = text_at(item, "producer.ucode");
	p->category = text_at(item, "product.category");
	p->format = text_at(item, "product.format");
	p->language = text_at(item, "product.locale");
	p->url = text_at(item, "product.salesPage");
	p->has_price = read_money(item, "product.price", &p->price);
	p->has_commission = read_money(item, "affiliation.commission.price", &p->commission);
	p->commission_percent = number_at(item, "affiliation.commission.percentage");
	p->temperature = number_at(item, "product.temperature");
	p->blueprint = number_at(item, "product.blueprint");
	p->rating = number_at(item, "product.reviewRating");
	(void)json_int(item, "product.totalAnswers", &p->answers);
	p->is_subscription = json_true(item, "product.isSubscription");
	return true;
}

static bool is_enough(struct scrape *s)
{
	return scrape_result(s)->product_count >= (size_t)scrape_options(s)->limit;
}

/* Takes a page of the list.  False when it is not as we know it. */
static bool take_page(struct scrape *s, const cJSON *reply)
{
	const cJSON *content = json_list(reply, "content"), *item;
	int number = 0;

	if (!content)
		return scrape_fail(s, ERR_LAYOUT, "the market's list has no \"content\"");
	cJSON_ArrayForEach(item, content) {
		if (is_enough(s))
			return true;
		number++;
		if (!read_product(item, collection_add_product(scrape_result(s))))
			return scrape_fail(s, ERR_LAYOUT, "product %d of the market's list has no product.id or product.name", number);
	}
	return true;
}

static bool read_list(struct scrape *s, struct api *api)
{
	int64_t pages = 1;

	for (int page = 1; page <= pages && page <= PAGES_MAX && !is_enough(s); page++) {
		AUTO(json) cJSON *reply = ask_page(s, api, page);
		if (!reply || !take_page(s, reply))
			return false;
		if (!json_int(reply, "totalPages", &pages))
			return scrape_fail(s, ERR_LAYOUT, "the market's list has no \"totalPages\"");
	}
	return true;
}

/* ---- details ---- */

static void take_details(struct product *p, const cJSON *reply)
{
	const char *language = json_str(reply, "productDetails.language");

	p->description = text_at(reply, "productDetails.description");
	p->checkout_url = text_at(reply, "productDetails.checkoutLink");
	if (!p->url)
		p->url = text_at(reply, "productDetails.pageSalesLink");
	if (!p->format)
		p->format = text_at(reply, "productDetails.format");
	if (!p->language && language)
		p->language = xstrdup(language);
}

/* Asks for the details of all that have none yet; those that could not be had stay without, with the problem
 * noted.  *SIGNED_OUT: the token died on the way. */
static bool ask_details(struct scrape *s, struct api *api, bool *signed_out)
{
	struct collection *all = scrape_result(s);
	struct fetch *calls = xcalloc(all->product_count + 1, sizeof *calls);
	struct product **whose = xcalloc(all->product_count + 1, sizeof *whose);
	size_t count = 0;

	for (size_t i = 0; i < all->product_count; i++) {
		struct product *p = &all->products[i];
		if (p->description || p->problem)
			continue;
		whose[count] = p;
		AUTO(text) char *url = xasprintf("%s/%s/details", scrape_text(s, "api.product"), p->ucode ? p->ucode : p->id);
		calls[count++] = (struct fetch){ .url = TAKE(url), .headers = api->headers };
	}
	const bool ok = scrape_fetch(s, calls, count);
	for (size_t i = 0; i < count; i++) {
		struct error why = { 0 };
		AUTO(json) cJSON *reply = ok ? scrape_reply(&calls[i], &why) : NULL;
		if (reply)
			take_details(whose[i], reply);
		else if (why.code == ERR_SIGNED_OUT)
			*signed_out = true;
		else if (ok)
			whose[i]->problem = xstrdup(why.text);
		free((char *)calls[i].url);
		fetch_clear(&calls[i]);
	}
	free(calls);
	free(whose);
	return ok;
}

static bool read_details(struct scrape *s, struct api *api)
{
	struct collection *all = scrape_result(s);

	scrape_step(s, "reading the products");
	for (bool signed_out = true; signed_out;) {
		signed_out = false;
		if (!ask_details(s, api, &signed_out) || (signed_out && !renew(s, api)))
			return false;
	}
	for (size_t i = 0; i < all->product_count; i++) {
		if (!all->products[i].problem)
			continue;
		collection_warn(all, "product %s: %s", all->products[i].id, all->products[i].problem);
		all->failed++;
	}
	return true;
}

static bool read_api(struct scrape *s, struct api *api)
{
	scrape_step(s, "reading the market");
	return read_list(s, api) && read_details(s, api);
}

/* ---- the pages ---- */

/* "4.7", "(1234)", "150°": the number in a card's text. */
static double shown_number(const cJSON *card, const char *name)
{
	const char *text = json_str(card, name);
	double number;

	return value_number(text, &number) ? number : PRODUCT_UNKNOWN;
}

static void take_card(struct scrape *s, const cJSON *card)
{
	const char *id = json_str(card, "id"), *name = json_str(card, "name");
	const double answers = shown_number(card, "answers");

	if (!id || !*id || !name || !*name || is_enough(s))
		return;
	struct product *p = collection_add_product(scrape_result(s));
	p->id = xstrdup(id);
	p->ucode = text_at(card, "ucode");
	p->name = xstrdup(name);
	p->producer = text_at(card, "producer");
	p->url = text_at(card, "url");
	p->rating = shown_number(card, "rating");
	p->temperature = shown_number(card, "temperature");
	p->commission_percent = p->blueprint = PRODUCT_UNKNOWN;
	p->answers = answers > 0 ? (int64_t)answers : 0;
	p->has_price = value_money(json_str(card, "price"), &p->price.minor, &p->price.currency);
	p->has_commission = value_money(json_str(card, "commission"), &p->commission.minor, &p->commission.currency);
}

/* What the market's pages show, page by page. */
static bool read_pages(struct scrape *s)
{
	scrape_step(s, "reading the market's pages");
	if (!scrape_open(s, "market"))
		return false;
	for (int page = 1; page <= CARDS_PAGES_MAX && !is_enough(s); page++) {
		AUTO(text) char *number = xasprintf("%d", page);
		const cJSON *card;
		AUTO(json) cJSON *cards = scrape_cards(s, "market", number, PAGE_MS);
		if (!cards)
			return false;
		cJSON_ArrayForEach(card, cards)
			take_card(s, card);
		if (!scrape_has(s, "market.next"))
			break;
		if (!scrape_click(s, "market.next"))
			return false;
	}
	if (!scrape_result(s)->product_count)
		return scrape_fail(s, ERR_LAYOUT, "the market's pages show no product that can be read");
	collection_warn(scrape_result(s), "the API is not as it was: these products were read from the pages, without details");
	return true;
}

/* ---- collecting ---- */

static bool direct(struct scrape *s)
{
	const char *token = scrape_saved_item(s, "localStorage", "token");
	AUTO(api) struct api api = { 0 };

	if (!token)
		return false;
	api_use(s, &api, token);
	return read_api(s, &api);
}

static bool collect(struct scrape *s)
{
	AUTO(text) char *token = scrape_local_item(s, "token", PAGE_MS);
	AUTO(api) struct api api = { .can_renew = true };

	if (!token)
		return false;
	api_use(s, &api, token);
	bool ok = read_api(s, &api);
	if (!ok && scrape_failure(s) == ERR_LAYOUT) {
		collection_clear(scrape_result(s));
		ok = read_pages(s);
	}
	if (ok)
		scrape_release_page(s);
	return ok;
}

/* Without a login: what everybody sees. */
static bool collect_public(struct scrape *s)
{
	scrape_step(s, "reading the public marketplace");
	if (!scrape_open(s, "public") || !scrape_wait(s, "public.card") || !scrape_dismiss(s, "cookies.accept"))
		return false;
	while (scrape_count(s, "public.card") < scrape_options(s)->limit && scrape_has(s, "public.more"))
		if (!scrape_click(s, "public.more") || !scrape_wait(s, "public.settled"))
			return false;
	const cJSON *card;
	AUTO(json) cJSON *cards = scrape_cards(s, "public", NULL, PAGE_MS);
	cJSON_ArrayForEach(card, cards)
		take_card(s, card);
	return cards != NULL;
}

/* The app shows who it is, and its token is taken by the API. */
static bool is_signed_in(struct scrape *s)
{
	AUTO(api) struct api api = { 0 };

	if (!scrape_has(s, "market"))
		return scrape_fail(s, ERR_SIGNED_OUT, "the page does not show the market");
	AUTO(text) char *token = scrape_local_item(s, "token", LOOK_MS);
	if (!token)
		return scrape_fail(s, ERR_SIGNED_OUT, "the page has no token");
	api_use(s, &api, token);
	AUTO(json) cJSON *page = ask_page(s, &api, 1);
	return page != NULL;
}

const struct site hotmart = {
	.name = "hotmart",
	.title = "Hotmart",
	.selectors = selectors_hotmart,
	.fields = (const char *const[]){ "email", "password", NULL },
	.has_products = true,
	.direct = direct,
	.resume = resume,
	.sign_in = sign_in,
	.collect = collect,
	.collect_public = collect_public,
	.is_signed_in = is_signed_in,
};
