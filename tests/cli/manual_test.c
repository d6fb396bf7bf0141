/* gabbai man, completion and help: made from the same tables, and read by those they are for. */
#include "cdp/base/buf.h"
#include "cdp/base/clock.h"
#include "cdp/base/error.h"
#include "src/child.h"
#include "src/commands.h"
#include "tests/lib/asserts.h"
#include "tests/lib/program.h"

#include <string.h>

enum { READ_MS = 20000 };

#define ARGS(...) ((const char *[]){ __VA_ARGS__, NULL })

/* What READER (an argv in JSON) prints of TEXT; fails the test when it ends badly.  Owned by the caller. */
static char *read_by(const char *reader, const char *text)
{
	struct error err = { 0 };
	struct buf out = { .size_max = 1 << 20 };
	struct child *child = child_start(reader, text, &err);

	assert_ok(child != NULL, &err);
	if (!child_finish(child, &out, deadline_in_ms(READ_MS), &err))
		fail_msg("%s: %s: %s", reader, err.text, buf_text(&out));
	return buf_take(&out);
}

static struct ran printed(const char *const *words)
{
	struct ran ran = gabbai(ARGS("LANG=C.UTF-8"), words);

	if (ran.code != 0)
		fail_msg("%s: exit code %d: %s", words[0], ran.code, ran.err);
	return ran;
}

static void the_manual_is_right_and_whole(void **state)
{
	AUTO(ran) struct ran ran = printed(ARGS("man"));
	AUTO(text) char *complaints = read_by("[\"mandoc\", \"-Tlint\", \"-Wstyle\"]", ran.out);
	AUTO(text) char *page = read_by("[\"mandoc\", \"-Tascii\", \"-Owidth=500\"]", ran.out);
	struct option_info option;

	(void)state;
	/* It knows no pages of other packages. */
	if (strlen(complaints) && !strstr(complaints, "referenced manual not found"))
		fail_msg("%s", complaints);
	AUTO(text) char *plain = read_by("[\"col\", \"-bx\"]", page);
	for (size_t i = 0; i < command_count; i++)
		assert_contains(plain, commands[i].name);
	for (size_t i = 0; options_at(i, &option); i++) {
		AUTO(text) char *name = xasprintf("--%s", option.name);
		assert_contains(plain, name);
	}
}

/* What bash offers after WORDS, an array of it, the last of which is begun. */
static char *offered(const char *script, const char *words)
{
	AUTO(text) char *both = xasprintf("%s\nCOMP_WORDS=(%s)\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_gabbai\necho \"${COMPREPLY[*]}\"\n",
		script, words);

	return read_by("[\"bash\", \"-eu\"]", both);
}

static void bash_completes(void **state)
{
	static const char *const cases[][2] = {
		{ "gabbai sta", "status\n" },
		{ "gabbai run ''", "visa-cal hotmart\n" },
		{ "gabbai --json session ver", "verify\n" },
		{ "gabbai secret ''", "set list rm\n" },
		{ "gabbai run visa-cal --tier r", "restored\n" },
		{ "gabbai run visa-cal -f led", "ledger\n" },
		{ "gabbai run visa-cal --no-l", "--no-login\n" },
		{ "gabbai run visa-cal --cacert /etc/os-rel", "/etc/os-release\n" },
		{ "gabbai show ''", "\n" },
	};
	AUTO(ran) struct ran ran = printed(ARGS("completion", "bash"));

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(text) char *is = offered(ran.out, cases[i][0]);
		if (strcmp(is, cases[i][1]) != 0)
			fail_msg("%s: offers %s", cases[i][0], is);
	}
}

static void zsh_and_fish_understand(void **state)
{
	AUTO(ran) struct ran zsh = printed(ARGS("completion", "zsh")), fish = printed(ARGS("completion", "fish"));
	AUTO(text) char *nothing = read_by("[\"zsh\", \"-n\"]", zsh.out);
	AUTO(text) char *asks = xasprintf("%s\ncomplete -C 'gabbai sess'\ncomplete -C 'gabbai key ro'\n", fish.out);
	AUTO(text) char *offers = read_by("[\"fish\", \"--no-config\"]", asks);

	(void)state;
	assert_contains(offers, "session");
	assert_contains(offers, "rotate");
	assert_contains(zsh.out, "#compdef gabbai");
}

static void other_shells_are_refused(void **state)
{
	AUTO(ran) struct ran ran = gabbai(ARGS("LANG=C.UTF-8"), ARGS("completion", "tcsh"));

	(void)state;
	assert_int_equal(ran.code, 2);
	assert_contains(ran.err, "bash, zsh or fish");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_is_right_and_whole),
		cmocka_unit_test(bash_completes),
		cmocka_unit_test(zsh_and_fish_understand),
		cmocka_unit_test(other_shells_are_refused),
	};

	cmocka_set_test_filter(getenv("TEST"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
