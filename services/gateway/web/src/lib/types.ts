// The JSON of the gateway: protobuf messages of proto/suyuan/v1 by the rules of
// services/common/json/pbjson.h. Zero values are left out, 64-bit integers are
// strings, times RFC 3339, days YYYY-MM-DD.

export const appealStates = [
	"APPEAL_PENDING",
	"APPEAL_REGISTERED",
	"APPEAL_CLASSIFIED",
	"APPEAL_ROUTED",
	"APPEAL_INVESTIGATED",
	"APPEAL_ANSWERED",
	"APPEAL_RESOLVED",
	"APPEAL_INFORMED",
	"APPEAL_CLOSED",
	"APPEAL_REOPENED",
	"APPEAL_WITHDRAWN",
	"APPEAL_MERGED",
] as const;
export type AppealState = (typeof appealStates)[number];

export type ClockState = "CLOCK_RUNNING" | "CLOCK_PAUSED" | "CLOCK_MET" | "CLOCK_BREACHED";

export interface AppealClock {
	clock?: string;
	state?: ClockState;
	started_at_us?: string;
	due_us?: string;
	stopped_at_us?: string;
	warn_us?: string;
	warned?: boolean;
	extended?: number;
	policy?: string;
	paused_us?: string; // a length, not a time
}

export const escalationLevels = [
	"ESCALATION_SECOND_LEVEL",
	"ESCALATION_MANAGEMENT",
	"ESCALATION_REGULATOR",
	"ESCALATION_MEDIA",
] as const;
export type EscalationLevel = (typeof escalationLevels)[number];

export interface AppealFacts {
	state?: AppealState;
	kind?: string;
	channel?: string;
	topic?: string;
	element?: string;
	product?: string;
	segment?: string;
	unit?: string;
	intake_unit?: string;
	department?: string;
	registered_at_us?: string;
	registered_day?: string;
	received_at_us?: string;
	first_answer_at_us?: string;
	first_response?: ClockState;
	first_response_due_us?: string;
	resolved_at_us?: string;
	informed_at_us?: string;
	closed_at_us?: string;
	clocks?: AppealClock[];
	next_due_us?: string;
	handler?: string;
	escalation?: EscalationLevel;
	reopened?: number;
	green_channel?: boolean;
	promises_open?: number;
	tasks_open?: number;
	merged_into?: string;
	repeat_of?: string;
	repeat_provisional?: boolean;
	red_line?: string;
	red_line_outcome?: "RED_LINE_CONFIRMED" | "RED_LINE_DISMISSED";
	rating?: number;
	matter?: string;
}

export interface AppealRow {
	appeal_id: string;
	source?: string;
	external_id?: string;
	revision?: string;
	facts?: AppealFacts;
	excerpt?: TextPart[]; // of a search
}

export interface TextPart {
	text?: string;
	hit?: boolean;
}

export interface ListAppealsReply {
	appeals?: AppealRow[];
	next_cursor?: string;
	search_behind_us?: string;
}

export interface Person {
	name?: string;
	phone?: string;
	email?: string;
	address?: string;
}

export interface ProtoError {
	code?: string;
	field?: string;
	text?: string;
}

// What a fact says besides text and time; all that do not apply are left out.
export interface AppealDetail {
	unit?: string;
	department?: string;
	handler?: string;
	clock?: string;
	by?: number;
	item?: string;
	state?: number;
	due_us?: string;
	remedy?: string;
	amount_minor?: string;
	currency?: string;
	other_appeal?: string;
	level?: EscalationLevel;
	red_line?: string;
	rating?: number;
	kind?: string;
	topic?: string;
	element?: string;
	product?: string;
	lookup?: string;
	status?: number;
	took_ms?: number;
}

// How a look-up went, by the number of its detail's state.
export const lookupOutcomes = [
	"LOOKUP_DONE",
	"LOOKUP_NOT_THERE",
	"LOOKUP_REFUSED",
	"LOOKUP_LATE",
	"LOOKUP_UNREACHABLE",
	"LOOKUP_TOO_LARGE",
	"LOOKUP_NOT_JSON",
	"LOOKUP_REDIRECTED",
	"LOOKUP_FORBIDDEN",
	"LOOKUP_NO_SECRET",
] as const;

export interface LookupResult {
	names?: Label[];
	inputs?: { name?: string; value?: string }[];
	values?: { names?: Label[]; value?: string; missing?: boolean }[];
}

export interface LookupChoice {
	lookup: string;
	names?: Label[];
	inputs?: { name: string; names?: Label[]; pattern?: string }[];
	lacks?: string;
}

export interface ListLookupsReply {
	lookups?: LookupChoice[];
}

export interface RunLookupReply {
	revision?: string;
	outcome?: (typeof lookupOutcomes)[number]; // left out: done
	status?: number;
	took_ms?: number;
	asked_at_us?: string;
	result?: LookupResult;
}

// Zero values are left out: no state is the first one.
export interface Promised {
	promise: string;
	text?: string;
	owner?: string;
	due_us?: string;
	state?: "PROMISE_KEPT" | "PROMISE_BROKEN" | "PROMISE_RENEGOTIATED";
	overdue?: boolean;
}

export interface Task {
	task: string;
	unit?: string;
	department?: string;
	text?: string;
	state?: "TASK_DONE" | "TASK_DECLINED";
	due_us?: string;
	outcome_text?: string;
	overdue?: boolean;
}

export interface Remedy {
	remedy_id: string;
	remedy?: string;
	amount_minor?: string;
	currency?: string;
	state?: "REMEDY_APPROVED" | "REMEDY_REFUSED" | "REMEDY_PAID" | "REMEDY_VERIFIED" | "REMEDY_DISPROVED";
	proposed_by?: string;
	decided_by?: string;
	verify_later?: boolean;
	text?: string;
}

