/* The frame tree, against a fake browser: frames that come, go, and move between processes. */
#include "cdp/page.h"

#include "cdp/base/buf.h"
#include "cdp/conn.h"
#include "tests/lib/asserts.h"
#include "tests/lib/talk.h"

enum { FRAMES = 1000 }; /* more than any of these pages has */

static struct cdp_frame *frame_of(struct cdp_page *page, const char *part)
{
	struct cdp_frame *frame = cdp_page_frame(page, part);

	if (!frame)
		fail_msg("there is no frame %s", part);
	return frame;
}

static cJSON *evaluated(struct cdp_page *page, struct cdp_frame *frame, const char *expression,
	struct error *err)
{
	return cdp_page_eval(page, expression, &(struct cdp_eval_opts){ .frame = frame, .timeout_ms = 5000 }, err);
}

static void assert_evaluates(struct cdp_page *page, struct cdp_frame *frame)
{
	struct error err = { 0 };
	AUTO(json) cJSON *value = evaluated(page, frame, "1", &err);

	assert_ok(value, &err);
}

/* What holds for every tree: the main frame first, parents before children, everybody once. */
static size_t assert_tree(struct cdp_page *page)
{
	struct cdp_frame *frames[FRAMES];
	const size_t count = cdp_page_frames(page, frames, FRAMES);

	assert_in_range(count, 1, FRAMES);
	assert_ptr_equal(frames[0], cdp_page_main_frame(page));
	assert_null(cdp_frame_parent(frames[0]));
	for (size_t i = 0; i < count; i++) {
		size_t parent = 0;
		assert_false(cdp_frame_is_detached(frames[i]));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(cdp_frame_id(frames[k]), cdp_frame_id(frames[i]));
		while (i > 0 && parent < i && frames[parent] != cdp_frame_parent(frames[i]))
			parent++;
		if (i > 0 && parent == i)
			fail_msg("the parent of %s is not before it", cdp_frame_id(frames[i]));
	}
	return count;
}

/* ---- frames in one process ---- */

static void frames_come_and_go(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);

	talk_next(*state);
	assert_int_equal(assert_tree(page), 4);
	struct cdp_frame *a = frame_of(page, "/a"), *b = frame_of(page, "/b#x");
	assert_string_equal(cdp_frame_name(a), "first");
	assert_ptr_equal(cdp_frame_parent(b), a);
	assert_ptr_equal(cdp_page_frame(page, "first"), a);

	talk_next(*state); /* another document has other frames */
	assert_int_equal(assert_tree(page), 3);
	assert_string_equal(cdp_frame_url(a), "http://a.test/a2");
	assert_string_equal(cdp_frame_name(a), "renamed");
	assert_true(cdp_frame_is_detached(b));

	talk_next(*state);
	assert_int_equal(assert_tree(page), 2);
	talk_next(*state);
	assert_int_equal(assert_tree(page), 1);
	assert_true(cdp_frame_is_detached(a));
	assert_string_equal(cdp_page_url(page), "http://b.test/");
	struct error err = { 0 };
	AUTO(json) cJSON *value = evaluated(page, a, "1", &err);
	assert_fails(value != NULL, &err, ERR_CLOSED);
}

static void strange_frames_are_tolerated(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);

	talk_next(*state);
	(void)assert_tree(page);
	assert_evaluates(page, NULL);
}

static void frames_come_before_the_tree_is_read(void **state)
{
	struct talk *talk = *state;
	struct error err = { 0 };

	talk->page = cdp_page_attach(talk_attach(talk, false), "T", NULL, deadline_in_ms(10000), &err);
	assert_ok(talk->page, &err);
	talk_next(talk);
	assert_string_equal(cdp_frame_id(cdp_page_main_frame(talk->page)), "T");
	assert_int_equal(assert_tree(talk->page), 3);
	assert_string_equal(cdp_frame_id(frame_of(talk->page, "http://a.test/a")), "A");
	assert_string_equal(cdp_frame_id(frame_of(talk->page, "http://other.test/")), "F");
}

