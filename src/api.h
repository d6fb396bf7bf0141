/* What the server answers: tables of routes, and what they share.  The shapes are in src/ui/openapi.json. */
#ifndef SRC_API_H
#define SRC_API_H

#include "cdp/base/json.h"
#include "src/account.h"
#include "src/server.h"

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
	const struct options *options;
};

/* All routes, for server_routes() with a struct api. */
extern const struct route api_routes[];

/* The site of the path's first star, and "account" of the query or the body.  False: it was answered. */
bool api_account(struct exchange *x, struct site_account *out);

/* A job has ended: who waits for it is answered. */
void api_job_ended(void *api, struct job *job);

/* What is new in the store: streams and jobs are told. */
void api_look(struct api *api);

/* api_otp.c */
/* Sends MESSAGE (taken) to CHANNEL, and answers X with its reply.  ID counts guesses; "": nothing is guessed. */
void api_deliver(struct api *api, struct exchange *x, const char *channel, const char *id, cJSON *message);
void api_otp_list(void *api, struct exchange *x);
void api_otp_answer(void *api, struct exchange *x);
void api_otp_submit(void *api, struct exchange *x);
void api_otp_cancel(void *api, struct exchange *x);
void api_otp_link(void *api, struct exchange *x);

/* api_runs.c */
void api_runs(void *api, struct exchange *x);
void api_run(void *api, struct exchange *x);
void api_run_start(void *api, struct exchange *x);
void api_run_stop(void *api, struct exchange *x);
void api_run_events(void *api, struct exchange *x);
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
