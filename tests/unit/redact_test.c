/* The protocol log, and what must not be in it. */
#include "cdp/redact.h"

#include "cdp/base/auto.h"
#include "cdp/base/json.h"
#include "cdp/base/log.h"
#include "cdp/base/secret.h"
#include "tests/lib/asserts.h"
#include "tests/lib/catch.h"

/* Nobody told us that this is a secret: it is masked by where it stands. */
#define PLANTED "Pl4nted"

static const struct {
	const char *message;
	const char *seen; /* what a person needs to follow; NULL: nothing in particular */
} messages[] = {
	/* what is typed */
	{ "{\"id\":1,\"method\":\"Input.insertText\",\"params\":{\"text\":\"Pl4nted\"},\"sessionId\":\"S\"}",
		"Input.insertText" },
	{ "{\"id\":1,\"method\":\"Input.dispatchKeyEvent\",\"params\":{\"type\":\"keyDown\",\"key\":\"Pl4nted\","
		"\"code\":\"Pl4nted\",\"text\":\"Pl4nted\",\"unmodifiedText\":\"Pl4nted\"}}", "keyDown" },
	{ "{\"id\":1,\"method\":\"Input.imeSetComposition\",\"params\":{\"text\":\"Pl4nted\",\"selectionStart\":1}}",
		"imeSetComposition" },
	/* scripts, their arguments and results */
	{ "{\"id\":1,\"method\":\"Runtime.evaluate\",\"params\":{\"expression\":\"f('Pl4nted')\",\"contextId\":7}}",
		"\"contextId\":7" },
	{ "{\"id\":1,\"method\":\"Runtime.callFunctionOn\",\"params\":{\"functionDeclaration\":\"()=>'Pl4nted'\","
		"\"arguments\":[{\"value\":\"Pl4nted\"}]}}", "callFunctionOn" },
	{ "{\"id\":1,\"result\":{\"result\":{\"type\":\"string\",\"value\":\"Pl4nted\"}}}", "\"id\":1" },
	{ "{\"id\":1,\"result\":{\"result\":{\"type\":\"object\",\"preview\":{\"x\":\"Pl4nted\"}}}}", NULL },
	{ "{\"id\":1,\"result\":{\"result\":{\"type\":\"object\"},\"exceptionDetails\":{\"text\":\"Uncaught\","
		"\"exception\":{\"description\":\"Error: Pl4nted\"}}}}", NULL },
	{ "{\"id\":1,\"method\":\"Page.addScriptToEvaluateOnNewDocument\",\"params\":{\"source\":\"p='Pl4nted'\"}}",
		NULL },
	{ "{\"method\":\"Runtime.bindingCalled\",\"params\":{\"name\":\"tell\",\"payload\":\"Pl4nted\"}}", "tell" },
	{ "{\"method\":\"Runtime.consoleAPICalled\",\"params\":{\"args\":[{\"type\":\"string\",\"value\":\"Pl4nted\"}]}}",
		"consoleAPICalled" },
	{ "{\"method\":\"Runtime.exceptionThrown\",\"params\":{\"exceptionDetails\":{\"exception\":{\"description\":"
		"\"Pl4nted\"}}}}", NULL },
	{ "{\"method\":\"Log.entryAdded\",\"params\":{\"entry\":{\"text\":\"Pl4nted\"}}}", NULL },
	/* cookies */
	{ "{\"id\":1,\"method\":\"Storage.setCookies\",\"params\":{\"cookies\":[{\"name\":\"sid\",\"value\":\"Pl4nted\"}]}}",
		"setCookies" },
	{ "{\"id\":1,\"result\":{\"cookies\":[{\"name\":\"sid\",\"value\":\"Pl4nted\"}]}}", NULL },
	{ "{\"method\":\"Network.requestWillBeSentExtraInfo\",\"params\":{\"requestId\":\"7.1\",\"associatedCookies\":"
		"[{\"cookie\":{\"value\":\"Pl4nted\"}}],\"headers\":{\"cookie\":\"sid=Pl4nted\"}}}", "7.1" },
	{ "{\"method\":\"Network.responseReceivedExtraInfo\",\"params\":{\"blockedCookies\":[{\"cookieLine\":"
		"\"sid=Pl4nted\"}],\"headers\":{\"set-cookie\":\"sid=Pl4nted\"},\"headersText\":"
		"\"HTTP/1.1 200 OK\\r\\nSet-Cookie: sid=Pl4nted\\r\\n\"}}", NULL },
	/* headers, in any case */
	{ "{\"method\":\"Network.requestWillBeSent\",\"params\":{\"request\":{\"headers\":{\"Cookie\":\"Pl4nted\","
		"\"AUTHORIZATION\":\"Bearer Pl4nted\",\"Proxy-Authorization\":\"Basic Pl4nted\","
		"\"X-Auth-Token\":\"Pl4nted\",\"Accept\":\"text/html\"}}}}", "text/html" },
	/* bodies */
	{ "{\"method\":\"Network.requestWillBeSent\",\"params\":{\"request\":{\"method\":\"POST\",\"postData\":"
		"\"password=Pl4nted\",\"postDataEntries\":[{\"bytes\":\"Pl4nted\"}]}}}", "POST" },
	{ "{\"id\":1,\"result\":{\"body\":\"Pl4nted\",\"base64Encoded\":false}}", "base64Encoded" },
	{ "{\"id\":1,\"result\":{\"postData\":\"Pl4nted\"}}", NULL },
	{ "{\"method\":\"Network.webSocketFrameReceived\",\"params\":{\"response\":{\"payloadData\":\"Pl4nted\"}}}", NULL },
	{ "{\"method\":\"Network.eventSourceMessageReceived\",\"params\":{\"data\":\"Pl4nted\"}}", NULL },
	{ "{\"id\":1,\"result\":{\"data\":\"Pl4nted\",\"eof\":true}}", "eof" }, /* a screenshot, a stream */
	/* addresses */
	{ "{\"id\":1,\"method\":\"Page.navigate\",\"params\":{\"url\":\"https://a.test/in?token=Pl4nted\"}}",
		"https://a.test/in" },
	{ "{\"method\":\"Page.frameNavigated\",\"params\":{\"frame\":{\"url\":\"https://a.test/\",\"urlFragment\":"
		"\"#access_token=Pl4nted\"}}}", "https://a.test/" },
	{ "{\"method\":\"Network.requestWillBeSent\",\"params\":{\"documentURL\":\"https://a.test/?k=Pl4nted\"}}",
		"https://a.test/" },
	{ "{\"method\":\"Network.responseReceived\",\"params\":{\"response\":{\"headers\":{\"Location\":\"/in?code=Pl4nted\"}}}}",
		"/in?*" },
	{ "{\"method\":\"Network.requestWillBeSent\",\"params\":{\"request\":{\"headers\":{\"Referer\":\"https://a.test/?t=Pl4nted\"}}}}",
		"https://a.test/?*" },
	{ "{\"id\":1,\"method\":\"Page.navigate\",\"params\":{\"url\":\"data:text/html,<input value=Pl4nted>\"}}", "data:" },
	/* dialogs */
	{ "{\"method\":\"Page.javascriptDialogOpening\",\"params\":{\"type\":\"prompt\",\"message\":\"Code Pl4nted?\","
		"\"defaultPrompt\":\"Pl4nted\"}}", "prompt" },
	{ "{\"id\":1,\"method\":\"Page.handleJavaScriptDialog\",\"params\":{\"accept\":true,\"promptText\":\"Pl4nted\"}}",
		"\"accept\":true" },
	{ "{\"method\":\"Page.javascriptDialogClosed\",\"params\":{\"result\":true,\"userInput\":\"Pl4nted\"}}", NULL },
	/* HTTP authentication */
	{ "{\"id\":1,\"method\":\"Fetch.continueWithAuth\",\"params\":{\"requestId\":\"r1\",\"authChallengeResponse\":"
		"{\"response\":\"ProvideCredentials\",\"username\":\"Pl4nted\",\"password\":\"Pl4nted\"}}}",
		"ProvideCredentials" },
	/* however deep */
	{ "{\"id\":1,\"result\":{\"a\":[{\"b\":[[{\"value\":\"Pl4nted\"}]]}]}}", NULL },
};

