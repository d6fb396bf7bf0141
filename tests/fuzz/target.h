/* What is fed with anything: what comes from sites, files and other programs.  A target is a function that takes bytes and
 * asserts what must hold of every answer; make fuzz lets libFuzzer call it, tests/unit/corpus_test.c goes through
 * tests/fuzz/corpus/TARGET/, where seeds stand beside all inputs that ever broke something. */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

void fuzz_answer(const uint8_t *data, size_t size);
void fuzz_channel(const uint8_t *data, size_t size);
void fuzz_cron(const uint8_t *data, size_t size);
void fuzz_code(const uint8_t *data, size_t size);
void fuzz_form(const uint8_t *data, size_t size);
void fuzz_json(const uint8_t *data, size_t size);
void fuzz_session(const uint8_t *data, size_t size);
void fuzz_totp(const uint8_t *data, size_t size);

#ifdef FUZZ
#define FUZZ_TARGET(target)                                                                                                 \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);                                                       \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                                                        \
	{                                                                                                                   \
		target(data, size);                                                                                         \
		return 0;                                                                                                   \
	}
#else
#define FUZZ_TARGET(target)
#endif

#endif
