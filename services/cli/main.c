/* main.c -- the suyuan command: dispatch over a table. Each command stands in
 * a file of its own name. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "help.h"
#include "log.h"

static const struct command commands[] = {
	{ "publish", command_publish, "send appeals or mentions from a file",
	  HELP_PUBLISH },
	{ "tail", command_tail, "show the events of a stream", HELP_TAIL },
	{ "replay", command_replay, "a whole stream, proved and onto a file",
	  HELP_REPLAY },
	{ "query", command_query, "ask a service, as JSON", HELP_QUERY },
	{ "methods", command_methods, "what can be asked", HELP_METHODS },
	{ "import", command_import, "load the directory from CSV",
	  HELP_IMPORT },
	{ "lag", command_lag, "how far consumers are behind", HELP_LAG },
	{ "export", command_export, "the directory as the files of import",
	  HELP_EXPORT },
	{ "quarantine", command_quarantine, "what could not be applied",
	  HELP_QUARANTINE },
	{ "readers", command_readers, "who reads a log, and how far",
	  HELP_READERS },
	{ "keys", command_keys, "make, list, grant and revoke keys",
	  HELP_KEYS },
	{ "invite", command_invite, "a code to set a password with",
	  HELP_INVITE },
	{ "load", command_load, "offer a service load, and measure",
	  HELP_LOAD },
	{ "simulate", command_simulate, "a post and its customers, made up",
	  HELP_SIMULATE },
	{ "train", command_train,
	  "a classifier of mentions from labelled texts", HELP_TRAIN },
	{ 0 },
};

static const struct command *find(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static enum cli_exit help(const char *name)
{
	const struct command *command = name ? find(name) : NULL;

	if (command) {
		fputs(command->help, stdout);
		fputs(HELP_COMMON, stdout);
		return CLI_OK;
	}
	if (name)
		return cli_usage("no command '%s'; see suyuan help", name);
	puts("usage: suyuan COMMAND ...\n");
	for (const struct command *c = commands; c->name; c++)
		printf("  %-10s %s\n", c->name, c->summary);
	puts("  help       what a command wants: suyuan help COMMAND\n\n"
	     "Ends with 0: done; 1: some lines were rejected, or the service "
	     "said no;\n2: wrong arguments or unusable input; 3: a service "
	     "cannot be reached.");
	return CLI_OK;
}

int main(int argc, char **argv)
{
	struct cli cli = { .wait_s = 60 };
	const struct command *command;
	enum cli_exit status;

	log_open_terminal("suyuan", LOG_WARN);
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		help(NULL);
		return CLI_USAGE;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0)
		return (int)cli_output_end(help(argv[2]));
	command = find(argv[1]);
	if (!command)
		return (int)cli_usage("no command '%s'; see suyuan help",
				      argv[1]);
	if (argc > 2 && strcmp(argv[2], "--help") == 0)
		return (int)cli_output_end(help(command->name));
	uv_loop_init(&cli.loop);
	status = command->run(&cli, argc - 1, argv + 1);
	cli_close(&cli);
	return (int)cli_output_end(status);
}
