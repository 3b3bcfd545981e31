/* lists.h -- what is asked of the directory. */
#ifndef SUYUAN_DIRECTORY_LISTS_H
#define SUYUAN_DIRECTORY_LISTS_H

#include "directory.h"

/* 0 = today. False: it is none, refused and answered. */
bool list_day(struct bus_request *req, int32_t day, int32_t *day_r);

/* 0 = fallback. False: more than max, refused and answered. */
bool list_limit(struct bus_request *req, uint32_t limit, uint32_t fallback,
		uint32_t max, uint32_t *limit_r);

void handle_search_units(struct bus_request *req);
void handle_get_unit(struct bus_request *req);
void handle_list_terms(struct bus_request *req);
void handle_list_departments(struct bus_request *req);
void handle_list_principals(struct bus_request *req);

/* lists_offices.c */
void handle_list_policies(struct bus_request *req);
void handle_list_calendars(struct bus_request *req);
void handle_get_calendar(struct bus_request *req);
void handle_list_employees(struct bus_request *req);
void handle_list_centres(struct bus_request *req);

/* versions.c */
void handle_get_record_versions(struct bus_request *req);
void handle_list_records(struct bus_request *req);

#endif
