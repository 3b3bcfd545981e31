/* sim_mentions.c -- see sim_mentions.h. Texts, people and links are made up; of
 * a template %s is an office as people of that language call it, %llu a number.
 */
#include "sim_mentions.h"

#include <stdio.h>
#include <string.h>

#include "sim.h"
#include "timeutil.h"

/* Each decision about a mention draws from a sequence of its own. */
enum salt {
	SALT_EVENT = 201,
	SALT_LANG,
	SALT_KIND,
	SALT_TEXT,
	SALT_OFFICE,
	SALT_NUMBER,
	SALT_SOURCE,
	SALT_AUTHOR,
	SALT_REACH,
	SALT_STORY,
	SALT_TWIST,
	SALT_EARLIER,
	SALT_DETAILS,
};

enum lang { RU, ZH, EN, LANGS_NR };
enum kind { CLAIM, QUESTION, PRAISE, NEWS, SPAM, KINDS_NR };

#define TEXTS_MAX 8
/* So many mentions in a row may tell the same story. */
#define STORY_LENGTH 400
#define AUTHORS 300000
/* An edit or a deletion is of one of so many before it. */
#define EARLIER 100

static const char *const texts[LANGS_NR][KINDS_NR][TEXTS_MAX] = {
	[RU] = {
		[CLAIM] = {
			"Опять очередь на час в %s, работает одно окно из пяти. Сколько можно?",
			"Посылка %llu лежит на сортировке две недели, в %s ничего не знают. Ужас!",
			"В %s потеряли мою бандероль. Сотрудница нахамила и отправила звонить на горячую линию.",
			"Извещение не принесли, посылку из %s вернули отправителю. Верните деньги!",
			"%s закрыто в рабочее время, объявления нет, телефон не отвечает.",
			"Пришла разбитая посылка, коробка вскрыта. %s, кто за это ответит?",
		},
		[QUESTION] = {
			"Подскажите, до скольки сегодня работает %s?",
			"Кто-нибудь получал посылки через %s? Сколько дней идёт доставка?",
			"Как узнать, где посылка %llu? Трек не обновляется. %s",
		},
		[PRAISE] = {
			"Спасибо девушкам из %s! Всё нашли за пять минут, очень вежливые.",
			"Неожиданно быстро: из Владивостока до %s за четыре дня. Молодцы, рекомендую.",
			"После ремонта в %s стало отлично: светло, электронная очередь, приветливый персонал.",
		},
		[NEWS] = {
			"В %s после капитального ремонта открыли зал обслуживания, сообщает пресс-служба.",
			"Почта изменит график работы отделений в праздничные дни, в их числе %s.",
		},
		[SPAM] = {
			"Заработок на дому от %llu рублей в день! Пиши в личку, переходи по ссылке https://example.com/%llu",
			"Займ онлайн без отказа за 5 минут, ставка 0%%! https://example.com/%llu",
		},
	},
	[ZH] = {
		[CLAIM] = {
			"%s又排队一个多小时，只开了一个窗口，服务太差了！",
			"快递%llu在%s放了两个星期没人管，客服电话一直打不通，必须投诉。",
			"%s把我的包裹弄丢了，工作人员态度恶劣，要求赔偿。",
			"包裹送到%s已经破损，里面的东西少了，太失望了。",
		},
		[QUESTION] = {
			"请问%s今天几点下班？周末可以取件吗？",
			"单号%llu怎么查不到物流？有人知道%s的电话吗？",
		},
		[PRAISE] = {
			"%s的工作人员非常热情，办理很快，点赞！",
			"从北京寄到%s只用了三天，包装完好，很满意。",
		},
		[NEWS] = {
			"据报道，%s新营业厅今日正式启用，方便周边居民办理业务。",
		},
		[SPAM] = {
			"兼职日结%llu元，在家就能做，加微信了解详情 https://example.com/%llu",
			"低息贷款，秒批到账，点击链接领取 https://example.com/%llu",
		},
	},
	[EN] = {
		[CLAIM] = {
			"An hour in the queue at %s again, one window open out of five. Terrible service.",
			"My parcel %llu has been stuck at %s for two weeks and nobody answers the phone.",
			"%s lost my letter and the clerk was rude about it. I want a refund.",
			"The parcel came to %s damaged and half empty. Never again.",
		},
		[QUESTION] = {
			"Does anybody know how late %s is open today?",
			"How do I find parcel %llu? The tracking page has not changed for days. %s",
		},
		[PRAISE] = {
			"Thanks to the staff of %s, quick and friendly as always!",
			"Four days door to door, picked up at %s without a queue. Great job.",
		},
		[NEWS] = {
			"%s reopens after renovation with more windows, the press office said.",
		},
		[SPAM] = {
			"Earn %llu a day from home, click https://example.com/%llu now",
		},
	},
};

