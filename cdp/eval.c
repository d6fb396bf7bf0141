/* JavaScript: in the page's world for callers, in our own for everything else.
 *
 * Our world is found by Page.createIsolatedWorld, which answers with the same context each time, so the
 * detectable and noisy Runtime.enable is not needed.  The engine (cdp/js) is put into it before any
 * script of the page by Page.addScriptToEvaluateOnNewDocument. */
#include "cdp/base/buf.h"
#include "cdp/base/error.h"
#include "cdp/embed.h"
#include "cdp/page_impl.h"

#include <math.h>
#include <string.h>

EMBED(cdp_engine_locate, "cdp/js/locate.js");
EMBED(cdp_engine_act, "cdp/js/act.js");

static struct deadline step_deadline(const struct cdp_eval_opts *opts)
{
	return deadline_in_ms(opts && opts->timeout_ms > 0 ? opts->timeout_ms : CDP_STEP_MS);
}

static struct cdp_conn *conn_of(const struct cdp_frame *frame)
{
	return frame->page->browser->conn;
}

static bool frame_alive(const struct cdp_frame *frame, struct error *err)
{
	if (frame->detached)
		return fail(err, ERR_CLOSED, "the frame %s was removed", frame->url);
	if (frame->session->dead)
		return cdp_session_fail(frame->session, err);
	return true;
}

/* ---- values ---- */

static bool fail_exception(const cJSON *details, struct error *err)
{
	const char *text = json_str(details, "exception.description");
	const char *class = json_str(details, "exception.className");
	const char *url = json_str(details, "url");
	int64_t line = 0, column = 0;

	if (!text)
		text = json_str(details, "exception.value");
	AUTO(text) char *printed = !text && json_at(details, "exception.value")
		? json_print(json_at(details, "exception.value")) : NULL;
	if (!text)
		text = printed ? printed : json_str(details, "text");
	(void)json_int(details, "lineNumber", &line);
	(void)json_int(details, "columnNumber", &column);
	/* The stack's lines say the same place again. */
	if (!text)
		text = "an exception without words";
	const int length = (int)strcspn(text, "\n");
	if (class && !strcmp(class, "SelectorError"))
		return fail(err, ERR_SELECTOR, "%.*s", length, text);
	if (!strncmp(text, "SelectorError", 13))
		return fail(err, ERR_SELECTOR, "%.*s", length, text);
	if (!strncmp(text, "StrictError", 11))
		return fail(err, ERR_STRICT, "%.*s", length, text);
	return fail(err, ERR_SCRIPT, "%.*s (%s:%d:%d)", length, text, url && *url ? url : "script",
		(int)line + 1, (int)column + 1);
}

/* The "value" of a remote object; takes RESULT, the result of Runtime.evaluate. */
cJSON *cdp_eval_value(cJSON *result, struct error *err)
{
	AUTO(json) cJSON *own = result;
	const cJSON *details = json_at(own, "exceptionDetails");

	if (!own)
		return NULL;
	if (details) {
		fail_exception(details, err);
		return NULL;
	}
	const char *odd = json_str(own, "result.unserializableValue");
	if (odd)
		return cJSON_CreateString(odd);
	const char *type = json_str(own, "result.type");
	if (type && !strcmp(type, "function"))
		return cJSON_CreateNull();
	cJSON *value = json_take(own, "result.value");
	return value ? value : cJSON_CreateNull();
}

/* ---- the caller's world ---- */

static bool is_local_child(const struct cdp_frame *frame)
{
	return frame->parent && frame->session == frame->parent->session;
}

void cdp_frame_context_created(void *browser, struct cdp_session *session, const cJSON *params)
{
	struct cdp_page *page = cdp_page_of(session);
	const char *id = json_str(params, "context.auxData.frameId");
	struct cdp_frame *frame = page && id ? cdp_frame_find(page, id) : NULL;
	int64_t context;

	(void)browser;
	if (!frame || frame->session != session || !json_true(params, "context.auxData.isDefault")
			|| !json_int(params, "context.id", &context))
		return;
	frame->page_context = (int)context;
}

