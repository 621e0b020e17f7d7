/* SPDX-License-Identifier: MIT */
#include "emu/subject/subject.h"
#include "tests/subjects/access_code.h"

static uint32_t boots; /* a port has state, too */

static enum ffa_status boot(const char *options)
{
	(void)options;
	boots++;
	access_boot();
	return FFA_OK;
}

#define LOGGED(function)                             \
	static void run_##function(void)             \
	{                                            \
		subject_log(0, "value", function()); \
	}

LOGGED(access_atomics)
LOGGED(access_own)
LOGGED(access_reread)
LOGGED(access_await)

static const struct subject_bare bare[ACCESS_COUNT] = {
        [ACCESS_VOLATILE] = {"volatile", access_volatile},
        [ACCESS_ATOMICS] = {"atomics", run_access_atomics},
        [ACCESS_PLAIN] = {"plain", access_plain},
        [ACCESS_OWN] = {"own", run_access_own},
        [ACCESS_COPY] = {"copy", access_copy},
        [ACCESS_REREAD] = {"reread", run_access_reread},
        [ACCESS_CHANGE] = {"change", access_change},
        [ACCESS_AWAIT] = {"await", run_access_await},
        [ACCESS_RAISE] = {"raise", access_raise},
};

const struct subject_entries subject_entries = {
        .name = "access", .boot = boot, .bare = bare, .bare_count = ACCESS_COUNT};
