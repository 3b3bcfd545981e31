/* objects.c -- what a request was about, as the audit names it: an id or a
 * code, never a name of a customer or a text. */
#include "parts.h"
#include "utf8.h"

static const char *text_field(const ProtobufCMessage *msg, const char *name)
{
	const ProtobufCFieldDescriptor *field =
		msg ? protobuf_c_message_descriptor_get_field_by_name(
			      msg->descriptor, name)
		    : NULL;

	return field && field->type == PROTOBUF_C_TYPE_STRING
		       ? *(char *const *)(const void *)((const char *)msg +
							field->offset)
		       : "";
}

/* As the directory's log has it. */
static const char *record_object(const Sy__V1__PutRecordRequest *put,
				 struct arena *arena)
{
	const Sy__V1__DirectoryRecord *r = put->record;

	if (!r)
		return "";
	switch (r->record_case) {
	case SY__V1__DIRECTORY_RECORD__RECORD_UNIT:
		return arena_printf(arena, "unit/%.*s",
				    utf8_fit(r->unit->code, 100),
				    r->unit->code);
	case SY__V1__DIRECTORY_RECORD__RECORD_DEPARTMENT:
		return arena_printf(arena, "department/%.*s",
				    utf8_fit(r->department->code, 100),
				    r->department->code);
	case SY__V1__DIRECTORY_RECORD__RECORD_TERM:
		return arena_printf(
			arena, "%.*s/%.*s", utf8_fit(r->term->taxonomy, 50),
			r->term->taxonomy, utf8_fit(r->term->code, 100),
			r->term->code);
	case SY__V1__DIRECTORY_RECORD__RECORD_DENOMINATOR:
		return arena_printf(arena, "denominator/%.*s",
				    utf8_fit(r->denominator->unit, 100),
				    r->denominator->unit);
	case SY__V1__DIRECTORY_RECORD__RECORD_PRINCIPAL:
		return arena_printf(arena, "principal/%.*s",
				    utf8_fit(r->principal->name, 100),
				    r->principal->name);
	case SY__V1__DIRECTORY_RECORD__RECORD_SIGNING_KEY:
		return "signing_key";
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR:
	case SY__V1__DIRECTORY_RECORD__RECORD_CALENDAR_DAY:
	case SY__V1__DIRECTORY_RECORD__RECORD_EMPLOYEE:
	case SY__V1__DIRECTORY_RECORD__RECORD_CENTRE:
	case SY__V1__DIRECTORY_RECORD__RECORD_POLICY:
	case SY__V1__DIRECTORY_RECORD__RECORD__NOT_SET:
	case _SY__V1__DIRECTORY_RECORD__RECORD__CASE_IS_INT_SIZE:
		break;
	}
	return "";
}

const char *audit_object(struct request *req, const ProtobufCMessage *request,
			 const ProtobufCMessage *reply)
{
	static const char *const names[] = { "appeal_id",   "mention_id",
					     "reaction_id", "press_id",
					     "token_id",    "name" };

	if (req->vars[0])
		return req->vars[0];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *text = text_field(reply, names[i]);

		if (!*text)
			text = text_field(request, names[i]);
		if (*text)
			return text;
	}
	if (request->descriptor == &sy__v1__put_record_request__descriptor)
		return record_object((const Sy__V1__PutRecordRequest *)request,
				     &req->arena);
	return "";
}
