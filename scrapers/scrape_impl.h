/* What the files of the verbs share: a scrape, and the race of outcomes in its page. */
#ifndef SCRAPERS_SCRAPE_IMPL_H
#define SCRAPERS_SCRAPE_IMPL_H

#include "cdp/page.h"
#include "scrapers/scrape.h"

enum {
	OUTCOMES_MAX = 24,
	SCRAPE_STEP_MS = 20000,
};

struct scrape {
	const struct site *site;
	const cJSON *definition;
	struct cdp_page *page;
	const struct scrape_host *host;
	struct scrape_options options;
	struct collection result;
	struct error why;
	struct challenge challenge;   /* what the detector found last */
	unsigned long long submitted; /* requests after this one count as answers */
	bool method_chosen, triggered;
	int64_t held_us;              /* for so long a person has driven the page since a race looked */
};

/* scrape.c */
/* A target's selectors as one text, a line each (page.h), owned by the caller.  Its name has dots, so it is no path. */
char *scrape_selectors(struct scrape *s, const char *target);
enum cdp_state scrape_state(const struct scrape *s, const char *target);
/* Lets anything happen, until UNTIL at the latest.  False only when the page or the run is over. */
bool scrape_idle(struct scrape *s, struct deadline until);
/* Between two verbs: a person who wants the page gets it, and the run goes on when it is given back. */
bool scrape_yield(struct scrape *s);

/* race.c */
enum { RACE_NOTHING = -1, RACE_FAILED = -2 };

struct race {
	const struct scrape_outcome *outcomes;
	size_t count;
	struct cdp_branch branches[OUTCOMES_MAX];
	size_t outcome[OUTCOMES_MAX]; /* of each branch */
	char *texts[OUTCOMES_MAX];
	size_t branch_count;
	bool asks_detector;
	struct cdp_race *elements;    /* while it is on */
	struct challenge_sight sight;
	enum challenge_kind stands;   /* of the page, and no outcome of the module's: … */
	struct deadline given_up;     /* … then it is one */
	const struct scrape_host *told; /* who was told that it stands; NULL: nobody */
	bool was_told, held;
	struct deadline pause;        /* of whoever was told */
	struct deadline settled;      /* when nothing was found for long enough; never: something is */
	struct deadline until;
	bool over;                    /* the time is up, and s->why says what each outcome saw */
};

/* What stood in the page does so no more. */
void race_unstand(struct race *race, bool in_time);

/* OUTCOMES are borrowed. */
bool race_prepare(struct scrape *s, struct race *race, const struct scrape_outcome *outcomes, size_t count);
void race_clear(struct race *race);

static inline void auto_race(struct race *race)
{
	race_clear(race);
}

/* (Again) until UNTIL. */
void race_begin(struct scrape *s, struct race *race, struct deadline until);

/* Looks at everything; when nothing is new, waits for whatever happens next, until PAUSE at the latest.  An outcome's
 * index, RACE_NOTHING or RACE_FAILED.  A challenge is an outcome once, when it is found. */
int race_step(struct scrape *s, struct race *race, struct deadline pause);

/* What the outcome means for the module: its index, or -1 with its error. */
int race_settle(struct scrape *s, const struct race *race, int index);

#endif
