/* Where things are kept: the XDG base directories, or one folder for all data (--data-dir, or
 * GABBAI_DATA_DIR).  Folders are made when they are first asked for, 0700. */
#ifndef SRC_PLACE_H
#define SRC_PLACE_H

struct error;

/* DIR is borrowed and stays; NULL: the usual places. */
void place_setup(const char *data_dir);

/* The path of NAME in the folder for data, or for what the user sets; owned by the caller.  The key lives in
 * the second, since a copy of the first must not carry it.  NULL with ERR_SYSTEM when the folder cannot be
 * made. */
char *place_of_data(const char *name, struct error *err);
char *place_of_config(const char *name, struct error *err);
/* The same for what may be lost without harm, like what failed runs leave. */
char *place_of_state(const char *name, struct error *err);

#endif
