/* help.h -- what `suyuan help COMMAND` prints. */
#ifndef SUYUAN_CLI_HELP_H
#define SUYUAN_CLI_HELP_H

#include "methods.h"

#define HELP_COMMON                                                            \
	"\nall commands that reach a service:\n"                               \
	"  --endpoint SERVICE=ADDRESS  or SUYUAN_COMPLAINTS, "                 \
	"SUYUAN_DIRECTORY,\n"                                                  \
	"                     SUYUAN_KPI, SUYUAN_SOCIAL: tcp://host:port "     \
	"or\n"                                                                 \
	"                     tcp://host:first-last\n"                         \
	"  --key FILE         own key pair, or SUYUAN_KEY\n"                   \
	"  --registry FILE    keys of the services, or SUYUAN_REGISTRY\n"      \
	"  --env FILE         KEY=VALUE lines with these; .run/suyuan.env "    \
	"is\n"                                                                 \
	"                     read if it is there\n"                           \
	"  --wait SECONDS     for a service that does not answer (60)\n"

#define HELP_PUBLISH                                                           \
	"usage: suyuan publish appeals|mentions FILE|- [options]\n\n"          \
	"Sends the records of a file as events. After an interruption the "    \
	"same\n"                                                               \
	"command goes on where it stopped.\n\n"                                \
	"  --encoding NAME     of the file, where it is not UTF-8\n"           \
	"  --format csv|jsonl  by the file's name if it ends so\n"             \
	"  --map FILE          the mapping (services/cli/README.md); without " \
	"it\n"                                                                 \
	"                      columns are named as the fields of the "        \
	"request\n"                                                            \
	"  --publisher NAME    numbers of events live under it for ever; "     \
	"default:\n"                                                           \
	"                      file:HASH of mapping and content; needed for "  \
	"-\n"                                                                  \
	"  --rejects FILE      CSV of all rejected lines\n"                    \
	"  --rate N            events a second, 0 = no limit\n"                \
	"  --dry-run           only reads: says what would be sent, sends "    \
	"none\n"

#define HELP_TAIL                                                              \
	"usage: suyuan tail " STREAMS " [options]\n\n"                         \
	"One line an event: CloudEvents as JSON, or words on a terminal.\n\n"  \
	"  --shard N      only this one of the stream's shards\n"              \
	"  --from OFFSET  begin there; --from-start: at the beginning;\n"      \
	"                 default: what comes from now on\n"                   \
	"  --count N      end after N events\n"                                \
	"  --no-follow    end where the log ends now\n"                        \
	"  --json         JSON on a terminal too\n"

#define HELP_REPLAY                                                            \
	"usage: suyuan replay " STREAMS "\n"                                   \
	"                     [--out FILE | --check] [options]\n\n"            \
	"Every event of a stream from the first on, out of the archive and "   \
	"the database,\n"                                                      \
	"as CloudEvents, a line each; proves on the way that none is missing " \
	"or out of\n"                                                          \
	"order. Ends where the stream ends now, and with 1 if it is not "      \
	"whole.\n\n"                                                           \
	"  --out FILE     there; the same command goes on where the file "     \
	"ends, after\n"                                                        \
	"                 having proved that too\n"                            \
	"  --check        writes no events\n"                                  \
	"  --from PLACE   an offset, or a time: accepted then or later\n"      \
	"  --to PLACE     an offset, or a time: accepted before then\n"        \
	"  --shard N      only this one of the stream's shards\n"

#define HELP_QUERY                                                             \
	"usage: suyuan query METHOD [JSON|-] [options]\n\n"                    \
	"  --idempotency KEY  for methods that write; a random one if not "    \
	"given\n"                                                              \
	"  --timeout SECONDS  for the answer (10)\n"

#define HELP_METHODS                                                           \
	"usage: suyuan methods [METHOD]\n\n"                                   \
	"All methods, or one with the fields of its request and reply.\n"

