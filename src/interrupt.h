/* SIGINT and SIGTERM: the first asks what is under way to stop and to close its browser; the second ends
 * the process, and its browser with it. */
#ifndef SRC_INTERRUPT_H
#define SRC_INTERRUPT_H

#include <signal.h>

struct cdp_conn;

void interrupt_setup(void);

/* The connection whose waits end with ERR_CANCELLED; NULL: none any more.  One signal ends one wait, also
 * when it came before. */
void interrupt_wakes(struct cdp_conn *conn);

/* The signal that came; 0: none. */
extern volatile sig_atomic_t interrupt_signal;

#endif
