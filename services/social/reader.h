/* reader.h -- what mentions are read with: word lists, the model in use, names
 * of offices. reader.c and model_setting.c load and swap them, understand.c
 * asks. */
#ifndef SUYUAN_SOCIAL_READER_H
#define SUYUAN_SOCIAL_READER_H

#include "text/gazetteer.h"
#include "text/lexicon.h"
#include "text/model.h"
#include "understand.h"

struct reader {
	struct lexicon *lexicon;     /* NULL: none */
	struct text_model *model;    /* in use; NULL: the word lists */
	uint32_t model_version;      /* 0: the word lists */
	struct gazetteer *gazetteer; /* NULL: no office has a name */
};

#endif