/* The page's own world of a child frame in its parent's process has a number that only Runtime.enable
 * tells. */
static bool learn_context(struct cdp_frame *frame, struct deadline until, struct error *err)
{
	if (frame->page_context)
		return true;
	AUTO(json) cJSON *answer = cdp_call(conn_of(frame), frame->session, "Runtime.enable", NULL, until, err);
	if (!answer)
		return false;
	return frame->page_context || fail(err, ERR_CONTEXT, "the frame %s has no document yet", frame->url);
}

static cJSON *eval_params(struct cdp_frame *frame, const char *expression, const struct cdp_eval_opts *opts)
{
	const int context = opts && opts->isolated ? frame->world
		: is_local_child(frame) ? frame->page_context : 0;

	return json_object(
		JSON_STR("expression", expression),
		JSON_BOOL("returnByValue", true),
		JSON_BOOL("awaitPromise", true),
		JSON_BOOL("userGesture", !opts || !opts->no_gesture),
		JSON_NODE("contextId", context ? cJSON_CreateNumber(context) : NULL));
}

/* Everything that must be known before the expression can be sent. */
static bool prepare(struct cdp_frame *frame, const struct cdp_eval_opts *opts, struct deadline until,
	struct error *err)
{
	if (!frame_alive(frame, err))
		return false;
	frame->shown = true;
	if (opts && opts->isolated)
		return cdp_frame_world(frame, until, err);
	return !is_local_child(frame) || learn_context(frame, until, err);
}

cJSON *cdp_page_eval(struct cdp_page *page, const char *expression, const struct cdp_eval_opts *opts,
	struct error *err)
{
	const struct deadline until = step_deadline(opts);
	struct cdp_frame *frame = opts && opts->frame ? opts->frame : page->frames;

	if (!prepare(frame, opts, until, err))
		return NULL;
	struct error why = { 0 };
	cJSON *result = cdp_call(conn_of(frame), frame->session, "Runtime.evaluate",
		eval_params(frame, expression, opts), until, &why);
	if (result)
		return cdp_eval_value(result, err);
	if (why.code == ERR_PROTOCOL && strstr(why.text, "couldn't be returned by value"))
		return cJSON_CreateNull(); /* a symbol */
	if (err)
		*err = why;
	return NULL;
}

/* ---- nodes ---- */

/* The node's object in FRAME's world, owned by the caller. */
static char *object_of(struct cdp_frame *frame, int64_t node, struct deadline until, struct error *err)
{
	AUTO(json) cJSON *resolved = cdp_call(conn_of(frame), frame->session, "DOM.resolveNode",
		json_object(JSON_INT("backendNodeId", node), JSON_INT("executionContextId", frame->world)), until, err);
	const char *id = json_str(resolved, "object.objectId");

	if (resolved && !id)
		fail(err, ERR_PROTOCOL, "DOM.resolveNode: no object");
	return id ? xstrdup(id) : NULL;
}

static void release(struct cdp_frame *frame, const char *object)
{
	cdp_post(conn_of(frame), frame->session, "Runtime.releaseObject", json_object(JSON_STR("objectId", object)));
}

/* ARGUMENT: an object's id; NULL: none. */
static cJSON *call_on(struct cdp_frame *frame, const char *object, const char *function, const char *argument,
	struct deadline until, struct error *err)
{
	cJSON *arguments = !argument ? NULL : json_array(JSON_NODE(NULL, json_object(JSON_STR("objectId", argument))));

	return cdp_eval_value(cdp_call(conn_of(frame), frame->session, "Runtime.callFunctionOn",
		json_object(JSON_STR("objectId", object), JSON_STR("functionDeclaration", function), JSON_NODE("arguments", arguments),
			JSON_BOOL("returnByValue", true)), until, err), err);
}

