/* gabbai serve: the API, the page, and what people are asked. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "cdp/base/log.h"
#include "src/access.h"
#include "src/api.h"
#include "src/ending.h"
#include "src/jobs.h"
#include "src/place.h"
#include "src/reach.h"
#include "src/server.h"
#include "src/store.h"
#include "src/stream.h"
#include "src/view.h"

#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>

enum { PORT_DEFAULT = 7070, NOTICES_SIZE = 4096, SETTLE_S = 5 };

static struct server *serving;

static void on_signal(int number)
{
	(void)number;
	if (serving)
		server_stop(serving);
}

/* ---- the store tells when it changes ---- */

static bool on_notice(void *owner, int fd)
{
	char notices[NOTICES_SIZE];

	while (read(fd, notices, sizeof notices) > 0)
		;
	api_look(owner);
	return true;
}

/* The database's log is touched by whoever has something to say: store_tell(). */
static bool watch_store(struct api *api, struct error *err)
{
	AUTO(text) char *file = place_of_data("gabbai.db-wal", err);
	const int fd = file ? inotify_init1(IN_CLOEXEC | IN_NONBLOCK) : -1;
	char *slash = file ? strrchr(file, '/') : NULL;

	if (slash)
		*slash = '\0';
	return (fd >= 0 && inotify_add_watch(fd, file, IN_ATTRIB) >= 0 && server_watch(api->server, fd, on_notice, api))
		|| fail_system(err, "watching %s", file ? file : "the store");
}

static void on_tick(void *owner)
{
	static int ticks;

	if (++ticks % SETTLE_S == 0)
		api_settle(owner); /* those that others have started; our own children's end is told at once */
	else
		api_look(owner); /* where no notice comes, as on network disks */
	api_schedules_tick(owner);
}

/* ---- where ---- */

struct listen {
	char address[64];
	struct server_opts opts;
};

static bool is_loopback(const char *address)
{
	return !strcmp(address, "127.0.0.1") || !strcmp(address, "localhost");
}

/* The name that a proxy is known by; Railway says its own.  "": there is none. */
static const char *public_host(const struct options *o)
{
	const char *railway = getenv("RAILWAY_PUBLIC_DOMAIN");

	return o->public_host ? o->public_host : railway ? railway : "";
}

/* "127.0.0.1:7070", ":7070", "7070".  $PORT is what platforms like Railway say, and means all addresses. */
static bool read_listen(const struct options *o, struct listen *out, struct error *err)
{
	const char *text = o->listen, *port = getenv("PORT"), *host = public_host(o);
	char *end = NULL;

	if (host[strcspn(host, "/@ ")])
		return fail(err, ERR_INPUT, "--behind-proxy %s: wants a name like gabbai.example.org, as browsers send it in Host", host);
	*out = (struct listen){ .address = "127.0.0.1", .opts = { .port = PORT_DEFAULT, .public_host = *host ? host : NULL,
		.cert = o->tls_cert, .key = o->tls_key } };
	if (!text && port && *port) {
		if (*host)
			(void)snprintf(out->address, sizeof out->address, "0.0.0.0");
		text = port;
	}
	if (text) {
		const char *colon = strrchr(text, ':');
		if (colon && colon > text)
			(void)snprintf(out->address, sizeof out->address, "%.*s", (int)(colon - text), text);
		const char *number = colon ? colon + 1 : text;
		out->opts.port = (int)strtol(number, &end, 10);
		if (end == number || *end || out->opts.port < 0 || out->opts.port > 65535)
			return fail(err, ERR_INPUT, "--listen %s: wants ADDRESS:PORT", text);
		if (strchr(out->address, ':'))
			return fail(err, ERR_INPUT, "--listen %s: wants an IPv4 address", text);
	}
	if (!o->tls_cert != !o->tls_key)
		return fail(err, ERR_INPUT, "--tls-cert and --tls-key go together");
	if (!is_loopback(out->address) && !o->tls_cert && !*host)
		return fail(err, ERR_INPUT, "%s can be reached from elsewhere: that wants --tls-cert and --tls-key,"
			" or --behind-proxy HOST when a proxy does TLS", out->address);
	out->opts.address = is_loopback(out->address) ? "127.0.0.1" : out->address;
	return true;
}

/* "https://gabbai.example.org", owned by the caller. */
static char *own_url(const struct listen *where, const struct api *api)
{
	AUTO(text) char *own = xasprintf("%s:%d", is_loopback(where->address) ? "127.0.0.1" : where->address,
		server_port(api->server));

	return xasprintf("%s://%s", where->opts.cert || where->opts.public_host ? "https" : "http",
		where->opts.public_host ? where->opts.public_host : own);
}

static void say_where(const char *url, struct api *api)
{
	AUTO(text) char *start = access_start_link(api->access);

	printf("%s/#%s\n", url, start);
	printf("Open this link once within %d minutes; the browser stays signed in after it.\n", START_S / 60);
	(void)fflush(stdout);
}

/* Each page that looks is a descriptor; the usual soft limit, 1024, is for programs that select(). */
static void allow_many_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files); /* fewer pages, then */
	}
}

static bool serve(const struct options *o, struct error *err)
{
	struct listen where;
	struct api api = { .options = o };

	if (!read_listen(o, &where, err))
		return false;
	allow_many_files();
	api.store = store_open(err);
	api.access = api.store ? access_open(o->token_file, err) : NULL;
	api.server = api.access ? server_open(&where.opts, api.access, api.store, err) : NULL;
	bool ok = api.server != NULL;
	if (ok) {
		api.feed = feed_open(api.store);
		api.jobs = jobs_open(api.server, o, api_job_ended, &api);
		server_routes(api.server, api_routes, &api);
		server_live(api.server, &view_events, &api);
		server_on_tick(api.server, on_tick, &api);
		ok = watch_store(&api, err);
	}
	if (ok) {
		serving = api.server;
		signal(SIGINT, on_signal);
		signal(SIGTERM, on_signal);
		AUTO(text) char *url = own_url(&where, &api);
		reach_sign_up(api.store, url, o->token_file);
		say_where(url, &api);
		server_run(api.server);
		reach_sign_off(api.store);
		serving = NULL;
	}
	jobs_close(api.jobs);
	server_close(api.server);
	views_free(&api);
	feed_close(api.feed);
	api_connects_free(&api);
	api_schedules_free(&api);
	api_status_free(&api);
	access_close(api.access);
	store_free(api.store);
	return ok;
}

int cmd_serve(const struct options *o)
{
	struct error err = { 0 };

	return serve(o, &err) ? EXIT_OK : command_failed(&err);
}
