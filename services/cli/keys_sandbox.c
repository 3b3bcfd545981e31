/* keys_sandbox.c -- `suyuan keys make --sandbox`: the principal of test keys.
 * It is one of its own, since a publisher's numbers are the principal's: what
 * was tried out under the name of a real one would be missing there later. */
#include "keys_sandbox.h"

#include <string.h>

#include "query.h"
#include "suyuan/v1/directory.pb-c.h"
#include "uuid.h"

#define ANSWER_MS 10000
#define PAGE 500

static const char *const roles[] = { "publisher", "sandbox" };
#define ROLES_NR (sizeof(roles) / sizeof(roles[0]))

static int ask(struct cli *cli, struct bus_client *client, const char *method,
	       const ProtobufCMessage *request, const char *key,
	       struct query_result *r, struct error *err)
{
	if (method_find(method, &r->method) < 0)
		return error_set(err, "no method %s", method);
	query_ask(cli, client, request, key, ANSWER_MS, r);
	if (r->message)
		return 0;
	query_refused(r, err);
	return error_prefix(err, "%s", method);
}

/* 1: there is a principal of that name, 0: none, -1. */
static int find(struct cli *cli, struct bus_client *client, const char *name,
		struct arena *arena, const Sy__V1__Principal **found_r,
		struct error *err)
{
	Sy__V1__ListPrincipalsRequest request =
		SY__V1__LIST_PRINCIPALS_REQUEST__INIT;
	struct query_result r = { .arena = arena };
	const Sy__V1__ListPrincipalsReply *reply;

	request.limit = PAGE;
	do {
		if (ask(cli, client, "ListPrincipals", &request.base, NULL, &r,
			err) < 0)
			return -1;
		reply = (const void *)r.message;
		for (size_t i = 0; i < reply->n_principals; i++) {
			*found_r = reply->principals[i];
			if (strcmp((*found_r)->name, name) == 0)
				return 1;
		}
		request.after_name = reply->next_name;
	} while (reply->next_name[0]);
	return 0;
}

static bool is_sandbox(const Sy__V1__Principal *p)
{
	for (size_t i = 0; i < p->n_roles; i++)
		if (strcmp(p->roles[i], "sandbox") == 0)
			return !p->revoked;
	return false;
}

static int put(struct cli *cli, struct bus_client *client, const char *name,
	       const char *unit, struct arena *arena, struct error *err)
{
	Sy__V1__PutRecordRequest request = SY__V1__PUT_RECORD_REQUEST__INIT;
	Sy__V1__DirectoryRecord record = SY__V1__DIRECTORY_RECORD__INIT;
	Sy__V1__Principal principal = SY__V1__PRINCIPAL__INIT;
	struct query_result r = { .arena = arena };
	char key[UUID_TEXT_MAX];
	uint8_t uuid[UUID_BYTES];

	principal.name = (char *)name;
	principal.unit = (char *)unit;
	principal.roles = (char **)roles;
	principal.n_roles = ROLES_NR;
	record.record_case = SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL;
	record.principal = &principal;
	request.record = &record;
	uuid_make(uuid);
	return ask(cli, client, "PutRecord", &request.base,
		   uuid_format(uuid, key), &r, err);
}

static int prepare(struct cli *cli, struct bus_client *client, const char *name,
		   const char *unit, struct arena *arena, struct error *err)
{
	const Sy__V1__Principal *principal;
	int found = find(cli, client, name, arena, &principal, err);

	if (found < 0)
		return -1;
	if (!found)
		return put(cli, client, name, unit ? unit : "", arena, err);
	if (!is_sandbox(principal))
		return error_set(
			err, "%s is a principal already, and no sandbox", name);
	if (unit && strcmp(principal->unit, unit) != 0)
		return error_set(err, "%s has another unit", name);
	return 0;
}

int keys_sandbox_prepare(struct cli *cli, char **names, int n, const char *unit,
			 struct error *err)
{
	struct bus_client *client = NULL;
	struct arena arena;
	int status = 0;

	if (cli_open(cli, err) < 0 ||
	    cli_connect(cli, "directory", &client, err) < 0)
		return -1;
	arena_init(&arena);
	for (int i = 0; i < n && status == 0; i++)
		status = prepare(cli, client, names[i], unit, &arena, err);
	bus_client_close(&client);
	arena_reset(&arena);
	return status;
}
