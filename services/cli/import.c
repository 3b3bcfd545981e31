/* import.c -- `suyuan import directory`: CSV files become PutRecord
 * publications on one lane, so that a parent always comes before its child. */
#include "import.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LANE_KEY "directory"

struct run {
	struct import *im;
	struct arena arena;
	Sy__V1__PutRecordRequest request;
	uint64_t refused;
};

static enum pump_next next(void *arg, struct pump_event *event_r,
			   struct error *err)
{
	struct run *run = arg;
	uint64_t tag;

	arena_reset(&run->arena);
	sy__v1__put_record_request__init(&run->request);
	run->request.record = import_next(run->im, &run->arena, &tag, err);
	if (!run->request.record)
		return err->text[0] ? PUMP_FAILED : PUMP_END;
	*event_r = (struct pump_event){
		.type = "PutRecord",
		.key = LANE_KEY,
		.payload = &run->request.base,
		.tag = tag,
	};
	return PUMP_EVENT;
}

static void rejected(void *arg, uint64_t tag, const Sy__V1__Reject *reject)
{
	struct run *run = arg;

	run->refused++;
	import_reject(run->im, tag, reject->code, reject->field, reject->text);
}

static void progress(void *arg, struct pump_progress *progress_r)
{
	const struct run *run = arg;

	progress_r->done_bytes = run->im->read_bytes;
	progress_r->total_bytes = run->im->total_bytes;
	progress_r->rejected = run->im->bad_rows;
}

static int publisher_name(const struct import *im, const char *encoding,
			  char name_r[64], struct error *err)
{
	char *paths[IMPORT_FILES_MAX + 1];
	char salt[192], days[24] = "";
	size_t n = im->files_nr;

	for (size_t i = 0; i < n; i++)
		paths[i] = (char *)im->files[i].path;
	if (im->ics_path) {
		paths[n++] = (char *)im->ics_path;
		snprintf(days, sizeof(days), "/%zu", im->days_nr);
	}
	snprintf(salt, sizeof(salt), "%.64s%s%.64s",
		 im->ics_path ? im->calendar : "", days,
		 encoding ? encoding : "");
	return input_publisher("import", salt, strlen(salt), paths, n, name_r,
			       err);
}

static enum cli_exit put(struct cli *cli, struct import *im,
			 const char *publisher, struct error *err)
{
	struct run run = { .im = im };
	const struct pump_options options = { .service = "directory",
					      .publisher = publisher };
	const struct pump_source source = { next, rejected, progress, -1,
					    &run };
	struct pump_result result;
	enum cli_exit status;
	uint64_t wrong;

	arena_init(&run.arena);
	status = pump_run(cli, &options, &source, &result, err);
	arena_reset(&run.arena);
	wrong = im->bad_rows + run.refused;
	printf("rows            %llu\naccepted        %llu\n"
	       "resumed         %llu\nrejected        %llu\n"
	       "publisher       %s\n",
	       (unsigned long long)im->rows,
	       (unsigned long long)(result.stats.acknowledged > run.refused
					    ? result.stats.acknowledged -
						      run.refused
					    : 0),
	       (unsigned long long)result.stats.resumed,
	       (unsigned long long)wrong, publisher);
	if (status == CLI_OK && result.stats.acknowledged == 0 &&
	    result.stats.resumed > 0)
		puts("All of this was imported before and is not put again; to "
		     "do that, name\nanother publisher with --publisher.");
	if (result.interrupted)
		puts("stopped; the same command goes on from here");
	if (status == CLI_OK && (wrong > 0 || result.interrupted))
		return CLI_DIFFERENCES;
	return status;
}

static int add_profile(struct import *im, const char *dir, const char *profile,
		       glob_t *found, struct error *err)
{
	char pattern[4096];

	snprintf(pattern, sizeof(pattern), "%s/%s/*.csv", dir, profile);
	if (glob(pattern, 0, NULL, found) != 0)
		return error_set(err, "no profile: %s", pattern);
	for (size_t i = 0; i < found->gl_pathc; i++) {
		if (im->files_nr == IMPORT_FILES_MAX)
			return error_set(err, "more than %d files",
					 IMPORT_FILES_MAX);
		im->files[im->files_nr++].path = found->gl_pathv[i];
	}
	return 0;
}

