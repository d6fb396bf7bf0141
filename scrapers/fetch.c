#include "scrapers/fetch_impl.h"

#include "cdp/base/error.h"

#include <fnmatch.h>
#include <string.h>

enum { CONNECT_MS = 10000, REQUEST_MS = 60000, RETRY_MS = 300, RETRY_AFTER_MAX = 20, POLL_MS = 200, PARALLEL_MAX = 8 };

AUTO_KIND(multi, CURLM *, (void)curl_multi_cleanup);

struct job {
	CURL *easy;
	struct fetch *fetch;
};

struct queue {
	const struct fetch_network *network;
	struct fetch *list;
	struct deadline *not_before; /* one for each of LIST: when it may be tried (again) */
	bool *done;
	size_t count, left;
	struct job jobs[PARALLEL_MAX];
	size_t parallel;
	CURLM *multi;
	struct curl_slist *connect_to, *headers;
};

void fetch_clear(struct fetch *f)
{
	free(f->body);
	free(f->why);
	buf_clear(&f->reply);
}

static size_t on_body(char *data, size_t one, size_t size, void *user)
{
	struct buf *reply = user;

	(void)one;
	return buf_append(reply, data, size) ? size : 0;
}

struct curl_slist *fetch_list(const char *const *texts)
{
	struct curl_slist *list = NULL;

	for (; texts && *texts; texts++)
		list = curl_slist_append(list, *texts);
	return list;
}

static const char *host_end(const char *host)
{
	return host + strcspn(host, ":/?#");
}

/* libcurl takes exact hosts only, so a pattern is told as the host that it fits. */
struct curl_slist *fetch_connections(const struct fetch_network *network, const char *url)
{
	const char *const *rules = network->connect_to;
	const char *scheme = strstr(url, "://"), *start = scheme ? scheme + 3 : url;
	AUTO(text) char *host = xstrndup(start, (size_t)(host_end(start) - start));
	struct curl_slist *list = NULL;

	for (; rules && *rules; rules++) {
		AUTO(text) char *pattern = xstrndup(*rules, strcspn(*rules, ":"));
		if (*pattern && fnmatch(pattern, host, 0) != 0)
			continue;
		AUTO(text) char *rule = xasprintf("%s%s", host, *rules + strlen(pattern));
		list = curl_slist_append(list, rule);
	}
	return list;
}

void fetch_prepare(CURL *easy, const struct fetch_network *network, const char *url)
{
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	if (network->user_agent)
		curl_easy_setopt(easy, CURLOPT_USERAGENT, network->user_agent);
	if (network->cacert)
		curl_easy_setopt(easy, CURLOPT_CAINFO, network->cacert);
}

static CURL *easy_new(const struct queue *q, struct fetch *f)
{
	CURL *easy = curl_easy_init();

	buf_clear(&f->reply);
	f->reply.size_max = FETCH_BODY_MAX;
	free(TAKE(f->why));
	fetch_prepare(easy, q->network, f->url);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)REQUEST_MS);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, q->headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &f->reply);
	curl_easy_setopt(easy, CURLOPT_CONNECT_TO, q->connect_to);
	if (f->body)
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, f->body);
	return easy;
}

static void start_jobs(struct queue *q)
{
	for (size_t i = 0; i < q->count; i++) {
		struct job *job = NULL;
		for (size_t k = 0; k < q->parallel && !job; k++)
			job = q->jobs[k].easy ? NULL : &q->jobs[k];
		if (!job)
			return;
		bool running = q->done[i] || !deadline_passed(q->not_before[i]);
		for (size_t k = 0; k < q->parallel; k++)
			running = running || q->jobs[k].fetch == &q->list[i];
		if (running)
			continue;
		*job = (struct job){ easy_new(q, &q->list[i]), &q->list[i] };
		q->list[i].tries++;
		curl_multi_add_handle(q->multi, job->easy);
	}
}

static bool worth_another_try(const struct fetch *f)
{
	const bool nothing_yet = f->status == 202 && f->reply.size == 0; /* how some sites put programs off */

	return f->tries < FETCH_TRIES && (f->why || f->status == 429 || f->status == 503 || nothing_yet);
}

static void end_job(struct queue *q, struct job *job, CURLcode code)
{
	struct fetch *f = job->fetch;
	const size_t at = (size_t)(f - q->list);
	long status = 0;
	curl_off_t after = 0;

	curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(job->easy, CURLINFO_RETRY_AFTER, &after);
	f->status = (int)status;
	if (code != CURLE_OK)
		f->why = xstrdup(curl_easy_strerror(code));
	curl_multi_remove_handle(q->multi, job->easy);
	curl_easy_cleanup(job->easy);
	*job = (struct job){ 0 };
	if (worth_another_try(f)) {
		const int64_t wait = after > 0 ? (after < RETRY_AFTER_MAX ? after : RETRY_AFTER_MAX) * 1000 : RETRY_MS * f->tries;
		q->not_before[at] = deadline_in_ms(wait);
		return;
	}
	q->done[at] = true;
	q->left--;
}

static struct job *job_of(struct queue *q, const CURL *easy)
{
	for (size_t k = 0; k < q->parallel; k++)
		if (q->jobs[k].easy == easy)
			return &q->jobs[k];
	return NULL;
}

static void pump(struct queue *q)
{
	int running, left;

	start_jobs(q);
	curl_multi_perform(q->multi, &running);
	for (const CURLMsg *m; (m = curl_multi_info_read(q->multi, &left));) {
		struct job *job = m->msg == CURLMSG_DONE ? job_of(q, m->easy_handle) : NULL;
		if (job)
			end_job(q, job, m->data.result);
	}
	start_jobs(q);
	if (q->left)
		curl_multi_poll(q->multi, NULL, 0, POLL_MS, NULL);
}

static bool is_stopped(const struct fetch_network *network)
{
	return network->stop && *network->stop;
}

bool fetch_all(const struct fetch_network *network, struct fetch *list, size_t count, size_t parallel,
	struct deadline until, struct error *err)
{
	AUTO(multi) CURLM *multi = curl_multi_init();
	AUTO(list) struct curl_slist *connect_to = count ? fetch_connections(network, list[0].url) : NULL;
	AUTO(list) struct curl_slist *headers = count ? fetch_list(list[0].headers) : NULL;
	struct queue q = { .network = network, .list = list, .count = count, .left = count, .multi = multi,
		.parallel = parallel > PARALLEL_MAX ? PARALLEL_MAX : parallel, .connect_to = connect_to, .headers = headers };

	q.not_before = xcalloc(count + 1, sizeof *q.not_before);
	q.done = xcalloc(count + 1, sizeof *q.done);
	while (q.left && !deadline_passed(until) && !is_stopped(network))
		pump(&q);
	for (size_t k = 0; k < q.parallel; k++) {
		if (!q.jobs[k].easy)
			continue;
		curl_multi_remove_handle(multi, q.jobs[k].easy);
		curl_easy_cleanup(q.jobs[k].easy);
	}
	free(q.not_before);
	free(q.done);
	if (q.left && is_stopped(network))
		return fail(err, ERR_CANCELLED, "interrupted");
	return !q.left || fail_timeout(err, ERR_NONE, "%zu of %zu requests were still unanswered", q.left, count);
}
