/* What the server answers: tables of routes, and what they share.  The shapes are in src/ui/openapi.json. */
#ifndef SRC_API_H
#define SRC_API_H

#include "cdp/base/json.h"
#include "src/account.h"
#include "src/exchange.h"

struct about;
struct access;
struct connect_state;
struct error;
struct events_feed;
struct job;
struct jobs;
struct options;

struct api {
	struct server *server;
	struct access *access;
	struct store *store;
	struct events_feed *feed;
	struct jobs *jobs;
	struct connect_state *connects; /* api_connect.c */
	struct about *about;            /* api_status.c */
	struct scheduler *scheduler;    /* api_schedules.c */
	struct view *views;             /* view.c */
	const struct options *options;
};

/* All routes, for server_routes() with a struct api. */
extern const struct route api_routes[];

/* The site of the path's first star, and "account" of the query or the body.  False: it was answered. */
bool api_account(struct exchange *x, struct site_account *out);

/* Answers with JSON (taken), or with what WHY means when it is NULL. */
void api_reply(struct exchange *x, cJSON *json, const struct error *why);

/* A job has ended: who waits for it is answered. */
void api_job_ended(void *api, struct job *job);

/* What is new in the store: streams and jobs are told. */
void api_look(struct api *api);

/* Runs and questions whose process is gone have ended: whoever watches is told. */
void api_settle(struct api *api);

/* api_sites.c */
/* All sites with their accounts, as GET /api/sites has them; NULL with ERR. */
cJSON *api_all_sites(struct api *api, struct error *err);
void api_sites(void *api, struct exchange *x);
void api_site_status(void *api, struct exchange *x);
void api_session_forget(void *api, struct exchange *x);
void api_unpark(void *api, struct exchange *x);

/* api_schedules.c */
/* Starts what is due: each second. */
void api_schedules_tick(struct api *api);
void api_schedules_ended(struct api *api, const struct job *job);
void api_schedules_free(struct api *api);
void api_schedules(void *api, struct exchange *x);
void api_schedule_next(void *api, struct exchange *x);
void api_schedule_add(void *api, struct exchange *x);
void api_schedule_remove(void *api, struct exchange *x);
void api_schedule_pause(void *api, struct exchange *x);
void api_schedule_resume(void *api, struct exchange *x);

/* api_simplefin.c */
void api_simplefin_info(void *api, struct exchange *x);
void api_simplefin_claim(void *api, struct exchange *x);
void api_simplefin_accounts(void *api, struct exchange *x);

/* api_results.c */
void api_transactions(void *api, struct exchange *x);
void api_summary(void *api, struct exchange *x);
void api_products(void *api, struct exchange *x);
void api_prices(void *api, struct exchange *x);
void api_export(void *api, struct exchange *x);

/* api_status.c */
/* What `gabbai about --json` has printed. */
void api_status_told(struct api *api, const char *text, size_t size);
void api_status_free(struct api *api);
void api_status(void *api, struct exchange *x);
void api_doctor(void *api, struct exchange *x);

/* api_otp.c */
/* Sends MESSAGE (taken) to CHANNEL, and answers X with its reply.  ID counts guesses; "": nothing is guessed. */
void api_deliver(struct api *api, struct exchange *x, const char *channel, const char *id, cJSON *message);
/* What is asked now that GRANT may see; NULL with ERR. */
cJSON *api_questions(struct api *api, const struct access_grant *grant, struct error *err);
void api_otp_list(void *api, struct exchange *x);
void api_otp_answer(void *api, struct exchange *x);
void api_otp_submit(void *api, struct exchange *x);
void api_otp_cancel(void *api, struct exchange *x);
void api_otp_link(void *api, struct exchange *x);

/* api_runs.c */
/* Where the page of a run that goes on can be looked at, owned by the caller; NULL: nowhere. */
char *api_run_channel(struct api *api, int64_t run);
void api_runs(void *api, struct exchange *x);
void api_run(void *api, struct exchange *x);
void api_run_start(void *api, struct exchange *x);
void api_run_stop(void *api, struct exchange *x);
void api_run_events(void *api, struct exchange *x);
void api_artefacts(void *api, struct exchange *x);
void api_artefact(void *api, struct exchange *x);
void api_run_stream(void *api, struct exchange *x);
void api_scrape(void *api, struct exchange *x);

/* api_forms.c */
void api_forms(void *api, struct exchange *x);
void api_form_submit(void *api, struct exchange *x);
void api_form_forget(void *api, struct exchange *x);
/* Answers X with the RESULT of a submission; false when it is none. */
bool api_form_ended(struct exchange *x, int status, const cJSON *result);

/* api_connect.c */
/* One has told how it stands. */
void api_connect_told(struct api *api, const cJSON *data);
/* All that are going on, for the snapshot. */
cJSON *api_connects(struct api *api);
/* Whether one works on the account. */
bool api_connecting(struct api *api, const char *site, const char *account);
void api_connects_free(struct api *api);
/* Where it is to be reached, borrowed; NULL: nothing is going on. */
const char *api_connect_channel(struct api *api, const char *site, const char *account);

void api_connect_start(void *api, struct exchange *x);
void api_connect_status(void *api, struct exchange *x);
void api_connect_complete(void *api, struct exchange *x);
void api_connect_fill(void *api, struct exchange *x);
void api_connect_cancel(void *api, struct exchange *x);
void api_connect_import(void *api, struct exchange *x);

#endif
