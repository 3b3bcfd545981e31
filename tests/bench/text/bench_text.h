/* bench_text.h -- B10 in C: what each stage of services/common/text takes, how
 * well a trained model does, and whether near copies are found.
 * understanding.py calls it and reads lines of a name and a number. */
#ifndef SUYUAN_BENCH_TEXT_H
#define SUYUAN_BENCH_TEXT_H

#include <stddef.h>

#include "arena.h"
#include "text/train.h"

/* Lines of a label, a tab and a text. */
struct bench_texts {
	struct train_text *t;
	size_t n;
};
void bench_read(struct bench_texts *texts, struct arena *arena,
		const char *path, const char *lang);

double bench_now(void); /* seconds */

int bench_stages(struct arena *arena, const char *path, const char *lang);
int bench_train(struct arena *arena, const char *train, const char *test,
		const char *lang);
int bench_near(struct arena *arena, size_t n);
/* Sets of so many rules; none: of 10 to 10,000. */
int bench_watch(const char *path, char **sizes, int sizes_nr);

#endif
