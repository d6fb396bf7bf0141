/* What pages are judged with (selectors/otp/words.js): selectors/otp.json with all phrases plain, without what is only
 * for answers of servers, and with an index by which a page finds the few phrases that a text may have. */
#ifndef SCRAPERS_VOCABULARY_H
#define SCRAPERS_VOCABULARY_H

/* As an expression of JavaScript, an array of texts.  Made once, and borrowed for good. */
const char *vocabulary(void);

#endif
