/* bench.h -- suyuan-bench: the smallest service there is, its consumer, its
 *load, and the limits beside them. Uses services/common alone, and so proves
 *that the common part knows no domain.
 *
 *	suyuan-bench serve      the service       (environment as every service)
 *	suyuan-bench consume    a consumer with effects (SUYUAN_BENCH,
 *..._CONSUMER) suyuan-bench load       publishes and measures suyuan-bench copy
 *COPY of the same rows under the counter lock
 */
#ifndef SUYUAN_BENCH_H
#define SUYUAN_BENCH_H

int bench_serve(void);
int bench_consume(void);
int bench_load(int argc, char **argv);
int bench_copy(int argc, char **argv);

#endif
