/* keys_command.c -- `suyuan keys`: make, list, revoke. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

static int make_one(const char *path, const char *name, const char *registry,
		    struct error *err)
{
	struct bus_key key;

	if (key_make(path, &key, err) < 0)
		return -1;
	if (registry_add(registry, key.public_z85, name, err) < 0) {
		unlink(path); /* a key that nobody knows is of no use */
		return -1;
	}
	printf("%s %s\n", key.public_z85, name);
	return 0;
}

static int make(const struct cli *cli, const char *dir, char **names, int n,
		struct error *err)
{
	char path[4096], registry[4096];

	snprintf(registry, sizeof(registry), "%s/registry", dir);
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return error_set(err, "%s: %s", dir, strerror(errno));
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s.key", dir, names[i]);
		if (make_one(path, names[i],
			     cli->registry_path ? cli->registry_path : registry,
			     err) < 0)
			return -1;
	}
	return 0;
}

static int list(const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	char line[256], key[64], name[PRINCIPAL_MAX];

	if (!file)
		return error_set(err, "%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), file))
		if (line[0] != '#' && sscanf(line, "%63s %63s", key, name) == 2)
			printf("%-24s %s\n", name, key);
	fclose(file);
	return 0;
}

/* Copies all lines but those of name. Returns how many were left out. */
static int copy_without(FILE *from, FILE *to, const char *name)
{
	char line[256], key[64], owner[PRINCIPAL_MAX];
	int dropped = 0;

	while (fgets(line, sizeof(line), from)) {
		if (line[0] != '#' &&
		    sscanf(line, "%63s %63s", key, owner) == 2 &&
		    strcmp(owner, name) == 0)
			dropped++;
		else
			fputs(line, to);
	}
	return dropped;
}

/* The new file replaces the old one at once: a service that reloads sees one
 * or the other. The lock is the one that registry_add takes. */
static int revoke_one(const char *path, const char *name, struct error *err)
{
	FILE *from = fopen(path, "r+e"), *to = NULL;
	char temporary[4096];
	int dropped = 0;

	if (!from)
		return error_set(err, "%s: %s", path, strerror(errno));
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	if (flock(fileno(from), LOCK_EX) == 0)
		to = fopen(temporary, "we");
	if (to)
		dropped = copy_without(from, to, name);
	if (!to || (fflush(to) | fsync(fileno(to)) | fclose(to)) != 0 ||
	    rename(temporary, path) < 0) {
		fclose(from);
		return error_set(err, "%s: %s", temporary, strerror(errno));
	}
	fclose(from);
	if (dropped == 0)
		return error_set(err, "%s has no key of that name", path);
	printf("%d keys of %s revoked\n", dropped, name);
	return 0;
}

static int revoke_all(const struct cli *cli, char **names, int n,
		      struct error *err)
{
	const char *path = cli->registry_path ? cli->registry_path
					      : getenv("SUYUAN_REGISTRY");

	if (!path)
		return error_set(err, "--registry FILE or SUYUAN_REGISTRY");
	for (int i = 0; i < n; i++)
		if (revoke_one(path, names[i], err) < 0)
			return -1;
	return 0;
}

enum cli_exit command_keys(struct cli *cli, int argc, char **argv)
{
	const char *principal = NULL, *what;
	const struct cli_option options[] = {
		{ "principal", OPTION_TEXT, &principal, 0, 0 },
		{ 0 },
	};
	int at = cli_options(cli, argc, argv, options), n = argc - at - 1;
	struct error err;
	char **args;
	int status;

	if (at < 0)
		return CLI_USAGE;
	what = n >= 0 ? argv[at] : "";
	args = argv + at + 1;
	if (strcmp(what, "make") == 0 && principal && n == 1 &&
	    cli->registry_path)
		status = make_one(args[0], principal, cli->registry_path, &err);
	else if (strcmp(what, "make") == 0 && n >= 2)
		status = make(cli, args[0], args + 1, n - 1, &err);
	else if (strcmp(what, "list") == 0 && n == 1)
		status = list(args[0], &err);
	else if (strcmp(what, "list") == 0 && n == 0 && cli->registry_path)
		status = list(cli->registry_path, &err);
	else if (strcmp(what, "list") == 0 && n == 0 &&
		 getenv("SUYUAN_REGISTRY"))
		status = list(getenv("SUYUAN_REGISTRY"), &err);
	else if (strcmp(what, "revoke") == 0 && n >= 1)
		status = revoke_all(cli, args, n, &err);
	else
		return cli_usage("keys make DIR NAME... | list [REGISTRY] | "
				 "revoke NAME...");
	if (status < 0)
		return cli_usage("%s", err.text);
	return CLI_OK;
}