export interface Attachment {
	attachment: string;
	file_name?: string;
	media_type?: string;
	bytes?: string;
	attached_at_us?: string;
}

export interface GetAttachmentReply {
	attachment?: Attachment;
	content?: string; // hex
}

export interface TimelineEntry {
	detail?: AppealDetail;
	type?: string;
	occurred_at_us?: string;
	accepted_at_us?: string;
	source?: string;
	text?: string;
	refused?: ProtoError;
	lookup?: LookupResult;
}

export interface Appeal extends AppealRow {
	person?: Person;
	text?: string;
	timeline?: TimelineEntry[];
	promises?: Promised[];
	remedies?: Remedy[];
	tasks?: Task[];
	attachments?: Attachment[];
	same_matter?: string[];
	repeats?: string[];
	outside_appeal_until_us?: string;
	outside_appeal_texts?: Label[];
}

export interface GetAppealReply {
	appeal: Appeal;
}

export interface AppealReply {
	appeal_id?: string;
	revision?: string;
	state?: AppealState;
	duplicate?: boolean;
}

export interface AppealChanged {
	appeal_id?: string;
	before?: AppealFacts;
	after?: AppealFacts;
}

export interface CloudEvent {
	id?: string;
	type?: string;
	source?: string;
	time?: string;
	data?: AppealChanged;
	// Extensions of ours: revision of the appeal after the event, as text.
	revision?: string | number;
}

export interface Cell {
	indicator?: string;
	dimensions?: string[];
	numerator?: string;
	denominator?: string;
	value?: number;
	low?: number;
	high?: number;
	has_value?: boolean;
}

export interface GetCellsReply {
	cells?: Cell[];
	truncated?: boolean;
	events_behind?: string;
}

export interface GetSeriesReply {
	points?: Cell[];
}

export interface Label {
	lang?: string;
	text?: string;
}

export interface Unit {
	code: string;
	parent?: string;
	level?: string;
	zone?: string;
	names?: Label[];
	valid_from_day?: string;
	valid_to_day?: string;
}

export interface ListUnitsReply {
	units?: Unit[];
	next_code?: string;
}

export interface SearchUnitsReply {
	units?: Unit[];
	paths?: string[];
}

export interface GetUnitReply {
	unit: Unit;
	ancestors?: Unit[];
	children?: number;
}

export interface Term {
	taxonomy?: string;
	code: string;
	parent?: string;
	names?: Label[];
}

export interface ListTermsReply {
	terms?: Term[];
}

export interface ListCalendarsReply {
	calendars?: { code: string; names?: Label[] }[];
}

export interface ListDepartmentsReply {
	departments?: { code: string; names?: Label[] }[];
}

export interface Principal {
	name: string;
	display_name?: string;
	roles?: string[];
	unit?: string;
	lang?: string;
	person?: boolean;
	revoked?: boolean;
	streams?: string[];
}

export interface ListPrincipalsReply {
	principals?: Principal[];
	next_name?: string;
}

export interface ApiToken {
	token_id: string;
	name: string;
	note?: string;
	made_by?: string;
	made_at_us?: string;
	expires_at_us: string;
	revoked_at_us?: string;
	signed_in_at_us?: string;
}

export interface ListApiTokensReply {
	tokens?: ApiToken[];
}

export interface MakeApiTokenReply {
	token: string;
	token_id: string;
	expires_at_us: string;
}

export interface MakeInviteReply {
	code: string;
	expires_at_us?: string;
}

export interface Session {
	principal: Principal;
	expires_at_us?: string;
	csrf_token?: string;
}

export interface Problem {
	type?: string;
	title?: string;
	status?: number;
	code?: string;
	detail?: string;
	field?: string;
	pointer?: string;
	retry_after_ms?: number;
}

// 64-bit counts come as strings; those of the pages stay far below 2^53.
export function count(text: string | number | undefined): number {
	return text === undefined ? 0 : Number(text);
}

export interface AuditEntry {
	audit_id: string;
	at_us?: string;
	principal?: string;
	action?: string;
	object?: string;
	outcome?: string;
	trace_id?: string;
	address?: string;
}

export interface ListAuditReply {
	entries?: AuditEntry[];
	next_cursor?: string;
}

export interface ServiceStatus {
	name: string;
	reachable?: boolean;
	replicas?: number;
	processes?: { instance_id?: string; leaving?: boolean }[];
	not_ready?: string;
	heads?: { shard?: number; offset?: string }[];
	heads_at_us?: string;
	events?: string;
	events_behind?: string;
	events_behind_at_us?: string;
}

export interface GetSystemReply {
	now_us?: string;
	version?: string;
	services?: ServiceStatus[];
	instance_id?: string;
	started_at_us?: string;
	database_offset_ms?: string | number;
	database_at_us?: string;
	directory_revision?: string;
	sessions?: number;
	listeners?: number;
}

export interface Draft {
	appeal_id?: string;
	kind?: string; // the method it is for
	text?: string;
}

export interface ListDraftsReply {
	drafts?: Draft[];
}

export interface Presence {
	principal?: string;
	writing?: boolean;
	seen_at_us?: string;
}

export interface SetPresenceReply {
	others?: Presence[];
}

export interface Template {
	code: string;
	version?: number;
	names?: Label[];
}

export interface ListTemplatesReply {
	templates?: Template[];
	next_code?: string;
}

export interface RenderTemplateReply {
	text?: string;
	missing?: string[];
}

export interface SavedView {
	code: string;
	unit?: string;
	name?: string;
	filter?: { field?: string; value?: string }[];
	owner?: string;
}

export interface ListViewsReply {
	views?: SavedView[];
}

export interface AssignNextReply {
	appeal_id?: string;
	handler?: string;
}
