/* What kind of request a form makes: GraphQL, JSON-RPC, a server action, a message over a websocket, or none of those. */
#include "src/form_learn_impl.h"

#include "cdp/network.h"
#include "src/form_body.h"
#include "src/form_site.h"
#include "src/form_socket.h"

#include <string.h>

/* What a message over a websocket is called: socket.io's is a list that begins with it. */
static char *event_of(const char *text, bool *is_list)
{
	const char *content;
	(void)form_socket_prefix(text, &content);
	AUTO(json) cJSON *json = json_parse(content, strlen(content), NULL);
	const char *name = json_str(json, "event");

	*is_list = cJSON_IsArray(json);
	name = name ? name : *is_list ? json_str(json, "0") : json_str(json, "type");
	return copy_of(name && strlen(name) < 64 && !source_is_made("", name) ? name : NULL);
}

static void add_socket(cJSON *pattern, const struct form_sent *sent)
{
	bool is_list, other;
	AUTO(text) char *event = event_of(sent->body, &is_list);
	AUTO(text) char *answer = sent->answer.body ? event_of(sent->answer.body, &other) : NULL;
	AUTO(text) char *url = site_kept(sent->url);

	json_add(pattern, JSON_NODE("websocketPattern", json_object(JSON_STR("wsUrl", url), JSON_STR("eventName", event),
		JSON_STR("protocol", is_list || strstr(sent->url, "socket.io") ? "socket.io" : "websocket"),
		JSON_STR("responseEvent", answer))));
}

void learn_kind(cJSON *pattern, const struct form_sent *sent)
{
	AUTO(json) cJSON *document = sent->body ? body_parse(form_sent_type(sent), sent->body, strlen(sent->body)) : NULL;
	const cJSON *json = json_at(document, "json");
	const char *query = json_str(json, "query"), *method = json_str(json, "method");
	const char *mutation = query ? strstr(query, "mutation") : NULL;
	const char *encoding = json_str(document, "encoding"), *type = "rest";

	if (sent->by_socket) {
		type = "websocket";
		add_socket(pattern, sent);
	} else if (cdp_exchange_header(sent->headers, "next-action")) {
		type = "server-action";
		json_add(pattern, JSON_NODE("serverActionPattern", json_object(JSON_STR("framework", "nextjs"), JSON_BOOL("isStableId",
			false))));
	} else if (mutation || (query && strstr(sent->url, "graphql"))) {
		const char *name = mutation ? mutation + 8 + strspn(mutation + 8, " \n\t") : "";
		AUTO(text) char *own = xstrndup(name, strcspn(name, " ({\n\t"));
		type = "graphql";
		json_add(pattern, JSON_NODE("graphqlMutation", json_object(JSON_STR("mutationName", own),
			JSON_NODE("variableMapping", cJSON_Duplicate(json_at(pattern, "fieldMapping"), true)))));
	} else if (json_at(json, "jsonrpc") || (method && json_at(json, "params") && json_at(json, "id"))) {
		type = "json-rpc";
		json_add(pattern, JSON_NODE("jsonRpcMethod", json_object(JSON_STR("methodName", method),
			JSON_STR("version", json_at(json, "jsonrpc") ? "2.0" : "1.0"),
			JSON_NODE("paramsMapping", cJSON_Duplicate(json_at(pattern, "fieldMapping"), true)))));
	}
	json_add(pattern, JSON_STR("patternType", type));
	json_add(pattern, JSON_STR("method", sent->method));
	json_add(pattern, JSON_STR("encoding", encoding ? encoding : "none"));
}
