/* The formats of files of their own: see format.h. */
#ifndef SRC_FORMAT_IMPL_H
#define SRC_FORMAT_IMPL_H

#include "src/format.h"

/* The npm package counts money that came back as an expense, and as installments. */
int64_t format_ibs_charged(const struct transaction *t);

void format_ofx(const struct report *r, struct buf *out);
void format_qif(const struct report *r, struct buf *out);
void format_ledger(const struct report *r, struct buf *out);
void format_moneyman(const struct report *r, struct buf *out);
void format_beancount(const struct report *r, struct buf *out);

#endif
