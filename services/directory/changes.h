/* changes.h -- which fields of the records that it was asked about a put would
 * change: for people, before an import. */
#ifndef SUYUAN_DIRECTORY_CHANGES_H
#define SUYUAN_DIRECTORY_CHANGES_H

#include "arena.h"
#include "suyuan/v1/directory.pb-c.h"

/* Counts into the reply what after says otherwise than before, which is of the
 * same sort (NULL: there was none). What it adds lies in the arena. */
void changes_count(struct arena *arena, const Sy__V1__DirectoryRecord *before,
		   const Sy__V1__DirectoryRecord *after,
		   Sy__V1__CheckRecordsReply *reply);

#endif