/* What else is told of it; of so many nobody tells the same. */
#define DETAILS_NR 40
static const char *const details[LANGS_NR][DETAILS_NR] = {
	[RU] = {
		"стоял с ребёнком на руках",
		"на улице дождь",
		"пришлось идти пешком через весь район",
		"брат ездил туда вчера",
		"соседка говорит то же самое",
		"в обеденный перерыв",
		"утром до работы",
		"вечером после семи",
		"это уже третий раз за месяц",
		"бабушка ждала пенсию",
		"талон номер восемь",
		"терминал не работал",
		"наличных не было",
		"в посылке были лекарства",
		"заказывал подарок на юбилей",
		"фотографии приложу",
		"писал в чат поддержки",
		"кондиционер сломан",
		"парковки рядом нет",
		"адрес указан верно",
		"паспорт был с собой",
		"ждали с начала ноября",
		"отправляли из Казани",
		"везли через Екатеринбург",
		"коробка весила четыре килограмма",
		"номер телефона в извещении старый",
		"пандус для коляски есть",
		"лампочка у входа мигает",
		"дверь тугая",
		"расписание висит за стеклом",
		"в приложении другое",
		"оплатил картой",
		"сдачу дали мелочью",
		"марки красивые",
		"конверт купил там же",
		"журнал за октябрь так и не пришёл",
		"дача у нас рядом",
		"переехали сюда весной",
		"раньше было иначе",
		"сын учится в соседнем доме",
	},
	[ZH] = {
		"当时外面下着大雨",
		"我妈妈一个人去的",
		"从公司走过去二十分钟",
		"昨天下午三点左右",
		"里面是给孩子的书",
		"身份证也带了",
		"地址写得很清楚",
		"上个月也去过一次",
		"停车位不好找",
		"门口正在修路",
		"空调坏了很热",
		"自助机器没有开",
		"排在我前面有八个人",
		"寄的是家乡特产",
		"同事推荐过来的",
		"手机上显示已签收",
		"换了新的取件码",
		"保安让我等一会儿",
		"中午没有人换班",
		"箱子重四公斤",
		"用微信付的钱",
		"邮票很好看",
		"顺便买了信封",
		"老人听不太清楚",
		"电梯停用了",
		"周一人特别多",
		"从杭州发过来的",
		"经过武汉中转",
		"搬家以后第一次",
		"孩子学校就在旁边",
		"照片我稍后发",
		"填了两遍单子",
		"打印机没有纸了",
		"楼下小店也代收",
		"报纸十月的还没来",
		"轮椅可以直接进去",
		"灯一直在闪",
		"椅子不够坐",
		"公告贴在玻璃后面",
		"以前不是这样的",
	},
	[EN] = {
		"it was raining outside",
		"I had my child with me",
		"my brother went there yesterday",
		"the neighbour says the same",
		"during the lunch break",
		"before work in the morning",
		"third time this month",
		"ticket number eight",
		"the terminal was down",
		"no cash left either",
		"there was medicine inside",
		"a present for my aunt",
		"pictures will follow",
		"wrote to the chat as well",
		"no parking nearby",
		"the address was right",
		"had my passport with me",
		"waiting since early November",
		"sent from Leeds",
		"it went through Hamburg",
		"the box weighed four kilos",
		"an old phone number on the slip",
		"there is a ramp for prams",
		"the lamp at the door flickers",
		"the timetable hangs behind glass",
		"the app says otherwise",
		"paid by card",
		"got the change in coins",
		"nice stamps by the way",
		"bought the envelope there",
		"the October issue never came",
		"we moved here in spring",
		"it used to be different",
		"my son goes to school next door",
		"the lift was out of order",
		"filled in the form twice",
		"the printer had no paper",
		"not enough chairs",
		"Mondays are the worst",
		"a colleague told me about it",
	},
};