/* A page that changes its advertisement for ever has few frames at any time. */
static void frames_that_are_gone_do_not_count(void **state)
{
	enum { ROUNDS = 700 };
	AUTO(buf) struct buf script = { 0 };

	(void)buf_puts(&script, "include page.talk\n");
	for (int i = 0; i < ROUNDS; i++)
		(void)buf_printf(&script, "> Test.next\n"
			"* Page.frameAttached {\"frameId\":\"AD%d\",\"parentFrameId\":\"T\"} @S\n< {}\n"
			"> Test.next\n* Page.frameDetached {\"frameId\":\"AD%d\",\"reason\":\"remove\"} @S\n< {}\n", i, i);
	struct talk *talk = talk_begin_text(state, script.data);
	struct cdp_page *page = talk_open(talk, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		struct cdp_frame *frames[4];
		talk_next(talk);
		if (cdp_page_frames(page, frames, 4) != 2)
			fail_msg("frame %d is not seen", i);
		talk_next(talk);
		assert_int_equal(cdp_page_frames(page, frames, 4), 1);
	}
}

static void a_page_of_endless_frames_has_a_limit(void **state)
{
	static const char script[] = "include page.talk\n> Test.next\n"
		"times 3000 * Page.frameAttached {\"frameId\":\"A${n}\",\"parentFrameId\":\"T\"} @S\n"
		"times 3000 * Page.frameNavigated {\"frame\":{\"id\":\"B${n}\",\"parentId\":\"T\",\"url\":\"\"}} @S\n< {}\n";
	struct talk *talk = talk_begin_text(state, script);

	struct cdp_page *page = talk_open(talk, NULL);
	talk_next(talk);
	assert_true(assert_tree(page) < FRAMES);
}

/* ---- frames that move ---- */

static void a_frame_moves_out(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);

	talk_next(*state);
	struct cdp_frame *frame = frame_of(page, "/frame");
	talk_next(*state);
	assert_int_equal(assert_tree(page), 2);
	assert_ptr_equal(cdp_page_frame(page, "http://other.test/"), frame);
	assert_ptr_equal(cdp_frame_parent(frame), cdp_page_main_frame(page));
	assert_false(cdp_frame_is_detached(frame));
}

static void a_frame_is_the_same_wherever_it_lives(void **state)
{
	static const char *const ways_out[] = { "a_frame_moves_out", "a_frame_moves_out_in_reverse" };

	for (size_t i = 0; i < sizeof ways_out / sizeof *ways_out; i++) {
		struct talk *talk = talk_begin(state, "a_frame_is_the_same_wherever_it_lives", ways_out[i]);
		struct cdp_page *page = talk_open(talk, NULL);
		talk_next(talk);
		struct cdp_frame *frame = frame_of(page, "/frame");
		talk_next(talk);
		assert_evaluates(page, frame);
		assert_string_equal(cdp_frame_url(frame), "http://other.test/frame");
		talk_next(talk);
		assert_evaluates(page, frame);
		assert_string_equal(cdp_frame_url(frame), "http://a.test/back");
		talk_next(talk);
		assert_evaluates(page, frame);
		assert_string_equal(cdp_frame_url(frame), "http://other.test/again");
		assert_int_equal(assert_tree(page), 2);
		assert_ptr_equal(cdp_page_frame(page, "again"), frame);
		talk_finish(state);
	}
}

static void a_frame_comes_back_in_reverse(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);

	talk_next(*state);
	struct cdp_frame *frame = frame_of(page, "/frame");
	talk_next(*state);
	talk_next(*state);
	assert_string_equal(cdp_frame_url(frame), "http://a.test/back");
	assert_int_equal(assert_tree(page), 3);
	assert_evaluates(page, frame);
}

