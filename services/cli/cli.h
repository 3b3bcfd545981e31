/* cli.h -- what the commands of `suyuan` share: options, connections, ends. */
#ifndef SUYUAN_CLI_H
#define SUYUAN_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "bus/client.h"
#include "bus/keys.h"
#include "error.h"

enum cli_exit {
	CLI_OK = 0,
	CLI_DIFFERENCES = 1, /* some lines rejected; an error from a service */
	CLI_USAGE = 2,       /* wrong arguments, or input that is unusable */
	CLI_UNREACHABLE = 3,
};

#define CLI_SERVICES_MAX 8

struct cli {
	uv_loop_t loop;
	struct bus_key key;
	struct registry *registry;
	/* Options that all commands have. */
	const char *key_path, *registry_path, *env_path;
	const char *endpoints[CLI_SERVICES_MAX]; /* SERVICE=tcp://... */
	int endpoints_nr;
	int64_t wait_s; /* for a service that does not answer */
};

struct command {
	const char *name;
	enum cli_exit (*run)(struct cli *cli, int argc, char **argv);
	const char *summary;
	const char *help;
};

enum cli_exit command_publish(struct cli *cli, int argc, char **argv);
enum cli_exit command_tail(struct cli *cli, int argc, char **argv);
enum cli_exit command_query(struct cli *cli, int argc, char **argv);
enum cli_exit command_methods(struct cli *cli, int argc, char **argv);
enum cli_exit command_import(struct cli *cli, int argc, char **argv);
enum cli_exit command_export(struct cli *cli, int argc, char **argv);
enum cli_exit command_quarantine(struct cli *cli, int argc, char **argv);
enum cli_exit command_readers(struct cli *cli, int argc, char **argv);
enum cli_exit command_keys(struct cli *cli, int argc, char **argv);
enum cli_exit command_lag(struct cli *cli, int argc, char **argv);
enum cli_exit command_invite(struct cli *cli, int argc, char **argv);
enum cli_exit command_replay(struct cli *cli, int argc, char **argv);
enum cli_exit command_load(struct cli *cli, int argc, char **argv);
enum cli_exit command_simulate(struct cli *cli, int argc, char **argv);
enum cli_exit command_train(struct cli *cli, int argc, char **argv);

/* --- options.c --- */

enum cli_option_type { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER };

/* One long option of a command; a row without a name ends the table. */
struct cli_option {
	const char *name;
	enum cli_option_type type;
	void *to;         /* bool, const char *, int64_t */
	int64_t min, max; /* OPTION_NUMBER, inclusive */
};

/* Parses the command's own options and the common ones; the rest is moved to
 * the end of argv. Returns its index, or -1 after saying what is wrong. */
int cli_options(struct cli *cli, int argc, char **argv,
		const struct cli_option *own);
/* Prints "suyuan: ..." and returns CLI_USAGE. */
__attribute__((format(printf, 1, 2))) enum cli_exit cli_usage(const char *fmt,
							      ...);

/* --- output.c --- */

/* All that was printed has arrived, and somebody can read more. */
bool cli_written(void);
/* The status that a command ends with: CLI_OK only if its output arrived. */
enum cli_exit cli_output_end(enum cli_exit status);

/* --- connect.c --- */

/* Environment file, own key, registry. Before cli_connect, after the options.
 */
int cli_open(struct cli *cli, struct error *err);
/* For who needs no key: the registry's path, NULL with err if none is known. */
const char *cli_registry(struct cli *cli, struct error *err);
/* From the options or the environment; NULL: none is known. */
const char *cli_endpoint(const struct cli *cli, const char *service);
/* For who connects by itself. */
int cli_client_options(struct cli *cli, const char *service,
		       struct bus_client_options *options_r, struct error *err);
int cli_connect(struct cli *cli, const char *service,
		struct bus_client **client_r, struct error *err);
/* No replica answered as long as --wait says; err says so, and why if that is
 * known. CLI_UNREACHABLE. */
enum cli_exit cli_unreached(const struct cli *cli, const char *service,
			    const struct bus_client *client, struct error *err);
/* Lets the loop run that long, or until somebody stops it. */
void cli_pause(struct cli *cli, uint64_t ms);
/* Lets the loop close what was closed, and frees the rest. */
void cli_close(struct cli *cli);

#endif
