/* SPDX-License-Identifier: MIT */
#include "sim/explore/crew.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct head {
	uint32_t message;
	uint32_t size;
};

static bool share_visited(struct sim_board *board, const struct sim_explore_options *options,
                          GError **error)
{
	uint64_t room = sim_explore_room_for_states(options);

	if (options->strategy != SIM_STRATEGY_STATEFUL ||
	    sim_visited_init_shared(&board->visited, room))
		return true;
	g_set_error(error, SIM_ERROR, SIM_ERROR_ENVIRONMENT,
	            "cannot reserve memory for %" G_GUINT64_FORMAT
	            " states: %s; --max-states or --memory asks for less",
	            room, g_strerror(errno));
	return false;
}

bool sim_crew_init(struct sim_crew *crew, const struct sim_host *host,
                   const struct sim_explore_options *options, unsigned count, GError **error)
{
	memset(crew, 0, sizeof *crew);
	crew->host = host;
	crew->options = *options;
	crew->count = CLAMP(count, 1, SIM_MAX_WORKERS);
	crew->board = sim_process_share(sizeof *crew->board, error);
	if (!crew->board || !share_visited(crew->board, options, error))
		return false;
	for (unsigned i = 0; i < crew->count; i++) {
		crew->workers[i].desk = sim_process_share(sizeof *crew->workers[i].desk, error);
		if (!crew->workers[i].desk)
			return false;
	}
	return true;
}

void sim_crew_fini(struct sim_crew *crew)
{
	for (unsigned i = 0; i < crew->count; i++) {
		struct sim_worker *worker = &crew->workers[i];

		if (worker->process.pid)
			sim_crew_end(worker, worker->busy);
		if (worker->desk)
			munmap(worker->desk, sizeof *worker->desk);
	}
	if (!crew->board)
		return;
	if (crew->board->visited.slots)
		sim_visited_fini(&crew->board->visited);
	munmap(crew->board, sizeof *crew->board);
}

/* What a new process begins with. */
struct beginning {
	const struct sim_crew *crew;
	struct sim_worker *worker;
};

static void become_worker(void *user, int fd)
{
	const struct beginning *beginning = user;
	const struct sim_crew *crew = beginning->crew;
	struct sim_worker *worker = beginning->worker;

	/* the others' ends are theirs: an open copy here would hide that they are closed */
	for (unsigned i = 0; i < crew->count; i++)
		if (crew->workers[i].process.pid)
			close(crew->workers[i].process.fd);
	worker->process.fd = fd;
	sim_crew_work(crew, worker);
}

bool sim_crew_start(struct sim_crew *crew, struct sim_worker *worker, GError **error)
{
	struct beginning beginning = {.crew = crew, .worker = worker};

	/* most of it was never touched */
	madvise(worker->desk, sizeof *worker->desk, MADV_REMOVE);
	worker->busy = false;
	return sim_process_start(&worker->process, become_worker, &beginning, error);
}

void sim_crew_end(struct sim_worker *worker, bool kill_it)
{
	sim_process_end(&worker->process, kill_it);
	worker->busy = false;
}

bool sim_crew_send(struct sim_worker *worker, enum sim_crew_message message, const void *bytes,
                   size_t size)
{
	const struct head head = {.message = message, .size = (uint32_t)size};

	return sim_process_write(&worker->process, &head, sizeof head) &&
	       sim_process_write(&worker->process, bytes, size);
}

enum sim_wait sim_crew_receive(struct sim_worker *worker, struct sim_watch *watch,
                               enum sim_crew_message *ret_message, GBytes **ret_bytes)
{
	g_autofree char *data = NULL;
	struct head head;
	enum sim_wait wait = sim_process_read(&worker->process, watch, &head, sizeof head);

	if (wait == SIM_WAIT_READY && head.size > SIM_MAX_REPORT_SIZE)
		wait = SIM_WAIT_GONE;
	if (wait != SIM_WAIT_READY)
		return wait;
	data = g_malloc(head.size + 1);
	wait = sim_process_read(&worker->process, watch, data, head.size);
	if (wait != SIM_WAIT_READY)
		return wait;
	data[head.size] = '\0';
	*ret_message = (enum sim_crew_message)head.message;
	*ret_bytes = g_bytes_new_take(g_steal_pointer(&data), head.size);
	return SIM_WAIT_READY;
}

void sim_told_clear(struct sim_told *told)
{
	sim_part_free(told->part);
	sim_part_free(told->deaths);
	g_free(told->position);
	g_free(told->gift);
	g_clear_pointer(&told->log, g_bytes_unref);
	*told = (struct sim_told){0};
}

/* False: there is one, and it is wrong. */
static bool read_position(struct json_object *object, const char *key,
                          struct sim_position **ret_position)
{
	struct json_object *value = NULL;

	*ret_position = NULL;
	if (!json_object_object_get_ex(object, key, &value) || !value)
		return true;
	*ret_position = g_new0(struct sim_position, 1);
	return sim_position_from_json(value, *ret_position, NULL);
}

/* JSON, a zero, hashes. */
bool sim_told_read(GBytes *bytes, struct sim_told *ret_told)
{
	gsize size;
	const char *text = g_bytes_get_data(bytes, &size);
	gsize length = strlen(text) + 1;
	struct json_object *object = json_tokener_parse(text), *part = NULL, *deaths = NULL;

	*ret_told = (struct sim_told){0};
	if (json_object_object_get_ex(object, "part", &part))
		ret_told->part = sim_part_from_json(part, NULL);
	if (json_object_object_get_ex(object, "deaths", &deaths))
		ret_told->deaths = sim_part_from_json(deaths, NULL);
	if (!ret_told->part || !ret_told->deaths ||
	    !read_position(object, "position", &ret_told->position) ||
	    !read_position(object, "gift", &ret_told->gift))
		sim_told_clear(ret_told);
	if (length < size)
		ret_told->log = g_bytes_new_from_bytes(bytes, length, size - length);
	json_object_put(object);
	return ret_told->part;
}
