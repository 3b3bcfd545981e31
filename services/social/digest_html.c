/* digest_html.c -- the digest as one page without scripts or pictures, which
 * mail programs show and printers print. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "digest.h"
#include "timeutil.h"

enum word {
	W_DIGEST,
	W_MENTIONS,
	W_USUAL,
	W_REACH,
	W_AUTHORS,
	W_CLASSES,
	W_SENTIMENTS,
	W_TOPICS,
	W_SOURCES,
	W_UNITS,
	W_CLUSTERS,
	W_TIMES,
	W_MET,
	W_BREACHED,
	W_RUNNING,
	W_MEDIAN,
	W_P90,
	W_SPIKES,
	W_EXPECTED,
	W_GAPS,
	W_HOURS,
	W_PROVISIONAL,
	W_NONE,
	W_NR,
};
enum lang { RU, ZH, EN, LANGS };

static const char *const words[W_NR][LANGS] = {
	[W_DIGEST] = { "Сводка упоминаний", "舆情日报", "What was said" },
	[W_MENTIONS] = { "Упоминания", "舆情信息", "Mentions" },
	[W_USUAL] = { "Обычно", "通常", "Usual" },
	[W_REACH] = { "Охват", "覆盖人数", "Reach" },
	[W_AUTHORS] = { "Авторы", "作者", "Authors" },
	[W_CLASSES] = { "Классы", "类别", "Kinds" },
	[W_SENTIMENTS] = { "Тональность", "情感", "Sentiment" },
	[W_TOPICS] = { "Темы", "主题", "Topics" },
	[W_SOURCES] = { "Источники", "来源", "Sources" },
	[W_UNITS] = { "Подразделения", "单位", "Units" },
	[W_CLUSTERS] = { "Перепосты", "转发", "Reposts" },
	[W_TIMES] = { "Сроки реакции", "回应时效", "Reaction times" },
	[W_MET] = { "В срок", "按时", "In time" },
	[W_BREACHED] = { "Просрочено", "超时", "Late" },
	[W_RUNNING] = { "Срок идёт", "进行中", "Running" },
	[W_MEDIAN] = { "Медиана, ч", "中位数（小时）", "Median, h" },
	[W_P90] = { "90 %, ч", "90% 分位（小时）", "90 %, h" },
	[W_SPIKES] = { "Всплески", "激增", "Spikes" },
	[W_EXPECTED] = { "Ожидалось", "预期", "Expected" },
	[W_GAPS] = { "Молчащие источники", "静默来源", "Silent sources" },
	[W_HOURS] = { "Часов", "小时", "Hours" },
	[W_PROVISIONAL] = { "Предварительно: упоминания "
			    "ещё поступают.",
			    "暂定：仍有信息陆续到达。",
			    "Provisional: mentions still come." },
	[W_NONE] = { "не определено", "不明", "not known" },
};

static const char *const class_names[][LANGS] = {
	{ NULL, NULL, NULL },
	{ "претензия", "投诉", "claim" },
	{ "вопрос", "咨询", "question" },
	{ "благодарность", "表扬", "praise" },
	{ "предложение", "建议", "suggestion" },
	{ "новость", "新闻", "news" },
	{ "событие", "事件", "event" },
	{ "спам", "垃圾信息", "spam" },
	{ "прочее", "其他", "other" },
};
static const char *const sentiment_names[][LANGS] = {
	{ NULL, NULL, NULL },
	{ "негативная", "负面", "negative" },
	{ "нейтральная", "中性", "neutral" },
	{ "позитивная", "正面", "positive" },
};

struct page {
	struct arena *arena;
	enum lang lang;
	char *text;
	size_t len, cap;
};

static void put(struct page *p, const char *text)
{
	size_t len = strlen(text);

	if (p->len + len + 1 > p->cap) {
		char *old = p->text;

		p->cap = 2 * (p->len + len) + 4096;
		p->text = arena_alloc(p->arena, p->cap);
		if (p->len > 0)
			memcpy(p->text, old, p->len);
	}
	memcpy(p->text + p->len, text, len + 1);
	p->len += len;
}

/* What others wrote: never a tag, never an entity. */
static void put_escaped(struct page *p, const char *text)
{
	for (; *text != '\0'; text++) {
		char one[2] = { *text, '\0' };

		switch (*text) {
		case '<':
			put(p, "&lt;");
			break;
		case '>':
			put(p, "&gt;");
			break;
		case '&':
			put(p, "&amp;");
			break;
		case '"':
			put(p, "&quot;");
			break;
		default:
			put(p, one);
		}
	}
}

