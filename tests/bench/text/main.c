/* main.c -- suyuan-bench-text stages FILE LANG | train TRAIN TEST LANG | near N
 * | watch FILE [RULES...]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench_text.h"

double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void bench_read(struct bench_texts *texts, struct arena *arena,
		const char *path, const char *lang)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t size = 0, room = 0;
	ssize_t len;

	*texts = (struct bench_texts){ 0 };
	if (f == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	while ((len = getline(&line, &size, f)) > 0) {
		char *text = strchr(line, '\t');
		const char **labels = arena_alloc(arena, sizeof(*labels));

		if (text == NULL)
			continue;
		line[len - 1] = '\0';
		*text++ = '\0';
		if (texts->n == room) {
			struct train_text *more;

			room = room == 0 ? 1024 : 2 * room;
			more = arena_alloc(arena, room * sizeof(*more));
			if (texts->n > 0)
				memcpy(more, texts->t,
				       texts->n * sizeof(*more));
			texts->t = more;
		}
		labels[0] = arena_strdup(arena, line);
		texts->t[texts->n] = (struct train_text){
			.text = arena_strdup(arena, text),
			.len = strlen(text),
			.lang = lang,
			.labels = labels,
			.line = texts->n + 1,
		};
		texts->n++;
	}
	free(line);
	fclose(f);
}

int main(int argc, char **argv)
{
	struct arena arena;
	int rc = -1;

	arena_init(&arena);
	if (argc == 4 && strcmp(argv[1], "stages") == 0)
		rc = bench_stages(&arena, argv[2], argv[3]);
	else if (argc == 5 && strcmp(argv[1], "train") == 0)
		rc = bench_train(&arena, argv[2], argv[3], argv[4]);
	else if (argc == 3 && strcmp(argv[1], "near") == 0)
		rc = bench_near(&arena, strtoul(argv[2], NULL, 10));
	else if (argc >= 3 && strcmp(argv[1], "watch") == 0)
		rc = bench_watch(argv[2], argv + 3, argc - 3);
	else
		fputs("suyuan-bench-text: stages FILE LANG | "
		      "train TRAIN TEST LANG | near N | watch FILE "
		      "[RULES...]\n",
		      stderr);
	arena_reset(&arena);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