#define HELP_IMPORT                                                            \
	"usage: suyuan import directory FILE... [options]\n\n"                 \
	"CSV files, known by their header: units, departments, terms, "        \
	"denominators,\n"                                                      \
	"principals, calendars, calendar days, employees, centres; of "        \
	"policies one file\n"                                                  \
	"for each sort: clocks, routes, repeats, remedies, outside appeals, "  \
	"notices,\n"                                                           \
	"reactions, spam. A column source is for people.\n\n"                  \
	"  --dry-run          says line by line what is wrong, changes "       \
	"nothing\n"                                                            \
	"  --encoding NAME    of the files, where it is not UTF-8: "           \
	"windows-1251,\n"                                                      \
	"                     GBK, UTF-16 ...\n"                               \
	"  --profile NAME     the files of deploy/profiles/NAME before the "   \
	"others\n"                                                             \
	"  --profiles DIR     where profiles are (deploy/profiles)\n"          \
	"  --ics FILE         days of the calendar --calendar CODE of "        \
	"--years 2026 or\n"                                                    \
	"                     2024-2026, after the files\n"                    \
	"  --publisher NAME   default: import:HASH of the content\n"           \
	"  --rejects FILE     CSV of all rejected lines\n"

#define HELP_EXPORT                                                            \
	"usage: suyuan export directory DIR\n\n"                               \
	"All records with all their versions, as CSV files that import takes " \
	"in any\n"                                                             \
	"order. Wants an admin or auditor who sees all.\n"

#define HELP_QUARANTINE                                                        \
	"usage: suyuan quarantine SERVICE [--stream STREAM] [--limit N]\n"     \
	"       suyuan quarantine SERVICE retry KEY --stream STREAM\n"         \
	"       suyuan quarantine SERVICE drop KEY --stream STREAM --offset "  \
	"N\n\n"                                                                \
	"Keys whose events the service could not apply, with what waits "      \
	"behind\n"                                                             \
	"them. retry: all of the key, in order; drop: gives up the event at "  \
	"the\n"                                                                \
	"offset, the key's first, and tries the rest. Both only ask for it: "  \
	"whoever\n"                                                            \
	"takes the shard does it within a second, and the key stays listed "   \
	"if it fails\n"                                                        \
	"again. Ends with 1 while there are any.\n"

#define HELP_READERS                                                           \
	"usage: suyuan readers SERVICE\n"                                      \
	"       suyuan readers SERVICE remove NAME [--force]\n\n"              \
	"Consumers of the service's log, with the events that they have not "  \
	"applied\n"                                                            \
	"yet. The log is kept for each, also for one that is dead (not seen "  \
	"for an\n"                                                             \
	"hour) until it is removed. One that was seen within the hour is "     \
	"removed with\n"                                                       \
	"--force only. Ends with 1 while one is dead.\n"

#define HELP_KEYS                                                              \
	"usage: suyuan keys make FILE          a pair; prints the public "     \
	"key\n"                                                                \
	"       suyuan keys make DIR NAME...   DIR/NAME.key, granted in "      \
	"DIR/registry, or\n"                                                   \
	"                                      --registry FILE; --sandbox: "   \
	"in that of\n"                                                         \
	"                                      the services\n"                 \
	"                 --sandbox: test keys; each NAME becomes a "          \
	"principal "                                                           \
	"that\n"                                                               \
	"                      publishes without effect, --unit UNIT: below "  \
	"it\n"                                                                 \
	"       suyuan keys list [REGISTRY]    principal, fingerprint, key\n"  \
	"       suyuan keys grant KEY NAME     the key is NAME's from now "    \
	"on; "                                                                 \
	"KEY is a\n"                                                           \
	"                                      public key or a file with it\n" \
	"       suyuan keys revoke WHAT...     all keys of a principal, or "   \
	"one by its\n"                                                         \
	"                                      fingerprint\n\n"                \
	"Services read the registry again within a second; from then on "      \
	"every\n"                                                              \
	"message of a revoked key is refused. What a principal may do stands " \
	"in the\n"                                                             \
	"directory (suyuan import directory principals.csv).\n"

