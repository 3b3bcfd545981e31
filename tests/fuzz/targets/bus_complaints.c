/* bus_complaints.c -- every op and every method as complaints takes it, its
 * rules included. */
#include "../lib/bus_world.h"
#include "bus/parts.h"
#include "complaints/items.h"
#include "complaints/search.h"

static struct complaints svc = { .service.name = "complaints" };

static void answer_beside(void)
{
	replica_answer(svc.replica);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const settings[] = {
		"SUYUAN_SMTP_URL", "smtps://mail.none", "SUYUAN_MAIL_FROM",
		"Service <service@mail.none>", "SUYUAN_PUBLIC_URL",
		"https://none",
		/* small files that are everywhere */
		"SUYUAN_SECRETS_DIR", "/proc/sys/kernel", NULL
	};
	struct bus_server_options options = {
		.service = "complaints",
		.schema = "complaints",
		.shards_nr = 16,
		.svc = &svc,
	};
	struct error err;

	(void)argc;
	(void)argv;
	bus_world_conf(complaints_conf_tables, &svc.conf, settings);
	uv_loop_init(&svc.service.loop);
	svc.replica = replica_in_memory();
	REQUIRE(complaints_keys(&svc, &err) == 0);
	REQUIRE(attachments_open(&err) == 0);
	REQUIRE(mail_conf_check(&svc.conf.mail, &svc.mail_from, &err) == 0);
	REQUIRE(parts_open(complaints_parts, complaints_confirm, &options,
			   &err) == 0);
	/* Their loop stands still. */
	REQUIRE(search_open(&svc.search, &svc, &err) == 0);
	REQUIRE(lookups_open(&svc.lookups, &svc, &err) == 0);
	REQUIRE(intake_mail_open(&svc.intake_mail, &svc, &err) == 0);
	bus_world_beside(answer_beside);
	bus_world_open(&options);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bus_world_run(data, size);
	return 0;
}