/* What a copy has before it, and behind it. */
static const char *const before[] = { "",         "",      "",     "RT ",
				      "Репост: ", "转发 ", "FYI: " };
static const char *const behind[] = { "",        "",   " !!!", " 😡", " (с)",
				      " #почта", " …", " 转",  " +1" };

static const struct {
	const char *name;
	unsigned per_mille;
} sources[LANGS_NR][4] = {
	[RU] = { { "vk", 500 },
		 { "ok", 200 },
		 { "telegram", 200 },
		 { "2gis.ru", 100 } },
	[ZH] = { { "weibo", 700 },
		 { "zhihu", 150 },
		 { "tieba", 100 },
		 { "news.example.cn", 50 } },
	[EN] = { { "x", 500 },
		 { "facebook", 300 },
		 { "reddit", 150 },
		 { "example.org", 50 } },
};

enum event { NEW, EDIT, DELETE };

#define NR(list) (sizeof(list) / sizeof((list)[0]))

static uint64_t chance(const struct sim_mentions *s, uint64_t i, enum salt salt)
{
	return sim_hash(sim_hash(i, s->seed + 7), salt);
}

static enum event event_at(const struct sim_mentions *s, uint64_t i)
{
	uint64_t at = chance(s, i, SALT_EVENT) % 1000;

	if (i < EARLIER || at >= 30)
		return NEW;
	return at < 20 ? EDIT : DELETE;
}

/* The new one that an edit or a deletion is about. */
static uint64_t earlier(const struct sim_mentions *s, uint64_t i)
{
	i -= 1 + chance(s, i, SALT_EARLIER) % EARLIER;
	while (event_at(s, i) != NEW)
		i--;
	return i;
}

static enum kind kind_of(uint64_t chance)
{
	static const unsigned per_mille[KINDS_NR] = { 470, 180, 150, 60, 140 };
	uint64_t at = chance % 1000;
	int kind = 0;

	while (at >= per_mille[kind])
		at -= per_mille[kind++];
	return (enum kind)kind;
}

static enum lang lang_of(uint64_t chance)
{
	return chance % 100 < 55 ? RU : chance % 100 < 90 ? ZH : EN;
}

static const char *source_of(enum lang lang, uint64_t chance)
{
	unsigned at = (unsigned)(chance % 1000), n = 0;

	while (at >= sources[lang][n].per_mille)
		at -= sources[lang][n++].per_mille;
	return sources[lang][n].name;
}

static void office_name(const struct sim_mentions *s, enum lang lang,
			uint64_t chance, char name[64])
{
	static const char *const called[LANGS_NR] = { "ОПС %s", "邮局 %s",
						      "Post office %s" };
	/* codes are "o" and the postal code */
	const char *code = s->offices->codes[chance % s->offices->n] + 1;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(name, 64, called[lang], code);
#pragma GCC diagnostic pop
}

/* A template with its office and number in whatever order it has them. */
static void fill(char *to, size_t size, const char *template,
		 const char *office, uint64_t number)
{
	size_t len = 0;

	for (const char *p = template; *p && len + 1 < size;) {
		int n;

		if (strncmp(p, "%s", 2) == 0) {
			n = snprintf(to + len, size - len, "%s", office);
			p += 2;
		} else if (strncmp(p, "%llu", 4) == 0) {
			n = snprintf(to + len, size - len, "%llu",
				     (unsigned long long)number);
			p += 4;
		} else if (strncmp(p, "%%", 2) == 0) {
			n = snprintf(to + len, size - len, "%%");
			p += 2;
		} else {
			n = snprintf(to + len, size - len, "%c", *p++);
		}
		len += (size_t)n;
	}
}

/* A story has three to eight of them; advertising is the same each time. */
static void add_details(const struct sim_mentions *s, enum lang lang,
			uint64_t story, char *to, size_t size)
{
	uint64_t draw = chance(s, story, SALT_DETAILS);
	size_t len = strlen(to), n = 3 + draw % 6;

	for (size_t i = 0; i < n && len < size; i++) {
		draw = sim_hash(draw, SALT_DETAILS);
		len += (size_t)snprintf(to + len, size - len,
					lang == ZH ? "%s，" : " %s,",
					details[lang][draw % DETAILS_NR]);
	}
}