static void what_people_type_and_sites_keep_is_masked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		AUTO(text) char *shown = cdp_redact(messages[i].message, strlen(messages[i].message));
		assert_lacks(shown, PLANTED);
		if (messages[i].seen)
			assert_contains(shown, messages[i].seen);
		AUTO(json) cJSON *still = json_parse(shown, strlen(shown), NULL);
		assert_true(cJSON_IsObject(still));
	}
}

static const char *const open_messages[] = {
	"{\"id\":12,\"method\":\"Target.createTarget\",\"params\":{\"url\":\"about:blank\"}}",
	"{\"id\":12,\"result\":{\"targetId\":\"T\"},\"sessionId\":\"S\"}",
	"{\"id\":12,\"error\":{\"code\":-32000,\"message\":\"No frame with given id found\"}}",
	"{\"method\":\"Page.lifecycleEvent\",\"params\":{\"frameId\":\"F\",\"name\":\"load\"},\"sessionId\":\"S\"}",
	"{\"method\":\"Network.loadingFailed\",\"params\":{\"errorText\":\"net::ERR_ABORTED\"}}",
};

static void what_a_person_follows_stays(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof open_messages / sizeof *open_messages; i++) {
		AUTO(text) char *shown = cdp_redact(open_messages[i], strlen(open_messages[i]));
		assert_string_equal(shown, open_messages[i]);
	}
}