#define HELP_LAG                                                               \
	"usage: suyuan lag [options]\n\n"                                      \
	"How far each consumer is behind each stream that it takes: events "   \
	"that\n"                                                               \
	"did not take effect yet, and how long the oldest of them is there.\n" \
	"Totals first, then every shard. Of a service that does not answer "   \
	"it says\n"                                                            \
	"what the owners of the streams know, and ends with 3. Wants the "     \
	"role consumer\n"                                                      \
	"for the streams.\n\n"                                                 \
	"  --json             one line of JSON\n"                              \
	"  --watch            again and again, --every SECONDS (2)\n"          \
	"  --max-events N     ends with 1 if a consumer is further behind\n"   \
	"  --max-seconds N    the same in time; 1 also if a shard cannot go "  \
	"on\n"                                                                 \
	"  --wait SECONDS     for a service that does not answer (5)\n"

#define HELP_INVITE                                                            \
	"usage: suyuan invite NAME\n\n"                                        \
	"Prints a code with which the person NAME sets a password, once, "     \
	"within\n"                                                             \
	"48 hours: PAGES/#/invite/CODE. It ends the codes made before.\n"

#define HELP_LOAD                                                              \
	"usage: suyuan load --units FILE [options]\n\n"                        \
	"Offers complaints made-up appeals, with their later facts, and says " \
	"what it\n"                                                            \
	"took: how many, how fast, and how long an event waited for its "      \
	"answer, from\n"                                                       \
	"the time at which it was due. They are appeals like others, unless "  \
	"the key is\n"                                                         \
	"that of a sandbox.\n\n"                                               \
	"  --units FILE     units.csv; to its offices\n"                       \
	"  --rate N         events a second, of all publishers; 0 = as fast "  \
	"as they\n"                                                            \
	"                   are acknowledged (0)\n"                            \
	"  --seconds N      nothing more is offered then (10, or no limit "    \
	"with --events)\n"                                                     \
	"  --events N       so many, of all publishers\n"                      \
	"  --publishers N   each with a connection and lanes of its own (1)\n" \
	"  --seed N         the same appeals again; default: new ones\n"       \
	"  --json           one line of JSON\n"

#define HELP_SIMULATE                                                          \
	"usage: suyuan simulate organisation --out DIR [--branches N] "        \
	"[--offices N] [--seed N]\n"                                           \
	"       suyuan simulate appeals --units FILE [--seed N] [--count N] "  \
	"[--rate N]\n"                                                         \
	"                 [--seconds N] [--from TIME | --base TIME] "          \
	"[--publisher NAME]\n"                                                 \
	"       suyuan simulate mentions the same: what is said about it\n"    \
	"       suyuan simulate totals [--seed N] --count N\n\n"               \
	"Appeal i is a function of seed and i alone, so totals are known "     \
	"before\n"                                                             \
	"anything is sent.\n\n"                                                \
	"  --count N      appeals; 0 = without end\n"                          \
	"  --rate N       events a second, 0 = no limit\n"                     \
	"  --seconds N    no new ones after this; 0 = no limit\n"              \
	"  --base TIME    the 30 days before it; default: now\n"               \
	"  --from TIME    the 30 days after it\n"

#define HELP_TRAIN                                                             \
	"usage: suyuan train FILE... [--from-service] [options]\n"             \
	"       suyuan train --report\n"                                       \
	"\n"                                                                   \
	"Learns from labelled texts what a mention is: CSV with a header, or " \
	".jsonl,\n"                                                            \
	"with text, and class, sentiment or topic, and perhaps lang (ru, zh, " \
	"en). Says\n"                                                          \
	"how good it is on texts that it had not seen, beside the model in "   \
	"use.\n"                                                               \
	"\n"                                                                   \
	"  --from-service  also what people corrected; wants the role "        \
	"handler\n"                                                            \
	"  --encoding NAME the files', where it is not UTF-8: windows-1251, "  \
	"GBK ...\n"                                                            \
	"  --out FILE      writes the model\n"                                 \
	"  --put           uploads it with its scores, as a version that can " \
	"be used;\n"                                                           \
	"                  wants the role admin\n"                             \
	"  --use           and uses it at once; back: suyuan query UseModel\n" \
	"  --note TEXT     said of the version, at most 63 bytes\n"            \
	"  --folds N       of the cross-validation, 2 to 10 (5)\n"             \
	"  --seed N        the same texts and seed make the same model (1)\n"  \
	"  --quiet         no progress\n"                                      \
	"  --report        the versions that there are, and their scores\n"

#endif
