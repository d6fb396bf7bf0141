#include "src/interrupt.h"

#include "cdp/conn.h"

#include <stddef.h>

volatile sig_atomic_t interrupt_signal;

static struct cdp_conn *volatile waiting;

static void on_signal(int number)
{
	struct cdp_conn *conn = waiting;

	interrupt_signal = number;
	if (conn)
		cdp_conn_wake(conn);
	signal(number, SIG_DFL);
}

void interrupt_setup(void)
{
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGPIPE, SIG_IGN);
}

void interrupt_wakes(struct cdp_conn *conn)
{
	waiting = conn;
	if (conn && interrupt_signal)
		cdp_conn_wake(conn);
}
