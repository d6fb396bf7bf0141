/* Scopes that own, and memory that cannot run out. */
#include "cdp/base/auto.h"

#include "tests/lib/asserts.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int released;

static void count(char *what)
{
	(void)what;
	released++;
}

AUTO_KIND(counted, char *, count);

static void leave_early(bool early)
{
	AUTO(counted) char *first = (char[]){ "first" };

	if (early)
		return;
	AUTO(counted) char *second = (char[]){ "second" };
	assert_ptr_not_equal(first, second);
}

static char *hand_out(void)
{
	AUTO(counted) char *mine = (char[]){ "mine" };
	static char kept[] = "kept";

	mine = kept;
	return TAKE(mine);
}

static void releases_on_every_way_out(void **state)
{
	(void)state;
	released = 0;
	leave_early(true);
	assert_int_equal(released, 1);
	leave_early(false);
	assert_int_equal(released, 3);
}

static void what_is_taken_is_not_released(void **state)
{
	(void)state;
	released = 0;
	assert_string_equal(hand_out(), "kept");
	assert_int_equal(released, 0);
	{
		AUTO(counted) char *nothing = NULL;
		assert_null(nothing);
	}
	assert_int_equal(released, 0);
}

static void descriptors_close_with_their_scope(void **state)
{
	int seen;

	(void)state;
	{
		AUTO(fd) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		seen = fd;
		assert_true(fcntl(seen, F_GETFD) >= 0);
		AUTO(fd) int none = -1;
		assert_int_equal(none, -1);
	}
	assert_int_equal(fcntl(seen, F_GETFD), -1);
}

static void copies_are_copies(void **state)
{
	(void)state;
	AUTO(text) char *copy = copy_of("text");
	AUTO(text) char *part = xstrndup("text", 2);
	AUTO(text) char *printed = xasprintf("%s-%d", "x", 7);
	assert_string_equal(copy, "text");
	assert_string_equal(part, "te");
	assert_string_equal(printed, "x-7");
	assert_null(copy_of(NULL));
}

static void nothing_is_memory_too(void **state)
{
	(void)state;
	char *some = xmalloc(0), *zeroed = xcalloc(0, 8);
	assert_non_null(some);
	assert_non_null(zeroed);
	some = xrealloc(some, 0);
	assert_non_null(some);
	free(some);
	free(zeroed);
}

/* In a child: how running out of memory ends a program.  Volatile, since compilers know what is too much. */
static void running_out_of_memory_ends_the_program(void **state)
{
	volatile size_t too_much = (size_t)PTRDIFF_MAX - 64;
	int status, said[2];
	char words[4096] = "";

	(void)state;
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
	skip(); /* sanitizers end the program themselves, in their own words */
#endif
	assert_int_equal(pipe(said), 0);
	const pid_t child = fork();
	if (child == 0) {
		(void)dup2(said[1], STDERR_FILENO);
		(void)signal(SIGABRT, SIG_DFL);
		(void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
		free(xmalloc(too_much));
		_exit(0);
	}
	close(said[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(read(said[0], words, sizeof words - 1) > 0);
	close(said[0]);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_contains(words, "out of memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases_on_every_way_out),
		cmocka_unit_test(what_is_taken_is_not_released),
		cmocka_unit_test(descriptors_close_with_their_scope),
		cmocka_unit_test(copies_are_copies),
		cmocka_unit_test(nothing_is_memory_too),
		cmocka_unit_test(running_out_of_memory_ends_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
