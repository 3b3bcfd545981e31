/* unload LIBSUYUAN KEY SERVER_KEY -- a host program whose plug-in uses
 * libsuyuan: loads it by hand, publishes, closes it and unloads it; the thread
 * ends after that. Nobody listens at the endpoint. Prints "ended". */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <suyuan.h>

static char **args;

static void *symbol(void *lib, const char *name)
{
	void *found = dlsym(lib, name);

	if (!found) {
		fprintf(stderr, "%s: %s\n", name, dlerror());
		exit(1);
	}
	return found;
}

static void *plug_in(void *unused)
{
	void *lib = dlopen(args[1], RTLD_NOW | RTLD_LOCAL);
	struct suyuan_options o = SUYUAN_OPTIONS;
	const struct suyuan_field fields[] = { { "kind", "complaint" },
					       { NULL, NULL } };
	const struct suyuan_event event = { .type = "RegisterAppeal",
					    .key = "1",
					    .occurred_at_us = 1,
					    .fields = fields };
	struct suyuan *s;
	char why[256];

	if (!lib) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	o.endpoint = "tcp://127.0.0.1:1";
	o.key_file = args[2];
	o.server_key = args[3];
	o.publisher = "plug-in";
	__typeof__(&suyuan_open) begin_it = symbol(lib, "suyuan_open");
	__typeof__(&suyuan_publish) publish_it = symbol(lib, "suyuan_publish");
	__typeof__(&suyuan_close) end_it = symbol(lib, "suyuan_close");
	if (begin_it(&s, &o, why, sizeof(why)) != SUYUAN_OK) {
		fprintf(stderr, "%s\n", why);
		exit(1);
	}
	if (publish_it(s, &event, SUYUAN_NOW, NULL) != SUYUAN_OK)
		exit(1);
	end_it(&s);
	dlclose(lib);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	args = argv;
	if (argc != 4 || pthread_create(&thread, NULL, plug_in, NULL) != 0 ||
	    pthread_join(thread, NULL) != 0)
		return 1;
	puts("ended");
	return 0;
}