cJSON *cdp_frame_owner(struct cdp_frame *frame, const char *function, struct deadline until, struct error *err)
{
	struct cdp_frame *parent = frame->parent;
	int64_t node;

	if (!parent)
		return fail(err, ERR_INPUT, "nothing holds the main frame"), NULL;
	if (!frame_alive(frame, err) || !cdp_frame_world(parent, until, err))
		return NULL;
	AUTO(json) cJSON *owner = cdp_call(conn_of(frame), parent->session, "DOM.getFrameOwner",
		json_object(JSON_STR("frameId", frame->id)), until, err);
	if (owner && !json_int(owner, "backendNodeId", &node))
		return fail(err, ERR_PROTOCOL, "DOM.getFrameOwner: no node"), NULL;
	AUTO(text) char *object = owner ? object_of(parent, node, until, err) : NULL;
	cJSON *value = object ? call_on(parent, object, function, NULL, until, err) : NULL;
	if (object)
		release(parent, object);
	return value;
}

/* The backend id of the closed shadow root of an object; 0: it has none. */
static int64_t closed_root(struct cdp_frame *frame, const char *object, struct deadline until)
{
	AUTO(json) cJSON *node = cdp_call(conn_of(frame), frame->session, "DOM.describeNode",
		json_object(JSON_STR("objectId", object)), until, NULL); /* gone meanwhile: none */
	const cJSON *root;
	int64_t id = 0;

	cJSON_ArrayForEach(root, json_list(node, "node.shadowRoots")) {
		const char *type = json_str(root, "shadowRootType");
		if (type && !strcmp(type, "closed") && json_int(root, "backendNodeId", &id))
			return id;
	}
	return 0;
}

static bool open_root(struct cdp_frame *frame, const char *host, const char *function, struct deadline until)
{
	const int64_t node = closed_root(frame, host, until);
	AUTO(text) char *root = node ? object_of(frame, node, until, NULL) : NULL; /* gone meanwhile */
	AUTO(json) cJSON *done = root ? call_on(frame, host, function, root, until, NULL) : NULL;

	if (root)
		release(frame, root);
	return done != NULL;
}

int cdp_frame_closed_roots(struct cdp_frame *frame, const char *hosts, const char *function, size_t hosts_max,
	struct deadline until, struct error *err)
{
	int opened = 0;

	if (!frame_alive(frame, err) || !cdp_frame_world(frame, until, err))
		return -1;
	for (size_t i = 0; i < hosts_max; i++) {
		AUTO(text) char *expression = xasprintf("(%s)[%zu]", hosts, i);
		AUTO(json) cJSON *found = cdp_call(conn_of(frame), frame->session, "Runtime.evaluate",
			json_object(JSON_STR("expression", expression), JSON_INT("contextId", frame->world)), until, err);
		const char *host = json_str(found, "result.objectId");
		if (!found)
			return -1;
		if (!host)
			break;
		opened += open_root(frame, host, function, until);
		release(frame, host);
	}
	return opened;
}

/* The JSON string that starts behind the quote AT, unescaped in place.  Its size, or -1. */
static ptrdiff_t unescape(char *at, const char *end)
{
	char *out = at;
	const char *quote = NULL; /* the next one, escaped or not */

	for (const char *in = at; in < end; in++) {
		if (quote < in)
			quote = memchr(in, '"', (size_t)(end - in));
		if (!quote)
			return -1;
		if (in == quote) {
			*out = '\0';
			return out - at;
		}
		if (*in != '\\') {
			const char *slash = memchr(in, '\\', (size_t)(quote - in)), *next = slash ? slash : quote;
			if (out != in)
				memmove(out, in, (size_t)(next - in));
			out += next - in;
			in = next - 1;
			continue;
		}
		if (++in >= end)
			return -1;
		switch (*in) {
		case 'n': *out++ = '\n'; break;
		case 't': *out++ = '\t'; break;
		case 'r': *out++ = '\r'; break;
		case 'b': *out++ = '\b'; break;
		case 'f': *out++ = '\f'; break;
		case 'u': {
			if (end - in < 5)
				return -1;
			const int more = json_is_pair(in - 1, end) ? 10 : 4; /* before it is written over */
			out += json_utf8(in - 1, end, out);
			in += more;
			break;
		}
		default: *out++ = *in;
		}
	}
	return -1;
}