static void put_word(struct page *p, enum word word)
{
	put(p, words[word][p->lang]);
}

static void put_number(struct page *p, int64_t n)
{
	put(p, arena_printf(p->arena, "<td class=n>%" PRId64 "</td>", n));
}

static void put_hours(struct page *p, int64_t us)
{
	put(p, arena_printf(p->arena, "<td class=n>%.1f</td>",
			    (double)us / (double)US_PER_HOUR));
}

static void put_head(struct page *p, enum word title, const enum word *columns,
		     size_t n)
{
	put(p, "<h2>");
	put_word(p, title);
	put(p, "</h2><table><tr><th></th>");
	for (size_t i = 0; i < n; i++) {
		put(p, "<th class=n>");
		put_word(p, columns[i]);
		put(p, "</th>");
	}
	put(p, "</tr>");
}

static const char *name_of(const struct page *p, const char *code,
			   const char *const (*names)[LANGS], size_t names_nr)
{
	size_t n = 0;

	if (names == NULL)
		return code[0] != '\0' ? code : words[W_NONE][p->lang];
	for (const char *c = code; *c >= '0' && *c <= '9'; c++)
		n = 10 * n + (size_t)(*c - '0');
	return n > 0 && n < names_nr ? names[n][p->lang]
				     : words[W_NONE][p->lang];
}

static void put_lines(struct page *p, enum word title,
		      Sy__V1__DigestLine *const *lines, size_t n,
		      const char *const (*names)[LANGS], size_t names_nr)
{
	static const enum word columns[] = { W_MENTIONS, W_USUAL, W_REACH };

	if (n == 0)
		return;
	put_head(p, title, columns, 3);
	for (size_t i = 0; i < n; i++) {
		put(p, "<tr><td>");
		put_escaped(p, name_of(p, lines[i]->code, names, names_nr));
		put(p, "</td>");
		put_number(p, lines[i]->mentions);
		put_number(p, lines[i]->usual);
		put_number(p, lines[i]->reach);
		put(p, "</tr>");
	}
	put(p, "</table>");
}

static void put_clusters(struct page *p, const Sy__V1__Digest *d)
{
	static const enum word columns[] = { W_MENTIONS, W_AUTHORS, W_REACH };

	if (d->n_clusters == 0)
		return;
	put_head(p, W_CLUSTERS, columns, 3);
	for (size_t i = 0; i < d->n_clusters; i++) {
		const Sy__V1__DigestCluster *c = d->clusters[i];

		put(p, "<tr><td>");
		put_escaped(p, c->text[0] != '\0' ? c->text : c->topic);
		put(p, "</td>");
		put_number(p, (int64_t)c->mentions);
		put_number(p, (int64_t)c->authors);
		put_number(p, (int64_t)c->reach);
		put(p, "</tr>");
	}
	put(p, "</table>");
}

static void put_times(struct page *p, const Sy__V1__Digest *d)
{
	static const enum word columns[] = { W_MET, W_BREACHED, W_RUNNING,
					     W_MEDIAN, W_P90 };

	put_head(p, W_TIMES, columns, 5);
	for (size_t i = 0; i < d->n_times; i++) {
		const Sy__V1__DigestTimes *t = d->times[i];

		put(p, "<tr><td>");
		put_escaped(p, t->clock);
		put(p, "</td>");
		put_number(p, (int64_t)t->met);
		put_number(p, (int64_t)t->breached);
		put_number(p, (int64_t)t->running);
		put_hours(p, t->median_us);
		put_hours(p, t->p90_us);
		put(p, "</tr>");
	}
	put(p, "</table>");
}

