/* What all of our requests over libcurl have in common. */
#ifndef SCRAPERS_FETCH_IMPL_H
#define SCRAPERS_FETCH_IMPL_H

#include "cdp/base/auto.h"
#include "scrapers/fetch.h"

#include <curl/curl.h>

AUTO_KIND(list, struct curl_slist *, curl_slist_free_all);

/* TEXTS, NULL at the end (or NULL), as a list of libcurl's; owned by the caller. */
struct curl_slist *fetch_list(const char *const *texts);

/* The rules of NETWORK for the host of URL; owned by the caller. */
struct curl_slist *fetch_connections(const struct fetch_network *network, const char *url);

/* Sets EASY up for URL: whom to trust and to be, nothing but http and https, no redirect followed. */
void fetch_prepare(CURL *easy, const struct fetch_network *network, const char *url);

#endif