struct arguments {
	const char *profile, *profiles, *publisher, *rejects;
	const char *ics, *calendar, *years, *encoding;
	bool dry_run;
	char **files;
	int files_nr;
};

/* "2026" or "2024-2026" */
static int import_days(struct import *im, const struct arguments *a,
		       struct error *err)
{
	int first, last, end = 0;
	const char *years = a->years ? a->years : "";

	if (!a->calendar)
		return error_set(err, "--ics wants --calendar CODE");
	if (sscanf(years, "%4d-%4d%n", &first, &last, &end) != 2 ||
	    years[end]) {
		if (sscanf(years, "%4d%n", &first, &end) != 1 || years[end])
			return error_set(err, "--ics wants --years 2026 or "
					      "--years 2024-2026");
		last = first;
	}
	return import_ics(im, a->ics, a->calendar, first, last, err);
}

static enum cli_exit run_import(struct cli *cli, struct import *im,
				const struct arguments *a, glob_t *found,
				struct error *err)
{
	char name[64];

	if (a->profile &&
	    add_profile(im, a->profiles, a->profile, found, err) < 0)
		return CLI_USAGE;
	for (int i = 0; i < a->files_nr; i++) {
		if (im->files_nr == IMPORT_FILES_MAX) {
			error_set(err, "more than %d files", IMPORT_FILES_MAX);
			return CLI_USAGE;
		}
		im->files[im->files_nr++] =
			(struct import_file){ .path = a->files[i],
					      .encoding = a->encoding };
	}
	if (a->ics && import_days(im, a, err) < 0)
		return CLI_USAGE;
	if (import_open(im, err) < 0 || cli_open(cli, err) < 0 ||
	    rejects_open(&im->rejects, a->rejects, err) < 0)
		return CLI_USAGE;
	if (a->dry_run)
		return import_check(cli, im, err);
	if (a->publisher)
		snprintf(name, sizeof(name), "%s", a->publisher);
	else if (publisher_name(im, a->encoding, name, err) < 0)
		return CLI_USAGE;
	return put(cli, im, name, err);
}

enum cli_exit command_import(struct cli *cli, int argc, char **argv)
{
	struct arguments a = { .profiles = "deploy/profiles" };
	const struct cli_option options[] = {
		{ "calendar", OPTION_TEXT, &a.calendar, 0, 0 },
		{ "dry-run", OPTION_FLAG, &a.dry_run, 0, 0 },
		{ "encoding", OPTION_TEXT, &a.encoding, 0, 0 },
		{ "ics", OPTION_TEXT, &a.ics, 0, 0 },
		{ "profile", OPTION_TEXT, &a.profile, 0, 0 },
		{ "profiles", OPTION_TEXT, &a.profiles, 0, 0 },
		{ "publisher", OPTION_TEXT, &a.publisher, 0, 0 },
		{ "rejects", OPTION_TEXT, &a.rejects, 0, 0 },
		{ "years", OPTION_TEXT, &a.years, 0, 0 },
		{ 0 },
	};
	int at = cli_options(cli, argc, argv, options);
	struct import *im;
	struct error err = { "" };
	enum cli_exit status;
	glob_t found = { 0 };

	if (at < 0)
		return CLI_USAGE;
	if (argc - at < 1 || strcmp(argv[at], "directory") != 0 ||
	    (argc - at == 1 && !a.profile && !a.ics))
		return cli_usage("import directory FILE...; see suyuan help "
				 "import");
	a.files = argv + at + 1;
	a.files_nr = argc - at - 1;
	im = calloc(1, sizeof(*im));
	if (!im)
		abort();
	status = run_import(cli, im, &a, &found, &err);
	if (rejects_close(&im->rejects, &err) < 0 && status == CLI_OK)
		status = CLI_DIFFERENCES;
	if (err.text[0])
		fprintf(stderr, "suyuan: %s\n", err.text);
	import_close(im);
	free(im);
	globfree(&found);
	return status;
}
