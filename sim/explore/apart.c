/* SPDX-License-Identifier: MIT */
#include "sim/explore/apart.h"

#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/error.h"
#include "sim/base/stream.h"

struct call {
	sim_apart_fn *fn;
	void *user;
};

static int answer_fd = -1; /* in the function's process */

_Noreturn void sim_apart_answer(GBytes *bytes)
{
	gsize size;
	const uint8_t *data = g_bytes_get_data(bytes, &size);

	_exit(sim_write_all(answer_fd, data, size) ? 0 : 1);
}

static void run_call(void *user, int fd)
{
	const struct call *call = user;

	answer_fd = fd;
	sim_apart_answer(call->fn(call->user));
}

/* Reads until the stream ends. */
static enum sim_wait read_answer(struct sim_process *process, struct sim_watch *watch,
                                 GByteArray *bytes)
{
	uint8_t buffer[65536];
	enum sim_wait wait;
	size_t got;

	do {
		wait = sim_process_read_some(process, watch, buffer, sizeof buffer, &got);
		g_byte_array_append(bytes, buffer, (guint)got);
	} while (wait == SIM_WAIT_READY && got);
	return wait;
}

static bool is_whole(const struct sim_process *process, const GByteArray *bytes)
{
	return WIFEXITED(process->status) && WEXITSTATUS(process->status) == 0 && bytes->len;
}

static void collect(struct sim_process *process, struct sim_watch *watch,
                    struct sim_apart *ret_apart)
{
	GByteArray *bytes = g_byte_array_new();
	enum sim_wait wait = read_answer(process, watch, bytes);

	sim_process_end(process, wait != SIM_WAIT_READY);
	ret_apart->end = wait == SIM_WAIT_STOPPED                             ? SIM_APART_STOPPED
	                 : wait == SIM_WAIT_READY && is_whole(process, bytes) ? SIM_APART_DONE
	                                                                      : SIM_APART_DIED;
	if (ret_apart->end == SIM_APART_DIED)
		sim_process_death(process, &ret_apart->death);
	if (ret_apart->end == SIM_APART_DONE)
		ret_apart->bytes = g_byte_array_free_to_bytes(bytes);
	else
		g_byte_array_unref(bytes);
}

static bool is_to_be_tried_again(const struct sim_apart *apart, struct sim_watch *watch)
{
	return apart->end == SIM_APART_DIED && apart->death.blame == SIM_BLAME_ENVIRONMENT &&
	       !sim_watch_is_stopped(watch) && !sim_watch_is_late(watch);
}

bool sim_apart_run(sim_apart_fn *fn, void *user, struct sim_watch *watch,
                   struct sim_apart *ret_apart, GError **error)
{
	struct call call = {.fn = fn, .user = user};
	struct sim_process process;
	unsigned tries = 0;

	do {
		if (tries)
			sim_apart_clear(ret_apart);
		*ret_apart = (struct sim_apart){.end = SIM_APART_DONE};
		if (!sim_process_start(&process, run_call, &call, error))
			return false;
		collect(&process, watch, ret_apart);
	} while (is_to_be_tried_again(ret_apart, watch) && ++tries < SIM_PROCESS_TRIES);
	return true;
}

void sim_apart_clear(struct sim_apart *apart)
{
	g_clear_pointer(&apart->bytes, g_bytes_unref);
	g_clear_pointer(&apart->death.text, g_free);
}

bool sim_apart_check(const struct sim_apart *apart, GError **error)
{
	if (apart->end == SIM_APART_DIED && apart->death.blame != SIM_BLAME_SUBJECT)
		g_set_error_literal(error, SIM_ERROR,
		                    apart->death.blame == SIM_BLAME_ENVIRONMENT
		                            ? SIM_ERROR_ENVIRONMENT
		                            : SIM_ERROR_BUG,
		                    apart->death.text);
	return apart->end == SIM_APART_DONE ||
	       (apart->end == SIM_APART_DIED && apart->death.blame == SIM_BLAME_SUBJECT);
}
