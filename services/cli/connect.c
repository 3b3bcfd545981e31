/* connect.c -- where the services are and who we are: options, then the
 * environment, then a file of KEY=VALUE lines. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus/context.h"
#include "cli.h"

#define ENV_FILE ".run/suyuan.env"

/* One line of the file; what the environment says already wins, unless the
 * file was asked for by name. */
static int take_line(char *line, int overwrite)
{
	char *name = line + strspn(line, " \t"), *value, *end;

	name[strcspn(name, "\r\n")] = '\0';
	if (*name == '\0' || *name == '#')
		return 0;
	if (strncmp(name, "export ", 7) == 0)
		name += 7;
	value = strchr(name, '=');
	if (!value)
		return -1;
	*value++ = '\0';
	end = value + strlen(value);
	if (end - value >= 2 && (*value == '"' || *value == '\'') &&
	    end[-1] == *value) {
		end[-1] = '\0';
		value++;
	}
	return setenv(name, value, overwrite);
}

static int load_env(const struct cli *cli, struct error *err)
{
	const char *path = cli->env_path ? cli->env_path : ENV_FILE;
	FILE *file = fopen(path, "re");
	char line[4096];
	int number = 0;

	if (!file && !cli->env_path)
		return 0;
	if (!file)
		return error_set(err, "%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		number++;
		if (take_line(line, cli->env_path != NULL) < 0) {
			fclose(file);
			return error_set(err, "%s:%d: wants KEY=VALUE", path,
					 number);
		}
	}
	fclose(file);
	return 0;
}

const char *cli_registry(struct cli *cli, struct error *err)
{
	if (load_env(cli, err) < 0)
		return NULL;
	if (!cli->registry_path)
		cli->registry_path = getenv("SUYUAN_REGISTRY");
	if (!cli->registry_path)
		error_set(err, "no registry: --registry FILE, SUYUAN_REGISTRY, "
			       "or a file with it: --env FILE (" ENV_FILE
			       " is not here)");
	return cli->registry_path;
}

int cli_open(struct cli *cli, struct error *err)
{
	if (!cli_registry(cli, err))
		return -1;
	if (!cli->key_path)
		cli->key_path = getenv("SUYUAN_KEY");
	if (!cli->key_path)
		return error_set(err, "no key: --key FILE or SUYUAN_KEY");
	if (key_load(cli->key_path, &cli->key, err) < 0)
		return -1;
	return registry_open(&cli->registry, NULL, cli->registry_path, err);
}

const char *cli_endpoint(const struct cli *cli, const char *service)
{
	size_t n = strlen(service);
	char name[64] = "SUYUAN_";

	for (int i = 0; i < cli->endpoints_nr; i++)
		if (strncmp(cli->endpoints[i], service, n) == 0 &&
		    cli->endpoints[i][n] == '=')
			return cli->endpoints[i] + n + 1;
	for (size_t i = 0; i < n && i < 32; i++)
		name[7 + i] = (char)(service[i] - 'a' + 'A');
	return getenv(name);
}

int cli_client_options(struct cli *cli, const char *service,
		       struct bus_client_options *options_r, struct error *err)
{
	*options_r = (struct bus_client_options){
		.loop = &cli->loop,
		.endpoint = cli_endpoint(cli, service),
		.server_key = registry_key(cli->registry, service),
		.key = &cli->key,
	};
	if (!options_r->endpoint)
		return error_set(err,
				 "no endpoint of %s: --endpoint %s=tcp://... "
				 "or the environment",
				 service, service);
	if (!options_r->server_key)
		return error_set(err, "%s has no key of %s", cli->registry_path,
				 service);
	return 0;
}

int cli_connect(struct cli *cli, const char *service,
		struct bus_client **client_r, struct error *err)
{
	struct bus_client_options options;

	*client_r = NULL;
	if (cli_client_options(cli, service, &options, err) < 0)
		return -1;
	return bus_client_open(client_r, &options, err);
}

enum cli_exit cli_unreached(const struct cli *cli, const char *service,
			    const struct bus_client *client, struct error *err)
{
	char trouble[BUS_TROUBLE_SIZE];

	bus_client_trouble(client, trouble);
	error_set(err, "%s does not answer for %lld s%s%s", service,
		  (long long)cli->wait_s, trouble[0] ? ": " : "", trouble);
	return CLI_UNREACHABLE;
}

static void pause_cb(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

void cli_pause(struct cli *cli, uint64_t ms)
{
	uv_timer_t timer;

	uv_timer_init(&cli->loop, &timer);
	uv_timer_start(&timer, pause_cb, ms, 0);
	uv_run(&cli->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&cli->loop, UV_RUN_NOWAIT); /* it is on this stack */
}

void cli_close(struct cli *cli)
{
	registry_close(&cli->registry);
	uv_run(&cli->loop, UV_RUN_DEFAULT);
	uv_loop_close(&cli->loop);
	bus_context_close();
}
