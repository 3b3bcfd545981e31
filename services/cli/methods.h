/* methods.h -- the services' methods, by the descriptors that protoc-c made. */
#ifndef SUYUAN_CLI_METHODS_H
#define SUYUAN_CLI_METHODS_H

#include <stdbool.h>

#include <protobuf-c/protobuf-c.h>

struct method {
	const char *service; /* "complaints" */
	const ProtobufCMethodDescriptor *rpc;
	bool writes; /* wants an idempotency key; may be published too */
};

/* 0 or -1: no such method. */
int method_find(const char *name, struct method *method_r);
/* The n-th of all, false past the end. */
bool method_at(unsigned n, struct method *method_r);

/* The services by name; NULL past the end. */
const char *service_at(unsigned n);
/* As service_at has them, for usage. */
#define STREAMS "directory|complaints|kpi|social"
/* Shards of a stream; 0: no such stream. */
int stream_shards(const char *stream);

#endif
