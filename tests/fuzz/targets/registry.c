/* registry.c -- the files of keys: the registry and a key pair. */
#include <string.h>

#include "../lib/fuzz.h"
#include "bus/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file(data, size);
	struct registry *reg;
	struct bus_key key;
	struct error err = { "" };
	char z85[KEY_Z85_SIZE] = "";

	if (registry_open(&reg, NULL, path, &err) == 0) {
		const char *name;

		if (size >= sizeof(z85) - 1)
			memcpy(z85, data, sizeof(z85) - 1);
		name = registry_principal(reg, z85);
		if (name) {
			REQUIRE(*name && strlen(name) < PRINCIPAL_MAX);
			REQUIRE(registry_key(reg, name));
		}
		registry_close(&reg);
	} else {
		REQUIRE(err.text[0] && fuzz_utf8(err.text) && !reg);
	}
	if (key_load(path, &key, &err) == 0) {
		REQUIRE(strlen(key.public_z85) == KEY_Z85_SIZE - 1);
		REQUIRE(strlen(key.secret_z85) == KEY_Z85_SIZE - 1);
	}
	return 0;
}
