/* The commands: each is a function of the options and answers with an exit code. */
#ifndef SRC_COMMANDS_H
#define SRC_COMMANDS_H

#include "src/options.h"

int cmd_connect(const struct options *options);
int cmd_export(const struct options *options);
int cmd_forms(const struct options *options);
int cmd_history(const struct options *options);
int cmd_key(const struct options *options);
int cmd_otp(const struct options *options);
int cmd_run(const struct options *options);
int cmd_secret(const struct options *options);
int cmd_serve(const struct options *options);
int cmd_session(const struct options *options);
int cmd_show(const struct options *options);
int cmd_sites(const struct options *options);
int cmd_status(const struct options *options);
int cmd_submit(const struct options *options);
int cmd_unpark(const struct options *options);

#endif
