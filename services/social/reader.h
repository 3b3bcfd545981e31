/* reader.h -- what mentions are read with: word lists, names of offices.
 * reader.c loads and swaps them, understand.c asks. */
#ifndef SUYUAN_SOCIAL_READER_H
#define SUYUAN_SOCIAL_READER_H

#include "text/gazetteer.h"
#include "text/lexicon.h"
#include "understand.h"

struct reader {
	struct lexicon *lexicon;     /* NULL: none */
	struct gazetteer *gazetteer; /* NULL: no office has a name */
};

#endif
