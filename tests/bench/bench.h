/* bench.h -- suyuan-bench: the smallest service there is, its consumer, its
 * load, and the limits beside them. Service and consumer use services/common
 * alone, and so prove that the common part knows no domain.
 *
 *	suyuan-bench serve	the service (environment as every service)
 *	suyuan-bench consume	a consumer with effects
 *	suyuan-bench load	publishes Put or RegisterAppeal, and measures
 *	suyuan-bench copy	COPY of the log's rows under the counter lock
 *	suyuan-bench insert	one row a transaction, at a rate
 */
#ifndef SUYUAN_BENCH_H
#define SUYUAN_BENCH_H

int bench_serve(void);
int bench_consume(void);
int bench_load(int argc, char **argv);
int bench_copy(int argc, char **argv);
int bench_insert(int argc, char **argv);

#endif