char *cdp_page_eval_text(struct cdp_page *page, const char *expression, size_t *size,
	const struct cdp_eval_opts *opts, struct error *err)
{
	static const char head[] = "\"result\":{\"result\":{\"type\":\"string\",\"value\":\"";
	const struct deadline until = step_deadline(opts);
	struct cdp_frame *frame = opts && opts->frame ? opts->frame : page->frames;

	if (!prepare(frame, opts, until, err))
		return NULL;
	size_t length;
	AUTO(text) char *text = cdp_reply_wait_text(cdp_send(conn_of(frame), frame->session,
		"Runtime.evaluate", eval_params(frame, expression, opts)), &length,
		until, err);
	if (!text)
		return NULL;

	char *found = memmem(text, length < 128 ? length : 128, head, sizeof head - 1);
	if (found) {
		char *value = found + sizeof head - 1;
		const ptrdiff_t got = unescape(value, text + length);
		if (got >= 0) {
			memmove(text, value, (size_t)got + 1);
			*size = (size_t)got;
			return TAKE(text);
		}
	}
	AUTO(json) cJSON *message = json_parse(text, length, NULL);
	AUTO(json) cJSON *value = message ? cdp_eval_value(json_take(message, "result"), err) : NULL;
	if (value)
		fail(err, ERR_SCRIPT, "the value is not a string");
	else if (!message)
		fail(err, ERR_PROTOCOL, "Runtime.evaluate: a reply that is not JSON");
	else if (!json_at(message, "result") && json_str(message, "error.message"))
		cdp_fail_refused("Runtime.evaluate", json_at(message, "error"), err);
	return NULL;
}

cJSON *cdp_page_wait_eval(struct cdp_page *page, const char *expression,
	const struct cdp_eval_opts *opts, struct error *err)
{
	enum { POLL_MS = 50 };
	const struct deadline until = step_deadline(opts);

	for (;;) {
		struct error why = { 0 };
		AUTO(json) cJSON *value = cdp_page_eval(page, expression, opts, &why);
		const bool truthy = value && !cJSON_IsNull(value) && !cJSON_IsFalse(value)
			&& !(cJSON_IsNumber(value) && value->valuedouble == 0)
			&& !(cJSON_IsString(value) && !*value->valuestring);
		if (truthy)
			return TAKE(value);
		if (!value && why.code != ERR_CONTEXT) {
			if (err)
				*err = why;
			return NULL;
		}
		if (deadline_passed(until)) {
			fail_timeout(err, ERR_NONE, "still not true: %.80s", expression);
			return NULL;
		}
		const struct deadline pause = deadline_sooner(until, deadline_in_ms(POLL_MS));
		while (!deadline_passed(pause))
			if (!cdp_conn_wait(page->browser->conn, pause, &why) && why.code != ERR_TIMEOUT) {
				if (err)
					*err = why;
				return NULL;
			}
	}
}

/* ---- our world ---- */

struct cdp_reply *cdp_frame_ask_world(struct cdp_frame *frame)
{
	return cdp_send(conn_of(frame), frame->session, "Page.createIsolatedWorld",
		json_object(JSON_STR("frameId", frame->id), JSON_STR("worldName", CDP_WORLD),
			JSON_BOOL("grantUniveralAccess", true))); /* the protocol's spelling */
}

bool cdp_frame_take_world(struct cdp_frame *frame, unsigned document, struct cdp_reply *reply,
	struct error *err)
{
	AUTO(json) cJSON *answer = cdp_reply_wait(reply, DEADLINE_NEVER, err);
	int64_t id;

	if (!answer)
		return false;
	if (!json_int(answer, "executionContextId", &id))
		return fail(err, ERR_PROTOCOL, "Page.createIsolatedWorld: no executionContextId");
	if (frame->document == document)
		frame->world = (int)id;
	return true;
}

