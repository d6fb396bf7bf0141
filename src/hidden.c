#include "src/hidden.h"

#include "cdp/base/error.h"
#include "cdp/base/secret.h"
#include "src/interrupt.h"

#include <poll.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

/* False at the end, and when a signal came: a read would go on after it, and the next one would end us with a
 * terminal that shows nothing. */
static bool read_byte(char *out)
{
	return !interrupt_signal && poll(&(struct pollfd){ .fd = 0, .events = POLLIN }, 1, -1) > 0 && read(0, out, 1) == 1;
}

/* One line of the standard input; NULL without an error when there is none. */
static struct secret *read_line(struct error *err)
{
	char line[SECRET_SIZE_MAX + 2];
	size_t size = 0;

	while (size < sizeof line && read_byte(line + size) && line[size] != '\n')
		size++;
	while (size && line[size - 1] == '\r')
		size--;
	struct secret *value = size && !interrupt_signal ? secret_new(line, size) : NULL;
	secret_wipe(line, sizeof line);
	if (interrupt_signal)
		fail(err, ERR_CANCELLED, "interrupted");
	else if (size && !value)
		fail(err, ERR_INPUT, "the value is longer than %d bytes", SECRET_SIZE_MAX);
	return value;
}

static struct secret *read_hidden(struct error *err)
{
	struct termios shown, hidden;

	if (tcgetattr(0, &shown) != 0)
		return fail_system(err, "asking on the terminal"), NULL;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	(void)tcsetattr(0, TCSAFLUSH, &hidden);
	struct secret *value = read_line(err);
	(void)tcsetattr(0, TCSAFLUSH, &shown);
	fputc('\n', stderr);
	return value;
}

struct secret *hidden_read(const char *what, bool no_input, struct error *err)
{
	struct error why = { 0 };
	struct secret *value;

	if (isatty(0) && no_input) {
		fail(err, ERR_INPUT, "there is no value: without --no-input it is asked for, and --from says where it is");
		return NULL;
	}
	if (isatty(0)) {
		fprintf(stderr, "%s (it is not shown): ", what);
		(void)fflush(stderr);
		value = read_hidden(&why);
	} else {
		value = read_line(&why);
	}
	if (!value && !why.code)
		fail(&why, ERR_INPUT, "no value was given; nothing is changed");
	if (!value && err)
		*err = why;
	return value;
}
