/* notes.h -- what the directory does by itself about people, from time to time:
 * notes of what happened become events of the log, a signing key is made when
 * there is none, what ended long ago is deleted. */
#ifndef SUYUAN_DIRECTORY_NOTES_H
#define SUYUAN_DIRECTORY_NOTES_H

#include "directory.h"

int notes_open(struct notes **n_r, struct directory *dir, struct error *err);
/* Makes a key to sign with; its record is a change like any other, so a later
 * reading of the grants finds it. Nothing while one is being made. */
void notes_make_key(struct notes *n);
/* Starts nothing more; before the bus is drained. */
void notes_stop(struct notes *n);
void notes_close(struct notes **n);

#endif