/* story: whose text it is; i: whose copy of it. */
static enum lang set_text(struct sim_mentions *s, uint64_t story, uint64_t i)
{
	enum lang lang = lang_of(chance(s, story, SALT_LANG));
	enum kind kind = kind_of(chance(s, story, SALT_KIND));
	const char *const *list = texts[lang][kind];
	char office[64], body[900];
	uint64_t twist = chance(s, i, SALT_TWIST);
	size_t n = 1; /* there is one of each kind */

	while (n < TEXTS_MAX && list[n])
		n++;
	office_name(s, lang, chance(s, story, SALT_OFFICE), office);
	/* advertising differs in its links */
	fill(body, sizeof(body), list[chance(s, story, SALT_TEXT) % n], office,
	     chance(s, kind == SPAM ? i : story, SALT_NUMBER) % 100000000);
	if (kind != SPAM)
		add_details(s, lang, story, body, sizeof(body));
	if (story == i)
		snprintf(s->text, sizeof(s->text), "%s", body);
	else
		snprintf(s->text, sizeof(s->text), "%s%s%s",
			 before[twist % NR(before)], body,
			 behind[(twist >> 8) % NR(behind)]);
	return lang;
}

/* Of each stretch the first mention is a story; a tenth of the others repeat
 * it, in each twentieth stretch nearly half. */
static uint64_t story_of(const struct sim_mentions *s, uint64_t i)
{
	uint64_t first = i / STORY_LENGTH * STORY_LENGTH;
	uint64_t share = chance(s, first, SALT_STORY) % 20 == 0 ? 450 : 100;

	return chance(s, i, SALT_STORY) % 1000 < share ? first : i;
}

static void name(struct sim_mentions *s, uint64_t i, enum lang lang,
		 char **source_r, char **external_id_r)
{
	*source_r = (char *)source_of(lang, chance(s, i, SALT_SOURCE));
	snprintf(s->external_id, sizeof(s->external_id), "s%llu-%lld-%llu",
		 (unsigned long long)s->seed,
		 (long long)(s->from_us / US_PER_S), (unsigned long long)i);
	*external_id_r = s->external_id;
	snprintf(s->key, sizeof(s->key), "%s/%s", *source_r, s->external_id);
}

static const ProtobufCMessage *make_put(struct sim_mentions *s, uint64_t i,
					bool edited)
{
	Sy__V1__PutMentionRequest *m = &s->request.put;
	enum lang lang;

	sy__v1__put_mention_request__init(m);
	lang = set_text(s, story_of(s, i), i);
	name(s, i, lang, &m->source, &m->external_id);
	if (edited)
		strncat(s->text, " (upd)",
			sizeof(s->text) - strlen(s->text) - 1);
	snprintf(s->author, sizeof(s->author), "user%llu",
		 (unsigned long long)(chance(s, i, SALT_AUTHOR) % AUTHORS));
	snprintf(s->url, sizeof(s->url), "https://%s.example/%s", m->source,
		 s->external_id);
	m->url = s->url;
	m->author = s->author;
	m->text = s->text;
	m->published_at_us = s->from_us + (int64_t)i * s->every_us;
	/* few are read by many */
	m->reach = 10 + (1u << (chance(s, i, SALT_REACH) % 16));
	return &m->base;
}

void sim_mention(struct sim_mentions *s, uint64_t i, struct pump_event *event_r)
{
	enum event event = event_at(s, i);
	uint64_t of = event == NEW ? i : earlier(s, i);
	int64_t at_us = s->from_us + (int64_t)i * s->every_us;

	*event_r = (struct pump_event){ .type = "PutMention",
					.key = s->key,
					.occurred_at_us = at_us };
	event_r->payload = make_put(s, of, event == EDIT);
	if (event == EDIT)
		s->request.put.edited_at_us = at_us;
	if (event != DELETE)
		return;
	event_r->type = "DeleteMention";
	event_r->payload = &s->request.deleted.base;
	sy__v1__delete_mention_request__init(&s->request.deleted);
	name(s, of, lang_of(chance(s, story_of(s, of), SALT_LANG)),
	     &s->request.deleted.source, &s->request.deleted.external_id);
}
