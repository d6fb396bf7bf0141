#include "src/place.h"

#include "cdp/base/auto.h"
#include "cdp/base/error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const char *chosen;

void place_setup(const char *data_dir)
{
	const char *env = getenv("GABBAI_DATA_DIR");

	chosen = data_dir ? data_dir : env && *env ? env : NULL;
}

/* All folders of PATH. */
static bool make_folders(char *path, struct error *err)
{
	for (char *p = path + 1;; p++) {
		const char c = *p;
		if (c && c != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return fail_system(err, "making the folder %s", path);
		*p = c;
		if (!c)
			return true;
	}
}

static char *in_folder(char *folder, const char *name, struct error *err)
{
	AUTO(text) char *own = folder;

	return make_folders(own, err) ? xasprintf("%s/%s", own, name) : NULL;
}

static char *xdg(const char *variable, const char *below_home)
{
	const char *base = getenv(variable), *home = getenv("HOME");

	if (base && *base == '/')
		return xasprintf("%s/gabbai", base);
	return xasprintf("%s/%s/gabbai", home ? home : "", below_home);
}

char *place_of_data(const char *name, struct error *err)
{
	return in_folder(chosen ? xstrdup(chosen) : xdg("XDG_DATA_HOME", ".local/share"), name, err);
}

char *place_of_state(const char *name, struct error *err)
{
	return in_folder(chosen ? xstrdup(chosen) : xdg("XDG_STATE_HOME", ".local/state"), name, err);
}

char *place_of_config(const char *name, struct error *err)
{
	return in_folder(xdg("XDG_CONFIG_HOME", ".config"), name, err);
}
