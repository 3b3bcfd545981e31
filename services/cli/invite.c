/* invite.c -- `suyuan invite`: a way in for a person who has no password, or
 * none any more. Only the code goes to stdout, so that scripts make a link. */
#include <stdio.h>

#include "cli.h"
#include "methods.h"
#include "query.h"
#include "suyuan/v1/directory.pb-c.h"
#include "timeutil.h"

#define ANSWER_MS 10000

static enum cli_exit say(const struct query_result *r)
{
	const Sy__V1__MakeInviteReply *reply = (const void *)r->message;
	char until[TIME_TEXT_MAX];

	if (reply) {
		fprintf(stderr, "valid once, until %s\n",
			time_format_us(reply->expires_at_us, until));
		puts(reply->code);
		return CLI_OK;
	}
	return query_refused_print(r);
}

enum cli_exit command_invite(struct cli *cli, int argc, char **argv)
{
	const struct cli_option options[] = { { 0 } };
	Sy__V1__MakeInviteRequest request = SY__V1__MAKE_INVITE_REQUEST__INIT;
	int at = cli_options(cli, argc, argv, options);
	struct bus_client *client = NULL;
	struct error err;
	struct arena arena;
	struct query_result r = { .arena = &arena };
	enum cli_exit status;

	if (at < 0)
		return CLI_USAGE;
	if (argc - at != 1 || method_find("MakeInvite", &r.method) < 0)
		return cli_usage("invite NAME");
	if (cli_open(cli, &err) < 0 ||
	    cli_connect(cli, r.method.service, &client, &err) < 0)
		return cli_usage("%s", err.text);
	request.name = argv[at];
	arena_init(&arena);
	query_ask(cli, client, &request.base, NULL, ANSWER_MS, &r);
	bus_client_close(&client);
	status = say(&r);
	arena_reset(&arena);
	return status;
}
