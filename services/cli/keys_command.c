/* keys_command.c -- `suyuan keys`: pairs of keys, and which key is which
 * principal. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "keys_sandbox.h"

static void print_key(const char *public_z85, const char *name)
{
	char fingerprint[KEY_FINGERPRINT_SIZE];

	key_fingerprint(public_z85, fingerprint);
	printf("%-24s %s %s\n", name, fingerprint, public_z85);
}

/* --- make --- */

static int make_one(const char *path, const char *name, const char *registry,
		    struct error *err)
{
	struct bus_key key;

	if (key_make(path, &key, err) < 0)
		return -1;
	if (registry && registry_add(registry, key.public_z85, name, err) < 0) {
		unlink(path); /* a key that nobody knows is of no use */
		return -1;
	}
	print_key(key.public_z85, name);
	return 0;
}

static int make_all(const struct cli *cli, const char *dir, char **names, int n,
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

struct make_options {
	const char *principal, *unit;
	bool sandbox;
};

static int make(struct cli *cli, char **args, int n,
		const struct make_options *o, struct error *err)
{
	const char *principal = o->principal, *registry = NULL;

	if (o->unit && !o->sandbox)
		return error_set(err, "--unit: is for --sandbox; what others "
				      "may do stands in the directory");
	if (o->sandbox && n < 2)
		return error_set(err, "--sandbox: wants DIR NAME..., a key "
				      "for each of the names");
	if (o->sandbox &&
	    keys_sandbox_prepare(cli, args + 1, n - 1, o->unit, err) < 0)
		return -1;
	if (n >= 2)
		return make_all(cli, args[0], args + 1, n - 1, err);
	if (principal && !(registry = cli_registry(cli, err)))
		return -1;
	return make_one(args[0], principal ? principal : "-", registry, err);
}

/* --- the registry --- */

static int list(struct cli *cli, const char *path, struct error *err)
{
	const char *key, *name;
	struct registry *registry;

	if (!path && !(path = cli_registry(cli, err)))
		return -1;
	if (registry_open(&registry, NULL, path, err) < 0)
		return -1;
	for (unsigned i = 0; registry_at(registry, i, &key, &name); i++)
		print_key(key, name);
	registry_close(&registry);
	return 0;
}

static int grant(struct cli *cli, const char *key, const char *name,
		 struct error *err)
{
	const char *path = cli_registry(cli, err);
	char loaded[KEY_Z85_SIZE];

	if (!path)
		return -1;
	if (!key_valid(key)) {
		if (access(key, F_OK) < 0)
			return error_set(err,
					 "%s is neither a public key (40 "
					 "characters) nor a file with one",
					 key);
		if (key_load_public(key, loaded, err) < 0)
			return -1;
		key = loaded;
	}
	if (registry_add(path, key, name, err) < 0)
		return -1;
	print_key(key, name);
	return 0;
}

static int revoke_all(struct cli *cli, char **names, int n, struct error *err)
{
	const char *path = cli_registry(cli, err);

	for (int i = 0; path && i < n; i++) {
		int dropped = registry_drop(path, names[i], err);

		if (dropped < 0)
			return -1;
		if (dropped == 0)
			return error_set(err, "%s has no key of %s", path,
					 names[i]);
		printf("%d keys of %s revoked\n", dropped, names[i]);
	}
	return path ? 0 : -1;
}

enum cli_exit command_keys(struct cli *cli, int argc, char **argv)
{
	struct make_options o = { 0 };
	const char *what;
	const struct cli_option options[] = {
		{ "principal", OPTION_TEXT, &o.principal, 0, 0 },
		{ "sandbox", OPTION_FLAG, &o.sandbox, 0, 0 },
		{ "unit", OPTION_TEXT, &o.unit, 0, 0 },
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
	if (strcmp(what, "make") == 0 && n >= 1)
		status = make(cli, args, n, &o, &err);
	else if (strcmp(what, "list") == 0 && n <= 1)
		status = list(cli, n == 1 ? args[0] : NULL, &err);
	else if (strcmp(what, "grant") == 0 && n == 2)
		status = grant(cli, args[0], args[1], &err);
	else if (strcmp(what, "revoke") == 0 && n >= 1)
		status = revoke_all(cli, args, n, &err);
	else
		return cli_usage("keys make FILE | make DIR NAME... | "
				 "list [REGISTRY] | grant KEY NAME | "
				 "revoke WHAT...; see suyuan help keys");
	if (status < 0)
		return cli_usage("%s", err.text);
	return CLI_OK;
}
