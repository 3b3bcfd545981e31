/* lists.h -- the handlers of lists.c. */
#ifndef SUYUAN_DIRECTORY_LISTS_H
#define SUYUAN_DIRECTORY_LISTS_H

#include "directory.h"

/* 0 = today. False: it is none, refused and answered. */
bool list_day(struct bus_request *req, int32_t day, int32_t *day_r);

void handle_search_units(struct bus_request *req);
void handle_get_unit(struct bus_request *req);
void handle_list_terms(struct bus_request *req);
void handle_list_departments(struct bus_request *req);
void handle_list_principals(struct bus_request *req);

#endif