static void removed(struct talk *talk)
{
	struct cdp_page *page = talk_open(talk, NULL);
	struct error err = { 0 };

	talk_next(talk);
	struct cdp_frame *frame = frame_of(page, "/frame");
	talk_next(talk);
	talk_next(talk);
	assert_int_equal(assert_tree(page), 1);
	assert_true(cdp_frame_is_detached(frame));
	AUTO(json) cJSON *value = evaluated(page, frame, "1", &err);
	assert_fails(value != NULL, &err, ERR_CLOSED);
	talk_next(talk); /* nothing was sent for it */
}

static void a_remote_frame_is_removed(void **state)
{
	removed(*state);
}

static void a_remote_frame_is_removed_in_reverse(void **state)
{
	removed(*state);
}

static void a_frame_is_removed_while_it_evaluates(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	const struct deadline soon = deadline_in_ms(1000);
	struct error err = { 0 };

	talk_next(*state);
	talk_next(*state);
	struct cdp_frame *frame = frame_of(page, "http://other.test/");
	AUTO(json) cJSON *value = evaluated(page, frame, "parent.remove()", &err);
	assert_fails(value != NULL, &err, ERR_CLOSED);
	assert_false(deadline_passed(soon));
	assert_evaluates(page, NULL);
	assert_int_equal(assert_tree(page), 1);
}

static void events_of_a_session_that_was_left(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);

	talk_next(*state);
	talk_next(*state);
	struct cdp_frame *frame = frame_of(page, "http://other.test/");
	talk_next(*state);
	assert_string_equal(cdp_frame_url(frame), "http://other.test/frame");
	assert_evaluates(page, frame);
}

static void a_remote_frame_in_a_remote_frame(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);

	talk_next(*state);
	talk_next(*state);
	struct cdp_frame *outer = frame_of(page, "http://other.test/");
	talk_next(*state);
	struct cdp_frame *inner = frame_of(page, "http://third.test/");
	assert_ptr_equal(cdp_frame_parent(inner), outer);
	assert_int_equal(assert_tree(page), 3);
	assert_evaluates(page, inner);
	talk_next(*state);
	assert_int_equal(assert_tree(page), 1);
	assert_true(cdp_frame_is_detached(inner));
	assert_true(cdp_frame_is_detached(outer));
}

static void the_target_comes_before_the_frame(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);

	talk_next(*state);
	assert_int_equal(assert_tree(page), 2);
	assert_evaluates(page, frame_of(page, "http://other.test/"));
}

static void a_frame_crashes_alone(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	talk_next(*state);
	talk_next(*state);
	struct cdp_frame *frame = frame_of(page, "http://other.test/");
	AUTO(json) cJSON *value = evaluated(page, frame, "crash()", &err);
	assert_fails(value != NULL, &err, ERR_CRASHED);
	assert_evaluates(page, NULL);
}

static void a_held_frame_is_initialised_then_let_run(void **state)
{
	struct cdp_page *page = talk_open(*state, NULL);
	struct error err = { 0 };

	assert_ok(cdp_page_add_init_script(page, "early()", &err), &err);
	talk_next(*state);
	talk_next(*state);
}

/* ---- X05: any order at all ---- */

static unsigned long seed, first_seed;

static unsigned pick(unsigned count)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % count;
}

