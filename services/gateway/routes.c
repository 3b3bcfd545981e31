/* routes.c -- every route there is: what of HTTP becomes which method of which
 * service. A variable of a path is a field of the request's message; the rest
 * of the fields comes from the query (GET, DELETE) or the body (POST). Where
 * two paths fit, the first one wins. */
#include <stdio.h>
#include <string.h>

#include "parts.h"
#include "suyuan/v1/complaints.pb-c.h"
#include "suyuan/v1/kpi.pb-c.h"
#include "suyuan/v1/social.pb-c.h"

/* Recounts every cell from the logs. */
#define COMPARE_TIMEOUT_MS 120000
/* Judges many cases again, in slices that leave room for others. */
#define PREVIEW_TIMEOUT_MS 30000
/* A system outside has LOOKUP_TIMEOUT_MAX_MS, then the result is kept. */
#define LOOKUP_TIMEOUT_MS 25000
/* Passwords are tried one at a time and behind other work: on a busy machine
 * that takes a while, and no answer would only bring the same question once
 * more. */
#define PASSWORD_TIMEOUT_MS 20000
/* Reads a feed, or all mentions of a month, while somebody looks on. */
#define TRIAL_TIMEOUT_MS 40000

#define GET_(path_, peer_, rpc_, ...)                                          \
	{                                                                      \
		.method = HTTP_GET, .path = (path_), .peer = PEER_##peer_,     \
		.rpc = (rpc_), .status = 200, .access = ACCESS_SESSION,        \
		__VA_ARGS__                                                    \
	}
#define POST_(path_, peer_, rpc_, status_, ...)                                \
	{                                                                      \
		.method = HTTP_POST, .path = (path_), .peer = PEER_##peer_,    \
		.rpc = (rpc_), .status = (status_), .access = ACCESS_SESSION,  \
		__VA_ARGS__                                                    \
	}
#define DELETE_(path_, peer_, rpc_, ...)                                       \
	{                                                                      \
		.method = HTTP_DELETE, .path = (path_), .peer = PEER_##peer_,  \
		.rpc = (rpc_), .status = 204, .access = ACCESS_SESSION,        \
		__VA_ARGS__                                                    \
	}
#define WRITES .keyed = true, .audit = AUDIT_WRITE
#define PERSONAL .audit = AUDIT_PERSONAL
#define PUBLIC .access = ACCESS_PUBLIC
/* The service counts what comes from an address, which we alone know. */
#define CUSTOMER PUBLIC, .without = "caller", BY(handle_public)
#define BY(handler) .handle = (handler)

