/* behind.c -- how far the followed logs are counted; for every answer. */
#include "kpi.h"

uint64_t links_behind(const struct kpi *kpi)
{
	uint64_t behind = 0;

	for (int i = 0; i < STREAMS_NR; i++)
		if (kpi->streams[i].consumer)
			behind += consumer_behind(kpi->streams[i].consumer);
	return behind;
}

const char *links_stuck(const struct kpi *kpi)
{
	const char *why = NULL;

	for (int i = 0; i < STREAMS_NR && !why; i++)
		if (kpi->streams[i].consumer)
			why = consumer_stuck(kpi->streams[i].consumer);
	return why;
}