/* One event about a frame of five, from a session of six; sense is not intended. */
static void put_event(struct buf *out)
{
	const unsigned frame = pick(5), parent = pick(6), from = pick(6);
	AUTO(text) char *session = from == 5 ? xstrdup("S") : xasprintf("S%u", from);
	AUTO(text) char *above = parent == 5 ? xstrdup("T") : xasprintf("F%u", parent);

	switch (pick(8)) {
	case 0:
	case 1:
		(void)buf_printf(out, "* Page.frameAttached {\"frameId\":\"F%u\",\"parentFrameId\":\"%s\"} @%s\n", frame,
			above, session);
		break;
	case 2:
		(void)buf_printf(out, "* Page.frameDetached {\"frameId\":\"F%u\",\"reason\":\"%s\"} @%s\n", frame,
			pick(2) ? "swap" : "remove", session);
		break;
	case 3:
		(void)buf_printf(out, "* Page.frameNavigated {\"frame\":{\"id\":\"F%u\",\"parentId\":\"%s\",\"loaderId\":\"L%u\","
			"\"url\":\"http://a.test/%u\"}} @%s\n", frame, above, pick(100), pick(100), session);
		break;
	case 4:
		(void)buf_printf(out, "* Page.frameNavigated {\"frame\":{\"id\":\"%s\",\"loaderId\":\"L%u\",\"url\":\"\"}} @%s\n",
			above, pick(100), session);
		break;
	case 5:
	case 6:
		(void)buf_printf(out, "* Target.attachedToTarget {\"sessionId\":\"S%u\",\"waitingForDebugger\":true,"
			"\"targetInfo\":{\"targetId\":\"F%u\",\"type\":\"iframe\",\"url\":\"\",\"parentFrameId\":\"%s\"}} @%s\n", frame,
			frame, above, session);
		break;
	default:
		(void)buf_printf(out, "* Target.detachedFromTarget {\"sessionId\":\"S%u\",\"targetId\":\"F%u\"} @%s\n", frame,
			frame, session);
	}
}

static void play_any_order(struct talk *talk, int rounds)
{
	struct cdp_page *page = talk_open(talk, NULL);

	for (int i = 0; i < rounds; i++) {
		struct cdp_frame *frames[FRAMES];
		talk_next(talk);
		const size_t count = assert_tree(page);
		assert_int_equal(cdp_page_frames(page, frames, FRAMES), count);
		for (size_t k = 0; k < count; k++) {
			struct error err = { 0 };
			AUTO(json) cJSON *value = evaluated(page, frames[k], "1", &err);
			assert_true(value || (err.code != ERR_NONE && err.code != ERR_TIMEOUT));
		}
	}
	assert_evaluates(page, NULL);
}

static void any_order_of_events_leaves_a_tree(void **state)
{
	enum { SEEDS = 30, ROUNDS = 10, EVENTS = 8 };

	for (unsigned long s = 1; s <= SEEDS; s++) {
		AUTO(buf) struct buf script = { 0 };
		first_seed = s;
		(void)buf_puts(&script, "include page.talk\nauto Runtime.…\n"
			"auto Runtime.evaluate {\"result\":{\"type\":\"number\",\"value\":1}}\nauto Target.detachFromTarget\n");
		seed = s;
		for (int i = 0; i < ROUNDS; i++) {
			(void)buf_puts(&script, "> Test.next\n");
			for (int k = 0; k < EVENTS; k++)
				put_event(&script);
			(void)buf_puts(&script, "< {}\n");
		}
		struct talk *talk = talk_begin_text(state, script.data);
		play_any_order(talk, ROUNDS);
		talk_finish(state);
	}
}

static int tell_seed(void **state)
{
	if (*state)
		print_error("the seed was %lu\n", first_seed);
	return talk_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK(frames_come_and_go),
		TALK(strange_frames_are_tolerated),
		TALK(frames_come_before_the_tree_is_read),
		TALKS(frames_that_are_gone_do_not_count),
		TALKS(a_page_of_endless_frames_has_a_limit),
		TALK(a_frame_moves_out),
		TALK_OF(a_frame_moves_out, "a_frame_moves_out_in_reverse"),
		TALKS(a_frame_is_the_same_wherever_it_lives),
		TALK(a_frame_comes_back_in_reverse),
		TALK(a_remote_frame_is_removed),
		TALK(a_remote_frame_is_removed_in_reverse),
		TALK(a_frame_is_removed_while_it_evaluates),
		TALK(events_of_a_session_that_was_left),
		TALK(a_remote_frame_in_a_remote_frame),
		TALK(the_target_comes_before_the_frame),
		TALK(a_frame_crashes_alone),
		TALK(a_held_frame_is_initialised_then_let_run),
		cmocka_unit_test_teardown(any_order_of_events_leaves_a_tree, tell_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
