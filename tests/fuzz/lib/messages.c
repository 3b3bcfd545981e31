/* messages.c -- every message that comes from outside, by a number. New methods
 * stand in the .proto's services and are found by themselves. */
#include "fuzz.h"

#include "suyuan/v1/bus.pb-c.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "suyuan/v1/directory.pb-c.h"
#include "suyuan/v1/gateway.pb-c.h"
#include "suyuan/v1/kpi.pb-c.h"
#include "suyuan/v1/operations.pb-c.h"
#include "suyuan/v1/social.pb-c.h"

static const ProtobufCServiceDescriptor *const services[] = {
	&sy__v1__complaints__descriptor, &sy__v1__directory__descriptor,
	&sy__v1__gateway__descriptor,    &sy__v1__kpi__descriptor,
	&sy__v1__social__descriptor,     &sy__v1__operations__descriptor,
};

/* Of no method. */
static const ProtobufCMessageDescriptor *const others[] = {
	&sy__v1__event__descriptor,        &sy__v1__hello__descriptor,
	&sy__v1__welcome__descriptor,      &sy__v1__publish__descriptor,
	&sy__v1__ack__descriptor,          &sy__v1__nack__descriptor,
	&sy__v1__fetch__descriptor,        &sy__v1__batch__descriptor,
	&sy__v1__out_of_range__descriptor, &sy__v1__diverged__descriptor,
	&sy__v1__hint__descriptor,         &sy__v1__query__descriptor,
	&sy__v1__reply__descriptor,        &sy__v1__goaway__descriptor,
	&sy__v1__signed_token__descriptor, &sy__v1__actor_token__descriptor,
};
#define OTHERS_NR (sizeof(others) / sizeof(others[0]))

const ProtobufCMessageDescriptor *fuzz_descriptor(unsigned n)
{
	unsigned all = OTHERS_NR;

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		all += 2 * services[i]->n_methods;
	n %= all;
	if (n < OTHERS_NR)
		return others[n];
	n -= OTHERS_NR;
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		const ProtobufCMethodDescriptor *m = services[i]->methods;

		if (n < 2 * services[i]->n_methods)
			return n % 2 ? m[n / 2].output : m[n / 2].input;
		n -= 2 * services[i]->n_methods;
	}
	return others[0];
}