static const struct {
	const char *url;
	const char *shown;
} urls[] = {
	{ "https://a.test/",         "https://a.test/" },
	{ "https://a.test/?",        "https://a.test/" },
	{ "https://a.test/?a",       "https://a.test/" },
	{ "https://a.test/?ab",      "https://a.test/?*" },
	{ "https://a.test/?a=b#c",   "https://a.test/?*" },
	{ "https://a.test/#abc",     "https://a.test/?*" },
	{ "data:",                   "data:" },
	{ "data:x",                  "data:" },
	{ "?",                       "" },
	{ "",                        "" },
};

static void queries_are_cut_off_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		AUTO(text) char *text = xasprintf("{\"params\":{\"url\":\"%s\"}}", urls[i].url);
		AUTO(text) char *shown = cdp_redact(text, strlen(text));
		AUTO(json) cJSON *json = json_parse(shown, strlen(shown), NULL);
		assert_string_equal(json_str(json, "params.url"), urls[i].shown);
	}
}

static void known_secrets_are_masked_wherever_they_stand(void **state)
{
	static const char *const secrets[] = { "an-ordinary-token", "with \"marks\"\\", "two\nlines" };

	(void)state;
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
		AUTO(secret) struct secret *secret = secret_new(secrets[i], strlen(secrets[i]));
		AUTO(json) cJSON *message = json_object(
			JSON_STR("method", "X.y"),
			JSON_STR("somewhere", secrets[i]),
			JSON_NODE("params", json_object(JSON_STR("harmless", secrets[i]))),
			JSON_NODE("error", json_object(JSON_STR("message", secrets[i]))));
		AUTO(text) char *text = json_print(message);
		AUTO(text) char *shown = cdp_redact(text, strlen(text));
		AUTO(json) cJSON *parts = json_parse(shown, strlen(shown), NULL);
		assert_non_null(parts);
		assert_int_equal(strspn(json_str(parts, "somewhere"), "*"), strlen(json_str(parts, "somewhere")));
		assert_lacks(json_str(parts, "params.harmless"), secrets[i]);
		assert_lacks(json_str(parts, "error.message"), secrets[i]);
	}
}

static const char *const hostile[] = {
	"",
	"Pl4nted",
	"{\"params\":{\"text\":\"Pl4nted\"}",
	"{\"params\":\"Pl4nted",
	"\xff\xfe",
};

static void what_is_not_json_is_not_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		AUTO(text) char *shown = cdp_redact(hostile[i], strlen(hostile[i]));
		AUTO(text) char *expected = xasprintf("%zu bytes that are not JSON", strlen(hostile[i]));
		assert_string_equal(shown, expected);
	}
}

static void odd_json_is_survived(void **state)
{
	static const char *const odd[] = {
		"{}", "[]", "7", "null", "\"text\"", "{\"params\":7,\"result\":[]}", "{\"params\":null}",
		"{\"params\":{\"text\":null,\"url\":7,\"cookies\":{},\"\":{}}}", "{\"result\":[[],[{}],\"x\"]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		AUTO(text) char *shown = cdp_redact(odd[i], strlen(odd[i]));
		AUTO(json) cJSON *json = json_parse(shown, strlen(shown), NULL);
		assert_non_null(json);
	}
}

static void a_message_is_one_line_of_the_log(void **state)
{
	static const char message[] = "{\"id\":1,\"method\":\"X.y\",\"params\":{\"text\":\"Pl4nted\"}}";

	(void)state;
	catch_stderr();
	log_setup(LOG_PROTOCOL, false);
	cdp_redact_log('>', message, sizeof message - 1);
	log_setup(LOG_DEBUG, false);
	cdp_redact_log('<', message, sizeof message - 1); /* nobody wants to see it */
	log_setup(LOG_WARN, false);
	AUTO(text) char *text = caught_stderr();
	assert_contains(text, "> {\"id\":1,\"method\":\"X.y\"");
	assert_lacks(text, PLANTED);
	assert_lacks(text, "<");
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void long_messages_are_shortened(void **state)
{
	enum { LONG = 1 << 20 };
	AUTO(text) char *long_text = xmalloc(LONG + 1);

	(void)state;
	memset(long_text, 'x', LONG);
	long_text[LONG] = '\0';
	AUTO(text) char *message = xasprintf("{\"params\":{\"title\":\"%s\"}}", long_text);
	catch_stderr();
	log_setup(LOG_PROTOCOL, false);
	cdp_redact_log('<', message, strlen(message));
	log_setup(LOG_WARN, false);
	AUTO(text) char *text = caught_stderr();
	assert_in_range(strlen(text), 1000, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_people_type_and_sites_keep_is_masked),
		cmocka_unit_test(what_a_person_follows_stays),
		cmocka_unit_test(queries_are_cut_off_addresses),
		cmocka_unit_test(known_secrets_are_masked_wherever_they_stand),
		cmocka_unit_test(what_is_not_json_is_not_shown),
		cmocka_unit_test(odd_json_is_survived),
		CATCHING(a_message_is_one_line_of_the_log),
		CATCHING(long_messages_are_shortened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
