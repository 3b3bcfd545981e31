/* trouble.c -- why no replica of a service is reached, so that whoever set it
 * up need not guess: each cause has another cure. */
#include <stdio.h>
#include <string.h>

#include "bus/client_internal.h"
#include "log.h"
#include "timeutil.h"

/* A service that restarts is no trouble. */
#define TELL_AFTER_US (3 * US_PER_S)

static void words(const struct dialled *d, char text_r[BUS_TROUBLE_SIZE])
{
	char fingerprint[KEY_FINGERPRINT_SIZE];

	text_r[0] = '\0';
	switch (d->trouble) {
	case DIAL_FINE:
		break;
	case DIAL_NOBODY:
		snprintf(text_r, BUS_TROUBLE_SIZE, "nobody answers at %s",
			 d->endpoint);
		break;
	case DIAL_BUSY:
		snprintf(text_r, BUS_TROUBLE_SIZE, "%s takes nothing now: %s",
			 d->endpoint, d->busy);
		break;
	case DIAL_NO_CURVE:
		snprintf(text_r, BUS_TROUBLE_SIZE,
			 "%s completes no handshake: its process stands "
			 "still, or the key that is given here for the "
			 "service is not its own",
			 d->endpoint);
		break;
	case DIAL_REFUSED:
		key_fingerprint(d->client->key.public_z85, fingerprint);
		snprintf(text_r, BUS_TROUBLE_SIZE,
			 "%s refuses the key %s: no line of its registry "
			 "grants it",
			 d->endpoint, fingerprint);
		break;
	}
}

/* Once until it is another trouble or none. That nobody answers is expected of
 * some addresses of a range. */
void dialled_failed(struct dialled *d, enum dial_trouble trouble)
{
	bool tells = trouble != d->trouble && trouble > DIAL_BUSY;
	char text[BUS_TROUBLE_SIZE];

	d->trouble = trouble;
	if (!tells)
		return;
	words(d, text);
	log_warn("%s", text);
}

static const struct dialled *worst_of(const struct bus_client *client)
{
	const struct dialled *worst = NULL;

	for (int i = 0; i < client->replicas_nr; i++) {
		const struct dialled *d = client->replicas[i];

		if (d && (!worst || d->trouble > worst->trouble))
			worst = d;
	}
	return worst;
}

void bus_client_trouble(const struct bus_client *client,
			char text_r[BUS_TROUBLE_SIZE])
{
	const struct dialled *worst = worst_of(client);

	text_r[0] = '\0';
	if (bus_client_alive(client) > 0)
		return;
	if (worst && worst->trouble != DIAL_FINE)
		words(worst, text_r);
	else if (client->unresolved)
		snprintf(text_r, BUS_TROUBLE_SIZE, "cannot resolve %.150s: %s",
			 client->host, uv_strerror(client->unresolved));
}

void trouble_tick(struct bus_client *client, int64_t now_us)
{
	const struct dialled *worst = worst_of(client);
	char text[BUS_TROUBLE_SIZE];

	if (bus_client_alive(client) > 0) {
		client->unreached_us = 0;
		client->unreached_told = false;
		return;
	}
	if (client->unreached_us == 0)
		client->unreached_us = now_us;
	if (client->unreached_told ||
	    now_us - client->unreached_us < TELL_AFTER_US)
		return;
	bus_client_trouble(client, text);
	if (!text[0])
		return;
	client->unreached_told = true;
	if (!worst || worst->trouble <= DIAL_BUSY) /* else it was told */
		log_warn("%s", text);
}
