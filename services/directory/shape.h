/* shape.h -- between shape.c and shape_offices.c: the sorts of records that do
 * not stand in shape.c. In normal form, in the arena; NULL when refused.
 */
#ifndef SUYUAN_DIRECTORY_SHAPE_H
#define SUYUAN_DIRECTORY_SHAPE_H

#include "catalog.h"
#include "dir/shape.h"

Sy__V1__Calendar *normal_calendar(struct arena *arena,
				  const Sy__V1__Calendar *in,
				  struct shape_fault *r);
Sy__V1__CalendarDay *normal_calendar_day(struct arena *arena,
					 const Sy__V1__CalendarDay *in,
					 struct shape_fault *r);
Sy__V1__Employee *normal_employee(struct arena *arena,
				  const Sy__V1__Employee *in,
				  struct shape_fault *r);
Sy__V1__Centre *normal_centre(struct arena *arena, const Sy__V1__Centre *in,
			      struct shape_fault *r);

#endif
