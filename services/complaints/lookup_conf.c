/* lookup_conf.c -- what a deployment says of look-ups, checked at the start. */
#include <sys/stat.h>

#include "complaints.h"

const struct conf_entry lookup_conf_entries[] = {
	{ .name = "SUYUAN_LOOKUP_HOSTS",
	  .type = CONF_STRING,
	  .offset = offsetof(struct complaints_conf, lookup.hosts),
	  .fallback = "",
	  .help = "hosts that look-ups may ask: host, host:port; private "
		  "addresses: 10.1.0.0/16; divided by commas, empty: none" },
	{ .name = "SUYUAN_LOOKUP_SECRETS_DIR",
	  .type = CONF_STRING,
	  .offset = offsetof(struct complaints_conf, lookup.secrets_dir),
	  .fallback = "",
	  .help = "folder with a folder a host: what look-ups send in headers "
		  "to it" },
	{ 0 },
};

int lookup_conf_check(const struct lookup_conf *conf,
		      struct outside_hosts *hosts_r, struct error *err)
{
	struct stat st;

	if (conf->secrets_dir[0] != '\0' &&
	    (stat(conf->secrets_dir, &st) < 0 || !S_ISDIR(st.st_mode)))
		return error_set(err, "SUYUAN_LOOKUP_SECRETS_DIR: not a "
				      "folder");
	return outside_hosts_read(conf->hosts, "SUYUAN_LOOKUP_HOSTS", hosts_r,
				  err);
}
