/* asked.c -- reads a request into the shape that all facts share. The requests
 * after the first five are read by their descriptors: what they say besides
 * text and time goes, field by field, into the detail that is kept with the
 * fact.
 */
#include <string.h>

#include "complaints.h"

static const void *field_at(const ProtobufCMessage *message,
			    const ProtobufCFieldDescriptor *field)
{
	return (const char *)message + field->offset;
}

static void register_read(struct asked *a,
			  const Sy__V1__RegisterAppealRequest *req)
{
	const char **code = a->fact.code;

	a->external_id = req->external_id;
	a->person = req->person;
	a->text = req->text;
	a->said_us = req->occurred_at_us;
	a->received_us = req->received_at_us;
	code[CODE_KIND] = req->kind;
	code[CODE_CHANNEL] = req->channel;
	code[CODE_TOPIC] = req->topic;
	code[CODE_ELEMENT] = req->element;
	code[CODE_PRODUCT] = req->product;
	code[CODE_SEGMENT] = req->segment;
	code[CODE_UNIT] = req->unit;
	code[CODE_INTAKE_UNIT] =
		req->intake_unit[0] != '\0' ? req->intake_unit : req->unit;
	code[CODE_DEPARTMENT] = req->department;
}

static void classify_read(struct asked *a,
			  const Sy__V1__ClassifyAppealRequest *req)
{
	const char **code = a->fact.code;

	a->ref = req->appeal;
	a->said_us = req->occurred_at_us;
	code[CODE_KIND] = req->kind;
	code[CODE_TOPIC] = req->topic;
	code[CODE_ELEMENT] = req->element;
	code[CODE_PRODUCT] = req->product;
	code[CODE_UNIT] = req->unit;
	code[CODE_DEPARTMENT] = req->department;
}

static void common_read(struct asked *a, const ProtobufCMessage *req)
{
	const ProtobufCMessageDescriptor *d = req->descriptor;
	const ProtobufCFieldDescriptor *ref =
		protobuf_c_message_descriptor_get_field(d, REQUEST_REF_FIELD);
	const ProtobufCFieldDescriptor *time =
		protobuf_c_message_descriptor_get_field(d, REQUEST_TIME_FIELD);
	const ProtobufCFieldDescriptor *text =
		protobuf_c_message_descriptor_get_field_by_name(d, "text");

	a->ref = *(Sy__V1__AppealRef *const *)field_at(req, ref);
	a->said_us = *(const int64_t *)field_at(req, time);
	if (text != NULL)
		a->text = *(const char *const *)field_at(req, text);
}

void asked_read(struct asked *asked_r, enum fact_type type,
		const ProtobufCMessage *request, int64_t envelope_us,
		int64_t now_us)
{
	struct asked *a = asked_r;

	*a = (struct asked){
		.fact.type = type,
		.text = "",
		.request = request,
	};
	for (int i = 0; i < CODE_NR; i++)
		a->fact.code[i] = "";
	if (type == FACT_REGISTER)
		register_read(a,
			      (const Sy__V1__RegisterAppealRequest *)request);
	else if (type == FACT_CLASSIFY)
		classify_read(a,
			      (const Sy__V1__ClassifyAppealRequest *)request);
	else
		common_read(a, request);
	if (a->said_us == 0)
		a->said_us = envelope_us;
	a->fact.text = a->text;
	a->fact.occurred_at_us = a->said_us != 0 ? a->said_us : now_us;
}

/* Where a detail's field has another name than the request's. */
static const char *detail_name(const char *asked)
{
	static const char *const renamed[][2] = {
		{ "into", "other_appeal" },      { "matter", "other_appeal" },
		{ "repeat_of", "other_appeal" }, { "promise", "item" },
		{ "remedy_id", "item" },         { "task", "item" },
		{ "attachment", "item" },        { "outcome", "state" },
	};

	for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
		if (strcmp(renamed[i][0], asked) == 0)
			return renamed[i][1];
	}
	return asked;
}

static size_t field_bytes(const ProtobufCFieldDescriptor *field)
{
	switch ((int)field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return sizeof(char *);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
		return sizeof(int64_t);
	default: /* uint32, enum, bool */
		return sizeof(uint32_t);
	}
}

Sy__V1__AppealDetail *asked_detail(struct arena *arena, const struct asked *a)
{
	const ProtobufCMessageDescriptor *from = a->request->descriptor;
	Sy__V1__AppealDetail *detail;

	if (a->fact.type <= FACT_CLOSE)
		return NULL;
	detail = arena_alloc(arena, sizeof(*detail));
	sy__v1__appeal_detail__init(detail);
	for (unsigned i = 0; i < from->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &from->fields[i];
		const ProtobufCFieldDescriptor *to =
			protobuf_c_message_descriptor_get_field_by_name(
				detail->base.descriptor, detail_name(f->name));

		if (to != NULL)
			memcpy((char *)detail + to->offset,
			       field_at(a->request, f), field_bytes(to));
	}
	if (a->fact.type == FACT_ATTACH_FILE)
		detail->bytes = ((const Sy__V1__AttachFileRequest *)a->request)
					->content.len;
	return detail;
}
