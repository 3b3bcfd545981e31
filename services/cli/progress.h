/* progress.h -- how far a publisher is, on stderr: a line that is drawn anew on
 * a terminal, a plain line every two seconds elsewhere. */
#ifndef SUYUAN_CLI_PROGRESS_H
#define SUYUAN_CLI_PROGRESS_H

#include "pump.h"

struct progress *progress_open(void);
/* Call often; draws when it is time to. */
void progress_show(struct progress *p, const struct pump_progress *source,
		   const struct publisher_stats *stats, bool silent);
void progress_close(struct progress **p);

#endif
