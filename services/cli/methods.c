/* methods.c -- see methods.h. A new service is one line in each table. */
#include "methods.h"

#include <stddef.h>
#include <string.h>

#include "suyuan/v1/complaints.pb-c.h"
#include "suyuan/v1/complaints_desk.pb-c.h"
#include "suyuan/v1/directory.pb-c.h"
#include "suyuan/v1/kpi.pb-c.h"
#include "suyuan/v1/social.pb-c.h"

static const struct {
	const char *name; /* of the service and of its stream */
	const ProtobufCServiceDescriptor *rpcs;
	int shards;
} services[] = {
	{ "directory", &sy__v1__directory__descriptor, 1 },
	{ "complaints", &sy__v1__complaints__descriptor, 16 },
	{ "kpi", &sy__v1__kpi__descriptor, 16 },
	{ "social", &sy__v1__social__descriptor, 16 },
};
#define SERVICES_NR (sizeof(services) / sizeof(services[0]))

/* What a method that writes is answered with: such a one wants a key. */
static const ProtobufCMessageDescriptor *const written[] = {
	&sy__v1__put_record_reply__descriptor,
	&sy__v1__merge_units_reply__descriptor,
	&sy__v1__appeal_reply__descriptor,
	&sy__v1__desk_reply__descriptor,
	&sy__v1__run_lookup_reply__descriptor,
	&sy__v1__put_mention_reply__descriptor,
	&sy__v1__put_mentions_reply__descriptor,
	&sy__v1__erase_author_reply__descriptor,
	&sy__v1__put_watch_reply__descriptor,
	&sy__v1__judge_watch_hit_reply__descriptor,
	&sy__v1__reaction_reply__descriptor,
	&sy__v1__press_reply__descriptor,
	&sy__v1__put_feed_reply__descriptor,
	&sy__v1__judge_spike_reply__descriptor,
	&sy__v1__put_model_reply__descriptor,
	&sy__v1__use_model_reply__descriptor,
	&sy__v1__erase_subject_reply__descriptor,
	&sy__v1__put_retention_reply__descriptor,
	&sy__v1__subject_link_reply__descriptor,
};

bool method_at(unsigned n, struct method *method_r)
{
	for (size_t s = 0; s < SERVICES_NR; s++) {
		const ProtobufCServiceDescriptor *rpcs = services[s].rpcs;

		if (n >= rpcs->n_methods) {
			n -= rpcs->n_methods;
			continue;
		}
		*method_r = (struct method){ services[s].name,
					     &rpcs->methods[n], false };
		for (size_t i = 0; i < sizeof(written) / sizeof(written[0]);
		     i++)
			method_r->writes |=
				rpcs->methods[n].output == written[i];
		return true;
	}
	return false;
}

int method_find(const char *name, struct method *method_r)
{
	for (unsigned i = 0; method_at(i, method_r); i++)
		if (strcmp(method_r->rpc->name, name) == 0)
			return 0;
	return -1;
}

const char *service_at(unsigned n)
{
	return n < SERVICES_NR ? services[n].name : NULL;
}

int stream_shards(const char *stream)
{
	for (size_t s = 0; s < SERVICES_NR; s++)
		if (strcmp(services[s].name, stream) == 0)
			return services[s].shards;
	return 0;
}