bool cdp_frame_world(struct cdp_frame *frame, struct deadline until, struct error *err)
{
	if (frame->world)
		return true;

	const unsigned document = frame->document;
	struct cdp_reply *reply = cdp_frame_ask_world(frame);
	while (!cdp_reply_done(reply)) {
		if (!cdp_conn_wait(conn_of(frame), until, err)) {
			cdp_reply_free(reply);
			return error_wrap(err, "Page.createIsolatedWorld");
		}
	}
	return cdp_frame_take_world(frame, document, reply, err);
}

struct cdp_reply *cdp_frame_send(struct cdp_frame *frame, const char *function, const cJSON *args)
{
	AUTO(text) char *list = json_print(args);
	const size_t size = strlen(list);

	/* The array's brackets become the call's. */
	list[0] = '(';
	list[size - 1] = ')';
	AUTO(text) char *expression = xasprintf("gabbai.%s%s", function, list);
	return cdp_send(conn_of(frame), frame->session, "Runtime.evaluate",
		json_object(JSON_STR("expression", expression), JSON_INT("contextId", frame->world),
			JSON_BOOL("returnByValue", true), JSON_BOOL("awaitPromise", true),
			JSON_BOOL("userGesture", true)));
}

/* The engine is missing where a document was there before we were and scripts are not run in it. */
void cdp_frame_post_engine(struct cdp_frame *frame)
{
	AUTO(text) char *source = xasprintf("%s\n%s", cdp_engine_locate, cdp_engine_act);

	cdp_post(conn_of(frame), frame->session, "Runtime.evaluate",
		json_object(JSON_STR("expression", source), JSON_INT("contextId", frame->world)));
}

bool cdp_engine_missing(const struct cdp_frame *frame, const struct error *why)
{
	return why->code == ERR_SCRIPT && strstr(why->text, "gabbai") && frame->world;
}

static cJSON *call_once(struct cdp_frame *frame, const char *function, const cJSON *args,
	struct deadline until, struct error *err)
{
	if (!frame_alive(frame, err) || !cdp_frame_world(frame, until, err))
		return NULL;
	if (!frame->world) {
		fail(err, ERR_CONTEXT, "the document changes");
		return NULL;
	}

	struct error why = { 0 };
	AUTO(json) cJSON *value = cdp_eval_value(
		cdp_reply_wait(cdp_frame_send(frame, function, args), until, &why), &why);
	if (value)
		return TAKE(value);
	if (cdp_engine_missing(frame, &why)) {
		cdp_frame_post_engine(frame);
		fail(&why, ERR_CONTEXT, "the engine was missing");
	}
	if (err)
		*err = why;
	return NULL;
}

/* Lets things happen for a moment, so that the new document can come. */
static bool breathe(struct cdp_frame *frame, struct deadline until, struct error *err)
{
	const struct deadline pause = deadline_sooner(until, deadline_in_ms(CONTEXT_RETRY_MS));
	const unsigned document = frame->document;
	struct error why;

	while (!deadline_passed(pause) && frame->document == document)
		if (!cdp_conn_wait(conn_of(frame), pause, &why) && why.code != ERR_TIMEOUT) {
			if (err)
				*err = why;
			return false;
		}
	return true;
}

cJSON *cdp_frame_call(struct cdp_frame *frame, const char *function, cJSON *args, struct deadline until,
	struct error *err)
{
	AUTO(json) cJSON *own = args;

	bool lost = false;

	frame->shown = true;
	for (;;) {
		struct error why = { 0 };
		const unsigned document = frame->document;
		cJSON *value = call_once(frame, function, own, until, &why);
		if (value)
			return value;
		if (why.code == ERR_CONTEXT && frame->document == document)
			frame->world = 0;
		if (err)
			*err = why;
		if (why.code != ERR_CONTEXT && !(lost && why.code == ERR_TIMEOUT))
			return NULL;
		lost = true;
		if (deadline_passed(until)) {
			fail_timeout(err, ERR_CONTEXT, "the document of %s changes all the time", frame->url);
			return NULL;
		}
		if (!breathe(frame, until, err))
			return NULL;
	}
}
