/* main.c -- one program, five parts. */
#include <stdio.h>
#include <string.h>

#include "bench.h"

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "serve") == 0)
		return bench_serve();
	if (strcmp(what, "consume") == 0)
		return bench_consume();
	if (strcmp(what, "load") == 0)
		return bench_load(argc - 1, argv + 1);
	if (strcmp(what, "copy") == 0)
		return bench_copy(argc - 1, argv + 1);
	if (strcmp(what, "insert") == 0)
		return bench_insert(argc - 1, argv + 1);
	fprintf(stderr,
		"usage: suyuan-bench serve|consume|load|copy|insert ...\n");
	return 2;
}
