/* gabbai doctor [--fix] [--offline]: what may be wrong here, and what to do about it. */
#include "src/commands.h"

#include "cdp/base/error.h"
#include "src/doctor.h"
#include "src/ending.h"

#include <string.h>

static void print(const cJSON *checks)
{
	const cJSON *one;

	cJSON_ArrayForEach (one, checks) {
		const char *fix = json_str(one, "fix");
		printf("%-4s  %-11s  %s%s%s\n", json_str(one, "status"), json_str(one, "name"), json_str(one, "detail"),
			fix ? "    fix: " : "", fix ? fix : "");
	}
}

static bool has_failed(const cJSON *checks)
{
	const cJSON *one;

	cJSON_ArrayForEach (one, checks)
		if (!strcmp(json_str(one, "status"), "fail"))
			return true;
	return false;
}

int cmd_doctor(const struct options *o)
{
	struct error err = { 0 };

	if (o->word_count > 1) {
		fail(&err, ERR_INPUT, "doctor takes no \"%s\"", o->words[1]);
		return command_failed(&err);
	}
	AUTO(json) cJSON *checks = doctor_look(o, &(struct doctor_plan){ .offline = o->offline, .fix = o->fix });
	AUTO(json) cJSON *all = json_object(JSON_NODE("checks", cJSON_Duplicate(checks, true)));
	AUTO(text) char *text = o->json ? json_print_pretty(all) : NULL;
	if (text)
		printf("%s\n", text);
	else
		print(checks);
	return has_failed(checks) ? EXIT_FAILED : EXIT_OK;
}
