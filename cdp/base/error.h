/* What went wrong: a code to branch on and one sentence to show.
 *
 * An error is a value that the caller lends, as the last argument, and it may be NULL.  Functions that
 * fail fill it and return false, NULL or -1; functions that succeed leave it alone.  A sentence says
 * what, on which thing, and why, and never holds a secret. */
#ifndef CDP_BASE_ERROR_H
#define CDP_BASE_ERROR_H

#include <stdbool.h>

enum error_code {
	ERR_NONE,
	/* Anything. */
	ERR_INPUT,        /* the caller asked for something impossible */
	ERR_SYSTEM,       /* the operating system refused; the text has errno's words */
	ERR_LIMIT,        /* more than we are willing to take */
	ERR_TIMEOUT,      /* a deadline passed; error.cause says what was not true yet */
	ERR_CANCELLED,    /* cdp_wake(): somebody wants us to stop */
	/* The browser and the connection to it. */
	ERR_LAUNCH,       /* the browser is missing or did not start */
	ERR_DISCONNECTED, /* the connection or the browser is gone */
	ERR_CRASHED,      /* the page's renderer died */
	ERR_CLOSED,       /* the page, the frame or its target is gone */
	ERR_PROTOCOL,     /* the browser refused a command; the text has its words */
	ERR_CONTEXT,      /* the document went away under an evaluation */
	ERR_SCRIPT,       /* JavaScript threw; the text has message and place */
	ERR_NAVIGATION,   /* net::ERR_…; the text has the browser's name for it */
	ERR_INTERRUPTED,  /* another navigation took over */
	ERR_DOWNLOAD,     /* the navigation became a download */
	ERR_NO_CONTENT,   /* 204 or 205: the document stays */
	/* Elements.  Also as the cause of ERR_TIMEOUT. */
	ERR_SELECTOR,     /* the selector itself is wrong */
	ERR_NOT_FOUND,    /* nothing matches */
	ERR_STRICT,       /* several match where one was meant */
	ERR_HIDDEN,       /* there, but not to be seen */
	ERR_UNSTABLE,     /* it moves */
	ERR_DISABLED,     /* disabled or read-only */
	ERR_COVERED,      /* something lies over it; the text says what */
	ERR_VALUE,        /* a field does not keep what was typed */
	/* Networks and sites. */
	ERR_NETWORK,      /* no answer, or not one of HTTP */
	ERR_HTTP,         /* an answer with an unexpected status */
	ERR_LAYOUT,       /* the site is not as its module knows it */
	ERR_REFUSED,      /* user name or password are wrong */
	ERR_PASSWORD,     /* the password must be changed first */
	ERR_ACCOUNT,      /* the account is blocked */
	ERR_BLOCKED,      /* the site does not let programs in */
	ERR_SIGNED_OUT,   /* the session is proven to be over */
	ERR_CODE_MISSING, /* a code is wanted and nobody can be asked */
	ERR_CODE_TIMEOUT, /* nobody answered in time */
	ERR_CODE_CANCEL,  /* the person said no */
	ERR_CODE_AGAIN,   /* the person wants it sent again */
	ERR_CODE_WRONG,   /* the site refused every code */
	ERR_APPROVAL,     /* the site wants an approval in an app */
	ERR_CREDENTIALS,  /* the account has no stored credentials to log in with */
	ERR_SITE,         /* no such site or account */
	ERR_LOCKED,       /* another run works on the account */
	ERR_PARKED,       /* the account is left alone until a person does something */
	/* What is kept. */
	ERR_STORE,        /* the database cannot be opened or read */
	ERR_KEY,          /* no key, or not the one that sealed it */
	ERR_TAMPERED,     /* a sealed blob is damaged or another row's */
	ERR_CODE_COUNT,
};

enum { ERROR_TEXT_MAX = 640 }; /* a sentence with a URL, a selector and what lay over it */

struct error {
	enum error_code code;
	enum error_code cause; /* of ERR_TIMEOUT: what was still missing; else ERR_NONE */
	char text[ERROR_TEXT_MAX];
};

/* Fills ERR.  Always returns false.  Controls and broken UTF-8 in the sentence become '?'. */
bool fail(struct error *err, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with errno's words behind: "opening /x: Permission denied". */
bool fail_system(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fills ERR with ERR_TIMEOUT and CAUSE. */
bool fail_timeout(struct error *err, enum error_code cause, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "signing in: " in front of the sentence.  Always returns false. */
bool error_wrap(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "TIMEOUT", "COVERED", …: the code's name for logs and tests. */
const char *error_name(enum error_code code);

#endif