#pragma GCC diagnostic push
/* The macros give what most rows have; a row says what is otherwise. */
#pragma GCC diagnostic ignored "-Woverride-init"
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#endif
/* clang-format off */
const struct route routes[] = {
	GET_("/openapi.json", GATEWAY, NULL, BY(handle_openapi), PUBLIC),

	GET_("/session", GATEWAY, "GetSession", BY(handle_session_get)),
	POST_("/session", GATEWAY, "OpenSession", 200, BY(handle_session_open), PUBLIC, .timeout_ms = PASSWORD_TIMEOUT_MS),
	DELETE_("/session", GATEWAY, "CloseSession", BY(handle_session_close)),
	POST_("/session/password", GATEWAY, "SetPassword", 204, BY(handle_session_password), .timeout_ms = PASSWORD_TIMEOUT_MS),
	POST_("/invites/accept", GATEWAY, "TakeInvite", 200, BY(handle_invite_accept), PUBLIC, .timeout_ms = PASSWORD_TIMEOUT_MS),

	GET_("/principals", DIRECTORY, "ListPrincipals"),
	POST_("/principals/{name}/invite", DIRECTORY, "MakeInvite", 201, WRITES),
	GET_("/api-tokens", DIRECTORY, "ListApiTokens"),
	POST_("/api-tokens", DIRECTORY, "MakeApiToken", 201, WRITES),
	DELETE_("/api-tokens/{token_id}", DIRECTORY, "RevokeApiToken", .audit = AUDIT_WRITE),

	GET_("/appeals", COMPLAINTS, "ListAppeals", .without = "text"),
	GET_("/appeals.csv", COMPLAINTS, "ListAppeals", BY(handle_export), .without = "text", .operation = "ExportAppeals", .csv = true),
	POST_("/appeals/search", COMPLAINTS, "ListAppeals", 200, PERSONAL, .operation = "SearchAppeals"),
	POST_("/appeals/search.csv", COMPLAINTS, "ListAppeals", 200, PERSONAL, BY(handle_export), .operation = "ExportFoundAppeals", .csv = true),
	GET_("/publications", COMPLAINTS, "GetPublisherReport"),
	POST_("/appeals", COMPLAINTS, "RegisterAppeal", 201, WRITES),
	GET_("/appeals/{appeal.appeal_id}", COMPLAINTS, "GetAppeal", PERSONAL),
	POST_("/appeals/{appeal.appeal_id}/classification", COMPLAINTS, "ClassifyAppeal", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/answers", COMPLAINTS, "AnswerAppeal", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/resolution", COMPLAINTS, "ResolveAppeal", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/closing", COMPLAINTS, "CloseAppeal", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/routing", COMPLAINTS, "RouteAppeal", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/investigation", COMPLAINTS, "InvestigateAppeal", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/notices", COMPLAINTS, "InformCustomer", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/reopening", COMPLAINTS, "ReopenAppeal", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/withdrawal", COMPLAINTS, "WithdrawAppeal", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/escalations", COMPLAINTS, "EscalateAppeal", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/merger", COMPLAINTS, "MergeAppeal", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/notes", COMPLAINTS, "NoteAppeal", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/rating", COMPLAINTS, "RateAppeal", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/pauses", COMPLAINTS, "PauseClock", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/resumptions", COMPLAINTS, "ResumeClock", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/extensions", COMPLAINTS, "ExtendClock", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/promises", COMPLAINTS, "MakePromise", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/promises/{promise}/outcome", COMPLAINTS, "SettlePromise", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/remedies", COMPLAINTS, "ProposeRemedy", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/remedies/{remedy_id}/decision", COMPLAINTS, "DecideRemedy", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/tasks", COMPLAINTS, "OpenTask", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/tasks/{task}/outcome", COMPLAINTS, "SettleTask", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/matter", COMPLAINTS, "LinkAppeal", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/repeat", COMPLAINTS, "MarkRepeat", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/red-line", COMPLAINTS, "FlagRedLine", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/red-line/decision", COMPLAINTS, "DecideRedLine", 200, WRITES),
	POST_("/appeals/{appeal.appeal_id}/attachments", COMPLAINTS, "AttachFile", 200, WRITES),
	GET_("/appeals/{appeal.appeal_id}/attachments/{attachment}", COMPLAINTS, "GetAttachment", PERSONAL),

	GET_("/appeals/{appeal_id}/lookups", COMPLAINTS, "ListLookups"),
	POST_("/appeals/{appeal_id}/lookups", COMPLAINTS, "RunLookup", 200, WRITES, .timeout_ms = LOOKUP_TIMEOUT_MS),

	GET_("/appeals/{appeal_id}/customer", COMPLAINTS, "ListSubjectAppeals", PERSONAL),
	POST_("/appeals/{appeal_id}/customer/links", COMPLAINTS, "MergeSubjects", 200, WRITES),
	POST_("/customer-links/{link_id}/split", COMPLAINTS, "SplitSubjects", 200, WRITES),
	/* contacts come in the body: an address stands in logs of others */
	POST_("/customers/export", COMPLAINTS, "ExportSubject", 200, PERSONAL),
	POST_("/customers/erasure", COMPLAINTS, "EraseSubject", 200, WRITES),
	GET_("/erasures", COMPLAINTS, "ListErasures"),
	GET_("/erasures.csv", COMPLAINTS, "ListErasures", BY(handle_erasures_export), .operation = "ExportErasures", .csv = true),
	GET_("/retentions", COMPLAINTS, "ListRetentions"),
	POST_("/retentions", COMPLAINTS, "PutRetention", 200, WRITES),

	GET_("/templates", COMPLAINTS, "ListTemplates"),
	POST_("/templates", COMPLAINTS, "PutTemplate", 201, WRITES),
	GET_("/templates/{code}", COMPLAINTS, "GetTemplate"),
	POST_("/templates/{code}/decision", COMPLAINTS, "DecideTemplate", 200, WRITES),
	POST_("/templates/{code}/rendering", COMPLAINTS, "RenderTemplate", 200, PERSONAL),
	GET_("/articles", COMPLAINTS, "ListArticles"),
	POST_("/articles", COMPLAINTS, "PutArticle", 201, WRITES),
	GET_("/articles/search", COMPLAINTS, "SearchArticles"),
	GET_("/articles/{code}", COMPLAINTS, "GetArticle"),
	POST_("/articles/{code}/decision", COMPLAINTS, "DecideArticle", 200, WRITES),
	GET_("/views", COMPLAINTS, "ListViews"),
	POST_("/views", COMPLAINTS, "PutView", 201, WRITES),
	DELETE_("/views/{code}", COMPLAINTS, "DropView", .keyed = true, .audit = AUDIT_WRITE),
	GET_("/drafts", COMPLAINTS, "ListDrafts"),
	POST_("/appeals/{appeal_id}/drafts/{kind}", COMPLAINTS, "SaveDraft", 200),
	POST_("/appeals/{appeal_id}/presence", COMPLAINTS, "SetPresence", 200),
	GET_("/seats", COMPLAINTS, "ListSeats"),
	POST_("/seats", COMPLAINTS, "PutSeat", 201, WRITES),
	DELETE_("/seats/{code}", COMPLAINTS, "DropSeat", .keyed = true, .audit = AUDIT_WRITE),
	POST_("/assignments", COMPLAINTS, "AssignNext", 200, WRITES),
	POST_("/appeals/{appeal_id}/rating-link", COMPLAINTS, "MakeRatingLink", 201, WRITES),

	GET_("/public/faq", COMPLAINTS, "GetFaq", PUBLIC),
	GET_("/public/faq/search", COMPLAINTS, "SearchFaq", PUBLIC),
	GET_("/public/faq/{code}", COMPLAINTS, "GetFaqArticle", PUBLIC),
	GET_("/public/choices", COMPLAINTS, "GetPublicChoices", PUBLIC),
	GET_("/public/units", COMPLAINTS, "FindPublicUnits", PUBLIC),
	POST_("/public/appeals", COMPLAINTS, "LodgeAppeal", 201, CUSTOMER, .keyed = true),
	POST_("/public/appeals/follow", COMPLAINTS, "FollowAppeal", 200, CUSTOMER),
	POST_("/public/appeals/acts", COMPLAINTS, "TellAppeal", 204, CUSTOMER, .keyed = true),
	GET_("/public/centres", COMPLAINTS, "ListPublicCentres", PUBLIC),
	GET_("/public/slots", COMPLAINTS, "ListSlots", PUBLIC),
	POST_("/public/bookings", COMPLAINTS, "BookSlot", 201, CUSTOMER, .keyed = true),
	POST_("/public/bookings/cancellation", COMPLAINTS, "CancelBooking", 204, CUSTOMER),
	GET_("/public/figures", COMPLAINTS, "GetPublicFigures", PUBLIC),
	POST_("/slot-rules", COMPLAINTS, "PutSlotRule", 204, WRITES),
	GET_("/slot-rules", COMPLAINTS, "ListSlotRules"),
	GET_("/bookings", COMPLAINTS, "ListBookings", PERSONAL),
	POST_("/public/ratings", COMPLAINTS, "RateByCode", 204, PUBLIC),

	GET_("/appeals/{appeal_id}/outgoing", COMPLAINTS, "ListOutgoing", PERSONAL),
	GET_("/outgoing", COMPLAINTS, "FindOutgoing"),
	POST_("/appeals/{appeal_id}/outgoing/retry", COMPLAINTS, "RetryOutgoing", 204, WRITES),
	GET_("/webhooks", COMPLAINTS, "ListWebhooks"),
	POST_("/webhooks", COMPLAINTS, "PutWebhook", 200, WRITES, .fields_below = "webhook"),
	GET_("/mailboxes", COMPLAINTS, "ListMailboxes"),
	POST_("/mailboxes", COMPLAINTS, "PutMailbox", 200, WRITES, .fields_below = "mailbox"),
	GET_("/mailboxes/aside", COMPLAINTS, "ListMailAside"),

	GET_("/mentions", SOCIAL, "ListMentions", PERSONAL, .without = "query"),
	POST_("/mentions/search", SOCIAL, "ListMentions", 200, PERSONAL, .operation = "SearchMentions"),
	POST_("/mentions", SOCIAL, "PutMention", 201, WRITES),
	POST_("/mentions/batch", SOCIAL, "PutMentions", 200, WRITES),
	POST_("/mentions/deletion", SOCIAL, "DeleteMention", 200, WRITES),
	GET_("/mentions/{mention_id}", SOCIAL, "GetMention", PERSONAL),
	POST_("/mentions/{mention_id}/correction", SOCIAL, "CorrectMention", 200, WRITES),
	GET_("/mentions/{mention_id}/explanation", SOCIAL, "ExplainMention", PERSONAL),
	POST_("/mentions/{mention_id}/reaction", SOCIAL, "OpenReaction", 201, WRITES),
	GET_("/mention-counts", SOCIAL, "GetMentionCounts"),
	GET_("/mention-publications", SOCIAL, "GetPublisherReport", .operation = "GetMentionPublisherReport"),
	/* names come in the body: an address stands in logs of others */
	POST_("/authors/erasure", SOCIAL, "EraseAuthor", 200, WRITES),
	GET_("/clusters", SOCIAL, "ListClusters", PERSONAL),
	GET_("/watches", SOCIAL, "ListWatches"),
	POST_("/watches", SOCIAL, "PutWatch", 200, WRITES),
	POST_("/watches/preview", SOCIAL, "PreviewWatch", 200, PERSONAL, .timeout_ms = TRIAL_TIMEOUT_MS),
	GET_("/watches/{code}/versions", SOCIAL, "ListWatchVersions"),
	POST_("/watches/{code}/judgements", SOCIAL, "JudgeWatchHit", 200, WRITES),
	GET_("/reactions", SOCIAL, "ListReactions", PERSONAL),
	GET_("/reactions/{reaction_id}", SOCIAL, "GetReaction", PERSONAL),
	POST_("/reactions/{reaction_id}/assignment", SOCIAL, "AssignReaction", 200, WRITES),
	POST_("/reactions/{reaction_id}/answer", SOCIAL, "AnswerReaction", 200, WRITES),
	POST_("/reactions/{reaction_id}/forwarding", SOCIAL, "ForwardReaction", 200, WRITES),
	POST_("/reactions/{reaction_id}/report", SOCIAL, "ReportReaction", 200, WRITES),
	POST_("/reactions/{reaction_id}/dismissal", SOCIAL, "DismissReaction", 200, WRITES),
	POST_("/reactions/{reaction_id}/reopening", SOCIAL, "ReopenReaction", 200, WRITES),
	GET_("/press", SOCIAL, "ListPressQuestions", PERSONAL),
	POST_("/press", SOCIAL, "PutPressQuestion", 200, WRITES),
	POST_("/press/{press_id}/agreement", SOCIAL, "AgreeStatement", 200, WRITES),
	POST_("/press/{press_id}/publications", SOCIAL, "PublishStatement", 200, WRITES),
	POST_("/press/{press_id}/closing", SOCIAL, "ClosePressQuestion", 200, WRITES),
	GET_("/feeds", SOCIAL, "ListFeeds"),
	POST_("/feeds", SOCIAL, "PutFeed", 200, WRITES),
	POST_("/feeds/trial", SOCIAL, "TryFeed", 200, PERSONAL, .timeout_ms = TRIAL_TIMEOUT_MS),
	GET_("/spikes", SOCIAL, "ListSpikes"),
	POST_("/spikes/{spike_id}/judgement", SOCIAL, "JudgeSpike", 204, WRITES),
	GET_("/sources", SOCIAL, "ListSources"),
	GET_("/digest", SOCIAL, "GetDigest", PERSONAL),
	GET_("/models", SOCIAL, "ListModels"),
	POST_("/models", SOCIAL, "PutModel", 200, WRITES),
	POST_("/models/{version}/use", SOCIAL, "UseModel", 200, WRITES),
	GET_("/labels", SOCIAL, "ListLabels", PERSONAL),

	GET_("/cells", KPI, "GetCells"),
	GET_("/series", KPI, "GetSeries"),
	GET_("/reports/appeals", KPI, "GetAppealReport"),
	GET_("/reports/appeals.csv", KPI, "GetAppealReport", BY(handle_report_export), .operation = "ExportAppealReport", .csv = true),
	POST_("/compare", KPI, "Compare", 200, .timeout_ms = COMPARE_TIMEOUT_MS),

	GET_("/units", DIRECTORY, "ListUnits"),
	GET_("/units/search", DIRECTORY, "SearchUnits"),
	GET_("/units/{code}", DIRECTORY, "GetUnit"),
	GET_("/terms", DIRECTORY, "ListTerms"),
	GET_("/departments", DIRECTORY, "ListDepartments"),
	GET_("/policies", DIRECTORY, "ListPolicies"),
	POST_("/policies/preview", COMPLAINTS, "PreviewPolicy", 200, .timeout_ms = PREVIEW_TIMEOUT_MS),
	GET_("/calendars", DIRECTORY, "ListCalendars"),
	GET_("/calendars/{code}", DIRECTORY, "GetCalendar"),
	GET_("/employees", DIRECTORY, "ListEmployees"),
	GET_("/centres", DIRECTORY, "ListCentres"),
	GET_("/directory", DIRECTORY, "GetDirectoryStatus"),
	GET_("/directory/versions", DIRECTORY, "GetRecordVersions"),
	GET_("/directory/records", DIRECTORY, "ListRecords"),
	POST_("/directory/records", DIRECTORY, "PutRecord", 200, WRITES, .fields_below = "record"),
	POST_("/directory/merges", DIRECTORY, "MergeUnits", 200, WRITES),
	POST_("/directory/checks", DIRECTORY, "CheckRecords", 200),

	GET_("/events", GATEWAY, "StreamEvents", BY(handle_events_stream)),
	POST_("/events", GATEWAY, "PublishEvents", 200, BY(handle_events_publish), .raw = true),
	GET_("/audit", GATEWAY, "ListAudit", BY(handle_audit), .roles = "auditor;admin"),
	GET_("/system", GATEWAY, "GetSystem", BY(handle_system)),
};
/* clang-format on */
#pragma GCC diagnostic pop
const int routes_nr = (int)(sizeof(routes) / sizeof(routes[0]));

const char *const http_method_names[HTTP_METHODS_NR] = {
	[HTTP_GET] = "GET",
	[HTTP_POST] = "POST",
	[HTTP_DELETE] = "DELETE",
};

const char *const peer_names[PEERS_NR] = {
	[PEER_GATEWAY] = "gateway",       [PEER_DIRECTORY] = "directory",
	[PEER_COMPLAINTS] = "complaints", [PEER_KPI] = "kpi",
	[PEER_SOCIAL] = "social",
};

/* --- methods ---------------------------------------------------------------
 */

const ProtobufCMethodDescriptor *peer_rpc(enum peer peer, const char *name)
{
	static const ProtobufCServiceDescriptor *const services[PEERS_NR] = {
		[PEER_GATEWAY] = &sy__v1__gateway__descriptor,
		[PEER_DIRECTORY] = &sy__v1__directory__descriptor,
		[PEER_COMPLAINTS] = &sy__v1__complaints__descriptor,
		[PEER_KPI] = &sy__v1__kpi__descriptor,
		[PEER_SOCIAL] = &sy__v1__social__descriptor,
	};

	return protobuf_c_service_descriptor_get_method_by_name(services[peer],
								name);
}

const ProtobufCMethodDescriptor *route_rpc(const struct route *route)
{
	return route->rpc ? peer_rpc(route->peer, route->rpc) : NULL;
}

const struct route *route_of_rpc(const char *rpc)
{
	for (int i = 0; i < routes_nr; i++)
		if (routes[i].rpc && strcmp(routes[i].rpc, rpc) == 0)
			return &routes[i];
	return NULL;
}

const char *route_field(const struct route *route, const char *field,
			struct arena *arena)
{
	if (!route->fields_below || !*field)
		return field;
	return arena_printf(arena, "%s.%s", route->fields_below, field);
}

bool role_listed(const char *roles, const char *role)
{
	size_t len = strlen(role);

	while (*roles) {
		size_t n = strcspn(roles, ";");

		if (n == len && strncmp(roles, role, n) == 0)
			return true;
		roles += n + (roles[n] == ';');
	}
	return false;
}

/* --- templates -------------------------------------------------------------
 */

const char *route_var(const struct route *route, int n, struct arena *arena)
{
	const char *p = route->path;

	while ((p = strchr(p, '{')) && n > 0) {
		p++;
		n--;
	}
	return p ? arena_printf(arena, "%.*s", (int)strcspn(p + 1, "}"), p + 1)
		 : NULL;
}

char *route_template(const struct route *route, struct arena *arena)
{
	char *out = arena_alloc(arena, strlen(route->path) + 1), *to = out;

	for (const char *p = route->path; *p; p++) {
		*to++ = *p;
		if (*p == '{') {
			size_t len = strcspn(p, "}");
			const char *dot = memchr(p, '.', len);

			if (dot)
				p = dot;
		}
	}
	return out;
}

/* --- finding ---------------------------------------------------------------
 */

/* Does the path fit the template, segment by segment? */
static bool fits(const char *template, const char *path, struct arena *arena,
		 const char *vars_r[PATH_VARS_MAX])
{
	int vars = 0;

	for (;;) {
		size_t want = strcspn(template + 1, "/") + 1;
		size_t have;

		if (*path != '/')
			return false;
		have = strcspn(path + 1, "/") + 1;
		if (template[1] == '{') {
			/* An empty segment names nothing. */
			if (have == 1)
				return false;
			vars_r[vars] = percent_decode(path + 1, have - 1, false,
						      arena);
			if (!vars_r[vars++])
				return false;
		} else if (want != have || strncmp(template, path, want) != 0) {
			return false;
		}
		template += want;
		path += have;
		if (*template == '\0')
			return *path == '\0';
	}
}

const struct route *route_find(enum http_method method, const char *path,
			       struct arena *arena,
			       const char *vars_r[PATH_VARS_MAX],
			       unsigned *allowed_r)
{
	const struct route *found = NULL;
	const char *first_path = NULL;

	*allowed_r = 0;
	for (int i = 0; i < routes_nr; i++) {
		const struct route *r = &routes[i];
		const char *vars[PATH_VARS_MAX] = { NULL };

		if (!fits(r->path, path, arena, vars))
			continue;
		/* Another template that fits too is another resource. */
		if (first_path && strcmp(first_path, r->path) != 0)
			continue;
		first_path = r->path;
		*allowed_r |= 1u << r->method;
		if (r->method != method)
			continue;
		memcpy(vars_r, vars, sizeof(vars));
		found = r;
	}
	return found;
}