static void put_spikes(struct page *p, const Sy__V1__Digest *d)
{
	static const enum word columns[] = { W_MENTIONS, W_EXPECTED };

	if (d->n_spikes == 0)
		return;
	put_head(p, W_SPIKES, columns, 2);
	for (size_t i = 0; i < d->n_spikes; i++) {
		put(p, "<tr><td>");
		put_escaped(p, d->spikes[i]->code);
		put(p, "</td>");
		put_number(p, d->spikes[i]->observed);
		put(p, arena_printf(p->arena, "<td class=n>%.1f</td></tr>",
				    d->spikes[i]->expected));
	}
	put(p, "</table>");
}

static void put_gaps(struct page *p, const Sy__V1__Digest *d)
{
	static const enum word columns[] = { W_HOURS };

	if (d->n_gaps == 0)
		return;
	put_head(p, W_GAPS, columns, 1);
	for (size_t i = 0; i < d->n_gaps; i++) {
		const Sy__V1__SourceGap *g = d->gaps[i];

		put(p, "<tr><td>");
		put_escaped(p, g->source);
		put(p, "</td>");
		put_hours(p, (g->to_us != 0 ? g->to_us : d->made_at_us) -
				     g->from_us);
		put(p, "</tr>");
	}
	put(p, "</table>");
}

static enum lang lang_of(const char *lang)
{
	return strcmp(lang, "ru") == 0 ? RU : strcmp(lang, "zh") == 0 ? ZH : EN;
}

const char *digest_title(struct arena *arena, int32_t day, const char *lang)
{
	time_t at = (time_t)day * 86400;
	struct tm tm;

	gmtime_r(&at, &tm);
	return arena_printf(arena, "%s%s %04d-%02d-%02d",
			    words[W_DIGEST][lang_of(lang)],
			    lang_of(lang) == ZH ? "" : ",", tm.tm_year + 1900,
			    tm.tm_mon + 1, tm.tm_mday);
}

char *digest_html(struct arena *arena, const Sy__V1__Digest *d,
		  const char *lang)
{
	struct page p = { .arena = arena, .lang = lang_of(lang) };
	bool zh = p.lang == ZH;

	put(&p, "<!doctype html><html lang=");
	put(&p, lang);
	put(&p, "><meta charset=utf-8><title>");
	put(&p, digest_title(arena, d->day, lang));
	put(&p, "</title><style>body{font:14px sans-serif;max-width:52em;"
		"margin:1em auto;color:#222}table{border-collapse:collapse;"
		"width:100%}td,th{padding:.2em .6em;border-bottom:1px solid"
		" #ddd;text-align:left;overflow-wrap:anywhere}.n{text-align:"
		"right;white-space:nowrap}h2{font-size:1.1em;margin:1.4em 0"
		" .3em;break-after:avoid}tr{break-inside:avoid}</style><h1>");
	put(&p, digest_title(arena, d->day, lang));
	put(&p, "</h1>");
	if (d->provisional) {
		put(&p, "<p>");
		put_word(&p, W_PROVISIONAL);
		put(&p, "</p>");
	}
	put(&p, "<p>");
	put_word(&p, W_MENTIONS);
	put(&p, arena_printf(arena,
			     zh ? "：<b>%" PRId64 "</b>。"
				: ": <b>%" PRId64 "</b>. ",
			     d->mentions));
	put_word(&p, W_USUAL);
	put(&p, arena_printf(arena,
			     zh ? "：%" PRId64 "。</p>" : ": %" PRId64 ".</p>",
			     d->usual));
	put_spikes(&p, d);
	put_gaps(&p, d);
	put_lines(&p, W_CLASSES, d->classes, d->n_classes, class_names,
		  sizeof(class_names) / sizeof(class_names[0]));
	put_lines(&p, W_SENTIMENTS, d->sentiments, d->n_sentiments,
		  sentiment_names,
		  sizeof(sentiment_names) / sizeof(sentiment_names[0]));
	put_lines(&p, W_TOPICS, d->topics, d->n_topics, NULL, 0);
	put_lines(&p, W_SOURCES, d->sources, d->n_sources, NULL, 0);
	put_lines(&p, W_UNITS, d->units, d->n_units, NULL, 0);
	put_clusters(&p, d);
	put_times(&p, d);
	put(&p, "</html>\n");
	return p.text;
}
