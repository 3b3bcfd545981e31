/* timeutil.c -- clocks, and times and days as text. */
#include "timeutil.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static int64_t clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

int64_t time_now_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

int64_t time_monotonic_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

char *time_format_us(int64_t us, char *buf)
{
	int64_t fraction = us % US_PER_S;
	time_t seconds = us / US_PER_S;
	struct tm tm;
	size_t n;

	if (fraction < 0) {
		fraction += US_PER_S;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	/* strftime writes years of more than four digits too. */
	n = strftime(buf, TIME_TEXT_MAX, "%04Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, TIME_TEXT_MAX - n, ".%06dZ", (int)fraction);
	return buf;
}

/* Takes exactly n digits, at most 9. */
static int take_number(const char **p, int n, int *v_r)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		char c = (*p)[i];

		if (c < '0' || c > '9')
			return -1;
		v = v * 10 + (c - '0');
	}
	*p += n;
	*v_r = v;
	return 0;
}

static int take_char(const char **p, char c)
{
	if (**p != c)
		return -1;
	(*p)++;
	return 0;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* "2025-03-14" into tm's date. */
static int take_date(const char **p, struct tm *tm)
{
	int year, month, day;

	if (take_number(p, 4, &year) < 0 || take_char(p, '-') < 0 ||
	    take_number(p, 2, &month) < 0 || take_char(p, '-') < 0 ||
	    take_number(p, 2, &day) < 0)
		return -1;
	if (month < 1 || month > 12 || day < 1 ||
	    day > days_in_month(year, month))
		return -1;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	return 0;
}

/* "05:20:00"; 60 is a leap second, which UTC counts as the next one. */
static int take_clock(const char **p, struct tm *tm)
{
	if (take_number(p, 2, &tm->tm_hour) < 0 || take_char(p, ':') < 0 ||
	    take_number(p, 2, &tm->tm_min) < 0 || take_char(p, ':') < 0 ||
	    take_number(p, 2, &tm->tm_sec) < 0)
		return -1;
	return tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 60 ? -1 : 0;
}

/* ".123"; what is finer than a microsecond is cut off. */
static int take_fraction(const char **p, int64_t *us_r)
{
	int64_t us = 0, unit = US_PER_S / 10;
	int digit;

	*us_r = 0;
	if (**p != '.')
		return 0;
	(*p)++;
	if (take_number(p, 1, &digit) < 0)
		return -1;
	do {
		us += digit * unit;
		unit /= 10;
	} while (take_number(p, 1, &digit) == 0);
	*us_r = us;
	return 0;
}

/* "Z" or "+03:00". */
static int take_offset(const char **p, int *seconds_r)
{
	int hours, minutes, sign = **p == '-' ? -1 : 1;

	*seconds_r = 0;
	if (**p == 'Z' || **p == 'z') {
		(*p)++;
		return 0;
	}
	if (**p != '+' && **p != '-')
		return -1;
	(*p)++;
	if (take_number(p, 2, &hours) < 0 || take_char(p, ':') < 0 ||
	    take_number(p, 2, &minutes) < 0 || hours > 23 || minutes > 59)
		return -1;
	*seconds_r = sign * (hours * 3600 + minutes * 60);
	return 0;
}

int time_parse_us(const char *text, int64_t *us_r)
{
	const char *p = text;
	struct tm tm = { 0 };
	int64_t fraction;
	int offset;

	if (take_date(&p, &tm) < 0)
		return -1;
	if (*p != 'T' && *p != 't' && *p != ' ')
		return -1;
	p++;
	if (take_clock(&p, &tm) < 0 || take_fraction(&p, &fraction) < 0 ||
	    take_offset(&p, &offset) < 0 || *p != '\0')
		return -1;
	*us_r = ((int64_t)timegm(&tm) - offset) * US_PER_S + fraction;
	return 0;
}

char *day_format(int32_t day, char *buf)
{
	time_t seconds = (time_t)day * 86400;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(buf, 16, "%04Y-%m-%d", &tm);
	return buf;
}

int day_parse(const char *text, int32_t *day_r)
{
	const char *p = text;
	struct tm tm = { 0 };

	if (take_date(&p, &tm) < 0 || *p != '\0')
		return -1;
	*day_r = (int32_t)(timegm(&tm) / 86400);
	return 0;
}
