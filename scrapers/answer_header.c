/* Headers: challenges of authentication, headers of a site's own, redirects. */
#include "scrapers/answer_reading.h"

#include "scrapers/plain.h"

#include <ctype.h>
#include <strings.h>

enum { PARAMETERS_MAX = 32, HEADER_MAX = 4096 };

const char *header_of(const struct answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->header_count; i++)
		if (!strcasecmp(answer->headers[i].name, name))
			return answer->headers[i].value;
	return NULL;
}

/* RFC 9110 §10.2.3: seconds, or a moment. */
static int retry_after(const struct reading *r, const char *value)
{
	const long seconds = is_all_digits(value) && strlen(value) <= 5 ? strtol(value, NULL, 10) : seconds_until(r, value);

	return seconds <= SECONDS_MAX ? (int)seconds : 0;
}

/* "OTP" (npm's), or Bearer with an error such as "mfa_required" or RFC 9470's "insufficient_user_authentication". */
static void read_authenticate(struct reading *r, const char *value)
{
	AUTO(said) struct said said = said_in_name(r, value);
	if (factor_of(&said) != 2 || says(&said, LIST_REFUSED))
		return;
	count(r, 6, 4, "WWW-Authenticate", NULL);
	if (!r->out->type)
		r->out->type = type_of_name(&said);
}

/* "X-GitHub-OTP: required; sms", "X-OTP-Required: true", "X-MFA-Token: …", "x-2fa-approval-result: REJECTED" */
static void read_own(struct reading *r, const char *header, const char *value)
{
	AUTO(text) char *where = xasprintf("header %s", header);
	const char *const name = strncasecmp(header, "x-", 2) ? header : header + 2;
	AUTO(said) struct said title = said_in_name(r, name);
	AUTO(said) struct said said = said_in_name(r, value);
	const bool factor = factor_of(&title) == 2;
	if (carry_rank(&title) > CARRY_SURE / 2 && !strchr(value, ' ') && !(is_all_digits(value) && strlen(value) <= 10))
		carry(r, ANSWER_HEADER, header, value, carry_rank(&title));
	if (!factor || says(&title, LIST_SETTLED))
		return;
	if (says(&said, LIST_NEEDED) || is(&said, LIST_REFUSED)) {
		count(r, 6, 5, where, NULL);
		if (!r->out->type)
			r->out->type = type_of_name(&said);
		return;
	}
	AUTO(json) cJSON *text = cJSON_CreateString(value);
	read_member(r, ANSWER_HEADER, where, name, text);
}

static bool is_standard(const char *name)
{
	static const char *const names[] = { "age", "allow", "cache-control", "content-security-policy", "content-type", "date",
		"etag", "link", "location", "server", "set-cookie", "vary", "via", "access-control-allow-headers",
		"access-control-expose-headers", "permissions-policy", "content-security-policy-report-only", "referrer-policy",
		"refresh" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return false;
}

/* The parameters of an address, but for those that say where to go afterwards. */
static void read_parameters(struct reading *r, const char *query)
{
	for (int i = 0; *query && i < PARAMETERS_MAX; i++) {
		const size_t size = strcspn(query, "&#"), equals = strcspn(query, "=&#");
		AUTO(text) char *name = xstrndup(query, equals);
		AUTO(text) char *value = xstrndup(query + equals + (equals < size), size - equals - (equals < size));
		AUTO(text) char *where = xasprintf("Location: %s", name);
		AUTO(said) struct said said = said_in_name(r, name);
		if (!is(&said, LIST_RETURN_NAMES) && name[0]) {
			AUTO(json) cJSON *text = cJSON_CreateString(value);
			read_member(r, ANSWER_HEADER, where, name, text);
		}
		query += size + (query[size] != '\0');
	}
}

/* PATH is about a second factor; the end of it, as in "/login/challenge/totp", may say which. */
static void count_redirect(struct reading *r, const char *path)
{
	AUTO(said) struct said last = said_in_name(r, strrchr(path, '/') > path ? strrchr(path, '/') : "");
	count(r, 5, 4, "Location", NULL);
	if (!r->out->type)
		r->out->type = type_of_name(&last);
}

void read_redirect(struct reading *r, const char *location)
{
	const size_t path = strcspn(location, "?#"), query = path + (location[path] == '?');
	AUTO(text) char *raw = xstrndup(location, path < HEADER_MAX ? path : HEADER_MAX);
	const char *const fragment = strchr(location, '#');
	const char *const host = strstr(raw, "://"), *const first = host ? strchr(host + 3, '/') : raw;
	const int asks = r->asks;
	AUTO(said) struct said said = said_in_name(r, first ? first : "");
	AUTO(said) struct said whole = said_in_name(r, location);
	AUTO(said) struct said route = said_in_name(r, fragment && fragment[1] == '/' ? fragment : "");
	if (says(&whole, LIST_SET_UP) || says(&whole, LIST_ERRANDS))
		return;
	if (factor_of(&said) == 2 && !says(&said, LIST_SETTLED))
		count_redirect(r, first);
	else if (factor_of(&route) == 2 && !says(&route, LIST_SETTLED))
		count_redirect(r, fragment);
	else if (location[path] == '?' && !says(&said, LIST_SETTLED))
		read_parameters(r, location + query);
	if (r->asks > asks)
		keep_endpoint(&r->out->endpoint, location);
}

void read_headers(struct reading *r, const struct answer *answer)
{
	const char *const location = header_of(answer, "location"), *const refresh = header_of(answer, "refresh");
	const char *const url = refresh ? strcasestr(refresh, "url=") : NULL;

	for (size_t i = 0; i < answer->header_count; i++) {
		const char *const name = answer->headers[i].name, *const value = answer->headers[i].value;
		if (strlen(value) > HEADER_MAX)
			continue;
		if (!strcasecmp(name, "retry-after"))
			r->out->retry_after = retry_after(r, value);
		else if (!strcasecmp(name, "www-authenticate"))
			read_authenticate(r, value);
		else if (!is_standard(name))
			read_own(r, name, value);
	}
	if (location && answer->status >= 300 && answer->status < 400)
		read_redirect(r, location);
	else if (url)
		read_redirect(r, url + 4);
}
