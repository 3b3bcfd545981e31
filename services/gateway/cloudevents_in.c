/* cloudevents_in.c -- one CloudEvent in JSON to the request that it carries:
 * pure, what it costs to be wrong is said by its field. cloudevents.c asks the
 * services. */
#include <string.h>

#include "parts.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "suyuan/v1/social.pb-c.h"
#include "json/pbjson.h"

/* What of a service's methods may come as an event. */
static const struct route *event_route(const char *type)
{
	const struct route *route = type ? route_of_rpc(type) : NULL;
	const ProtobufCMethodDescriptor *rpc = route ? route_rpc(route) : NULL;

	if (rpc && (rpc->output == &sy__v1__appeal_reply__descriptor ||
		    rpc->output == &sy__v1__put_mention_reply__descriptor ||
		    rpc->output == &sy__v1__put_record_reply__descriptor))
		return route;
	return NULL;
}

/* NULL: not there, not a string, or with a NUL in it. */
static const char *text_of(const json_t *event, const char *name)
{
	const json_t *json = json_object_get(event, name);
	const char *text = json_string_value(json);

	return text && strlen(text) == json_string_length(json) ? text : NULL;
}

/* Where a request says when it was; NULL: nowhere. */
static const char *time_field(const ProtobufCMessageDescriptor *request)
{
	static const char *const fields[] = { "occurred_at_us",
					      "published_at_us",
					      "deleted_at_us" };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (protobuf_c_message_descriptor_get_field_by_name(request,
								    fields[i]))
			return fields[i];
	return NULL;
}

/* data, with the event's time where the request says none. */
static ProtobufCMessage *request_of(const json_t *event,
				    const struct route *route,
				    struct arena *arena, struct error *err)
{
	const ProtobufCMessageDescriptor *input = route_rpc(route)->input;
	json_t *data = json_copy(json_object_get(event, "data"));
	json_t *time = json_object_get(event, "time");
	const char *field = time_field(input);
	ProtobufCMessage *msg;

	if (json_is_object(data) && time && field &&
	    !json_object_get(data, field))
		json_object_set(data, field, time);
	msg = pbjson_to_message(data, input, arena, err);
	json_decref(data);
	return msg;
}

static void refuse(struct event_in *in, const char *field, const char *text)
{
	in->code = SY__V1__ERROR_CODE__INVALID;
	in->field = field;
	in->text = text;
}

/* The converter's error, as of the event. */
static void refuse_data(struct event_in *in, const json_t *event,
			struct arena *arena, const struct error *err)
{
	const char *time = time_field(route_rpc(in->route)->input);
	struct field_error fault;
	const char *text;

	field_error_split(err->text, &fault);
	text = arena_strdup(arena, fault.text);
	if (time && strcmp(fault.field, time) == 0 &&
	    !json_object_get(json_object_get(event, "data"), fault.field))
		refuse(in, "time", text);
	else if (*fault.field)
		refuse(in, arena_printf(arena, "data.%s", fault.field), text);
	else
		refuse(in, "data", text);
}

void event_in_read(const json_t *event, struct arena *arena,
		   struct event_in *in_r)
{
	const char *id = text_of(event, "id");
	const char *version = text_of(event, "specversion");
	struct error err;

	*in_r = (struct event_in){ 0 };
	if (id && *id && strlen(id) <= KEY_MAX_BYTES)
		in_r->id = arena_strdup(arena, id);
	in_r->traceparent = text_of(event, "traceparent");
	in_r->route = event_route(text_of(event, "type"));
	if (!in_r->id) {
		refuse(in_r, "id", "expected a string of 1 to 128 bytes");
	} else if (!version || strcmp(version, "1.0") != 0) {
		refuse(in_r, "specversion", "expected 1.0");
	} else if (!in_r->route) {
		refuse(in_r, "type",
		       "expected a method that writes, like RegisterAppeal");
	} else {
		in_r->message = request_of(event, in_r->route, arena, &err);
		if (!in_r->message)
			refuse_data(in_r, event, arena, &err);
	}
}
