/* sim_requests.c -- see sim_requests.h. People and words are made up. */
#include "sim_requests.h"

#include <stdio.h>

/* So many customers that some call twice. */
#define CUSTOMERS 400000

static const char *const given[] = { "Анна",    "Иван", "Мария", "Сергей",
				     "Ольга",   "Пётр", "Елена", "Дмитрий",
				     "Наталья", "Олег" };
static const char *const family[] = { "Ивановых", "Петренко",  "Седых",
				      "Ким",      "Черных",    "Шевченко",
				      "Долгих",   "Бондаренко" };
static const char *const sentences[] = {
	"Отправление идёт дольше обещанного срока.",
	"Прошу сообщить, где находится посылка.",
	"Стояли в очереди больше сорока минут.",
	"Извещение так и не пришло.",
	"Прошу разобраться и ответить по существу.",
};
#define NR(list) (sizeof(list) / sizeof((list)[0]))

void sim_requests_init(struct sim_requests *r)
{
	*r = (struct sim_requests){ 0 };
	arena_init(&r->offices.arena);
}

void sim_requests_close(struct sim_requests *r)
{
	offices_close(&r->offices);
}

static void set_person(struct sim_requests *r, uint64_t hash)
{
	uint64_t customer = sim_hash(hash, 101) % CUSTOMERS;
	uint64_t h = sim_hash(customer, r->seed + 1);

	sy__v1__person__init(&r->person);
	snprintf(r->phone, sizeof(r->phone), "+7999%07llu",
		 (unsigned long long)customer);
	snprintf(r->name, sizeof(r->name), "%s %s", given[h % NR(given)],
		 family[(h >> 8) % NR(family)]);
	r->person.phone = r->phone;
	r->person.name = r->name;
}

static const ProtobufCMessage *make_register(struct sim_requests *r,
					     const struct sim_appeal *a)
{
	Sy__V1__RegisterAppealRequest *q = &r->request.registered;
	uint64_t unit = sim_hash(a->hash, 102) % r->offices.n;

	sy__v1__register_appeal_request__init(q);
	set_person(r, a->hash);
	snprintf(r->text, sizeof(r->text), "%s",
		 sentences[sim_hash(a->hash, 103) % NR(sentences)]);
	q->external_id = r->external_id;
	q->kind = (char *)a->kind;
	q->channel = (char *)a->channel;
	q->topic = (char *)a->topic_then;
	q->segment = (char *)a->segment;
	q->unit = (char *)r->offices.codes[unit];
	q->person = &r->person;
	q->text = r->text;
	return &q->base;
}

static const ProtobufCMessage *make(struct sim_requests *r, enum sim_type type,
				    const struct sim_appeal *a)
{
	switch (type) {
	case SIM_REGISTER:
		return make_register(r, a);
	case SIM_CLASSIFY:
		sy__v1__classify_appeal_request__init(&r->request.classified);
		r->request.classified.appeal = &r->ref;
		r->request.classified.topic = (char *)a->topic;
		return &r->request.classified.base;
	case SIM_ANSWER:
		sy__v1__answer_appeal_request__init(&r->request.answered);
		r->request.answered.appeal = &r->ref;
		r->request.answered.text = (char *)"Ответ дан по существу.";
		return &r->request.answered.base;
	case SIM_RESOLVE:
		sy__v1__resolve_appeal_request__init(&r->request.resolved);
		r->request.resolved.appeal = &r->ref;
		return &r->request.resolved.base;
	case SIM_CLOSE:
		sy__v1__close_appeal_request__init(&r->request.closed);
		r->request.closed.appeal = &r->ref;
		return &r->request.closed.base;
	case SIM_TYPES_NR:
		break;
	}
	return NULL;
}

void sim_request(struct sim_requests *r, enum sim_type type, uint64_t i,
		 const struct sim_appeal *a, struct pump_event *event_r)
{
	static const char *const types[] = { "RegisterAppeal", "ClassifyAppeal",
					     "AnswerAppeal", "ResolveAppeal",
					     "CloseAppeal" };
	const int64_t times_us[] = { a->registered_us, a->classified_us,
				     a->answered_us, a->resolved_us,
				     a->closed_us };

	snprintf(r->external_id, sizeof(r->external_id), "sim-%08llx-%llu",
		 (unsigned long long)(sim_hash(r->seed, (uint64_t)r->from_us) >>
				      32),
		 (unsigned long long)i);
	sy__v1__appeal_ref__init(&r->ref);
	r->ref.external_id = r->external_id;
	*event_r = (struct pump_event){
		.type = types[type],
		.key = r->external_id,
		.occurred_at_us = r->from_us + times_us[type],
		.payload = make(r, type, a),
	};
}
